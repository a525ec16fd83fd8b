"""Operators sign in with a password and a code; whoever has no code yet sets one up before anything else."""

import re

import pytest
from allauth.mfa.models import Authenticator
from django.conf import LazySettings
from django.contrib.auth import get_user
from django.core.cache import cache
from django.core.management import CommandError, call_command
from django.test import Client

from paddock.accounts.models import User
from paddock.accounts.second_factor import make_secret, set_up
from paddock.secrets import decrypt
from paddock.tenancy.scope import organization_scope
from tests.admin.stage import Tenant, enter_as_operator, sign_in
from tests.support.codes import show_code

PASSWORD = "correct horse battery"
CREDENTIALS = {"username": "op@paddock.example", "password": PASSWORD}
LOGIN, CODE, SET_UP = "/admin/login/", "/admin/second-factor/", "/admin/second-factor/set-up/"


@pytest.fixture(autouse=True)
def _as_in_production(settings: LazySettings) -> None:
    settings.PASSWORD_SIGN_IN, settings.OPERATOR_MFA_REQUIRED = False, True


@pytest.fixture
def operator(db: None) -> User:
    return User.objects.create_superuser("op@paddock.example", PASSWORD)


@pytest.fixture
def secret(operator: User) -> str:
    """Of an operator who has set one up, long enough ago for its codes to be fresh ones."""
    secret = make_secret()
    assert set_up(user=operator, secret=secret, code=show_code(secret))
    cache.clear()
    return secret


def is_in(client: Client) -> bool:
    return get_user(client).is_authenticated


def enter_password(client: Client) -> str:
    answer = client.post(LOGIN, CREDENTIALS)
    return str(answer.headers.get("Location", answer.content.decode()))


def enter_code(client: Client, code: str) -> str:
    return client.post(CODE, {"code": code}).content.decode()


def test_whoever_has_none_sets_one_up_before_anything_else(client: Client, operator: User, contoso: Tenant) -> None:
    assert enter_password(client) == "/admin/"
    for address in ("/admin/", "/admin/accounts/user/", "/admin/tenancy/operatorsession/add/"):
        assert client.get(address).url.startswith(SET_UP), address
        assert client.post(address).status_code == 302, address
    page = client.get(SET_UP).content.decode()
    secret = re.findall(r"<code>(\w+)</code>", page)[0]
    assert "<svg" in page
    assert "This is not the code" in client.post(SET_UP, {"code": "000000"}).content.decode()
    codes = re.findall(r"<code>(\d+)</code>", client.post(SET_UP, {"code": show_code(secret)}).content.decode())
    assert len(codes) == 10
    assert client.get("/admin/").status_code == 200
    assert client.get(SET_UP).url == "/admin/"
    assert enter_as_operator(client, contoso.organization).status_code == 302


@pytest.mark.parametrize("ahead", [0, 1])
def test_the_code_is_asked_for_and_nobody_is_in_before_it(ahead: int, client: Client, secret: str) -> None:
    assert enter_password(client).startswith(CODE)
    assert not is_in(client)
    assert client.get("/admin/").status_code == 302
    enter_code(client, show_code(secret, ahead=ahead))
    assert is_in(client)
    assert client.get("/admin/").status_code == 200


@pytest.mark.parametrize("code", ["", "000000", "12345678", "of words"])
def test_wrong_codes_open_nothing(code: str, client: Client, secret: str) -> None:
    enter_password(client)
    assert "Enter your code" in enter_code(client, code)
    assert not is_in(client)


def test_a_code_works_once(secret: str) -> None:
    code, clients = show_code(secret), [Client(), Client()]
    for client in clients:
        enter_password(client)
    said = [enter_code(client, code) for client in clients]
    assert [is_in(client) for client in clients] == [True, False]
    assert "was used before" in said[1]


def test_a_recovery_code_works_once(operator: User, secret: str) -> None:
    kept = Authenticator.objects.get(type="recovery_codes").wrap().generate_codes()[3]
    clients = [Client(), Client()]
    for client in clients:
        enter_password(client)
        enter_code(client, kept)
    assert [is_in(client) for client in clients] == [True, False]


def test_codes_cannot_be_guessed_for_long(client: Client, secret: str, settings: LazySettings) -> None:
    settings.SECOND_FACTOR_RATE = "4/60"
    enter_password(client)
    said = [enter_code(client, "000000") for _ in range(4)]
    assert ["is wrong" in each for each in said] == [True] * 4
    assert "Too many tries" in enter_code(client, show_code(secret))
    assert not is_in(client)


def test_a_password_that_is_old_is_asked_for_again(
    client: Client, operator: User, secret: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    enter_password(client)
    monkeypatch.setattr("paddock.accounts.door.PENDING_SECONDS", -1)
    assert client.post(CODE, {"code": show_code(secret)}).url.startswith(LOGIN)
    monkeypatch.undo()
    enter_password(client)
    operator.set_password("another horse battery")
    operator.save()
    assert client.post(CODE, {"code": show_code(secret)}).url.startswith(LOGIN)
    assert Client().get(CODE).url.startswith(LOGIN)


def test_a_session_without_the_code_leads_to_the_door(operator: User, secret: str) -> None:
    """However it came to be."""
    client = Client()
    client.force_login(operator)
    assert client.get("/admin/accounts/user/").url.startswith(LOGIN)
    assert not is_in(client)


def test_secrets_are_encrypted(secret: str) -> None:
    stored = {each.type: each.data for each in Authenticator.objects.all()}
    assert secret not in str(stored)
    assert decrypt(stored["totp"]["secret"]) == secret
    assert decrypt(stored["recovery_codes"]["seed"])


def test_a_lost_one_is_removed_from_the_command_line(client: Client, secret: str) -> None:
    enter_password(client)
    enter_code(client, show_code(secret))
    call_command("remove_second_factor", "OP@paddock.example")
    assert not Authenticator.objects.exists()
    assert not is_in(client)
    with pytest.raises(CommandError, match="no local account"):
        call_command("remove_second_factor", "nobody@paddock.example")


def test_another_operator_takes_a_lost_one_away(operator: User, secret: str, settings: LazySettings) -> None:
    settings.OPERATOR_MFA_REQUIRED = False
    mine = Client()
    enter_password(mine)
    enter_code(mine, show_code(secret))
    other = sign_in("operator")
    address = f"/admin/accounts/user/{operator.pk}/reset-second-factor/"
    other.post(address, {"_form_submitted": "on"})
    assert not Authenticator.objects.exists()
    assert not is_in(mine)


@pytest.mark.parametrize(
    ("allowed", "operates", "enters"), [(False, False, False), (True, False, True), (False, True, True)]
)
def test_passwords_are_operators_alone(
    allowed: bool, operates: bool, enters: bool, client: Client, contoso: Tenant, settings: LazySettings
) -> None:
    settings.PASSWORD_SIGN_IN = allowed
    user = User.objects.create_user("op@paddock.example", PASSWORD, is_superuser=operates)
    with organization_scope(contoso.organization.pk):
        user.memberships.create(role="viewer")
    said = enter_password(client)
    assert is_in(client) == enters
    assert enters or "do not belong together" in said
