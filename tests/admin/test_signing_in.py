"""The door of the admin: e-mail and password, where they are switched on."""

import pytest
from django.conf import LazySettings
from django.test import Client

from paddock.accounts.models import User
from paddock.tenancy.scope import organization_scope
from tests.admin.stage import Tenant
from tests.support.factories import MembershipFactory

PASSWORD = "correct horse battery"
LOGIN = "/admin/login/"


@pytest.fixture
def ann(contoso: Tenant) -> User:
    user = User.objects.create_user("ann@example.com", PASSWORD)
    with organization_scope(contoso.organization.pk):
        MembershipFactory(user=user)
    return user


def enter_password(client: Client, password: str = PASSWORD, email: str = "ann@example.com", **headers: str) -> int:
    answer = client.post(LOGIN, {"username": email, "password": password}, headers=headers)
    return int(answer.status_code)


@pytest.mark.parametrize("email", ["ann@example.com", " ANN@Example.com "])
def test_password_opens_the_pit_wall(email: str, client: Client, ann: User) -> None:
    answer = client.post(LOGIN, {"username": email, "password": PASSWORD})
    assert (answer.status_code, answer.url) == (302, "/admin/")
    assert "Contoso Racing" in client.get("/admin/").content.decode()


@pytest.mark.parametrize(
    ("email", "password", "sentence"),
    [
        ("ann@example.com", "wrong", "do not belong together"),
        ("nobody@example.com", PASSWORD, "do not belong together"),
        ("gone@example.com", PASSWORD, "do not belong together"),
        ("idle@example.com", PASSWORD, "works for no organization yet"),
    ],
)
def test_refusals_say_why(email: str, password: str, sentence: str, client: Client, ann: User) -> None:
    User.objects.create_user("gone@example.com", PASSWORD, is_active=False)
    User.objects.create_user("idle@example.com", PASSWORD)
    answer = client.post(LOGIN, {"username": email, "password": password})
    assert sentence in answer.content.decode()
    assert client.get("/admin/").status_code == 302


def test_switched_off_it_says_so(client: Client, ann: User, settings: LazySettings) -> None:
    settings.PASSWORD_SIGN_IN = False
    assert "for operators of this Paddock alone, with a password" in client.get(LOGIN).content.decode()
    assert enter_password(client) == 200
    assert client.get("/admin/").status_code == 302


class TestGuessing:
    def test_one_place_is_stopped(self, client: Client, ann: User, settings: LazySettings) -> None:
        settings.SIGN_IN_RATE_PER_CLIENT = "3/60"
        assert [enter_password(client, "wrong", f"{number}@example.com") for number in range(3)] == [200] * 3
        answer = client.post(LOGIN, {"username": "ann@example.com", "password": PASSWORD})
        assert answer.status_code == 429
        assert "Too many tries. Wait " in answer.content.decode()
        assert 0 < int(answer.headers["Retry-After"]) <= 61
        assert client.get("/admin/").status_code == 302

    def test_one_account_is_stopped_wherever_the_guesses_come_from(
        self, client: Client, ann: User, settings: LazySettings
    ) -> None:
        settings.SIGN_IN_RATE_PER_ADDRESS, settings.TRUSTED_PROXY_COUNT = "3/60", 1
        places = [f"198.51.100.{number}" for number in range(5)]
        tries = [enter_password(client, "wrong", **{"X-Forwarded-For": place}) for place in places]
        assert tries == [200, 200, 200, 429, 429]
        assert enter_password(client, email="other@example.com", **{"X-Forwarded-For": places[0]}) == 200

    def test_right_passwords_do_not_count(self, ann: User, settings: LazySettings) -> None:
        settings.SIGN_IN_RATE_PER_CLIENT = settings.SIGN_IN_RATE_PER_ADDRESS = "2/60"
        assert [enter_password(Client()) for _ in range(5)] == [302] * 5


@pytest.mark.parametrize("path", ["/admin/login/", "/admin/"])
def test_the_admin_has_a_policy_of_its_own(path: str, client: Client, ann: User) -> None:
    client.force_login(ann)
    policy = client.get(path).headers["Content-Security-Policy"]
    directives = dict(part.strip().split(" ", 1) for part in policy.split(";"))
    assert directives["script-src"] == "'self' 'unsafe-eval'"
    assert directives["style-src"] == "'self' 'unsafe-inline'"
    assert directives["frame-ancestors"] == directives["default-src"] == "'none'"
    assert "http" not in policy
    assert "*" not in policy


def test_everything_else_keeps_the_strict_policy(client: Client, contoso: Tenant) -> None:
    for path in ("/", f"/e/{contoso.organization.slug}/{contoso.event.slug}/", "/administration/"):
        assert "unsafe" not in client.get(path).headers["Content-Security-Policy"]
