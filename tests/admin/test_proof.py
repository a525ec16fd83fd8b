"""How long a session lasts, what ends it, and what asks anew who somebody is."""

import time
from typing import Any

import pytest
from django.conf import LazySettings
from django.contrib.auth import get_user
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from events.models import ParticipantGroup
from paddock.accounts.gates import DESTRUCTIVE
from paddock.accounts.models import User
from paddock.accounts.second_factor import make_secret, set_up
from paddock.tenancy.models import Membership
from paddock.tenancy.scope import organization_scope
from tests.admin.stage import Tenant, page, sign_in
from tests.admin.test_permissions import CASES, find_addresses
from tests.support import single_sign_on
from tests.support.codes import show_code
from tests.support.factories import IdentityProviderFactory, MembershipFactory

PASSWORD = "correct horse battery"
PROOF = "/admin/prove-again/"
HOUR = 3600


def move(client: Client, **seconds: float) -> Client:
    """As if that was so long ago."""
    session = client.session
    for name, ago in seconds.items():
        session[name] = time.time() - ago
    session.save()
    return client


def is_in(client: Client) -> bool:
    return get_user(client).is_authenticated


class TestLifetime:
    @pytest.mark.parametrize(
        ("signed_in_at", "seen_at", "address", "lasts"),
        [
            (11.9 * HOUR, 0, "/admin/", True),
            (12.1 * HOUR, 0, "/admin/", False),
            (12.1 * HOUR, 0, "/", False),
            (5 * HOUR, 1.9 * HOUR, "/admin/", True),
            (5 * HOUR, 2.1 * HOUR, "/admin/", False),
            (5 * HOUR, 2.1 * HOUR, "/", True),
        ],
    )
    def test_hours(self, signed_in_at: float, seen_at: float, address: str, lasts: bool, contoso: Tenant) -> None:
        client = move(sign_in("owner", contoso.organization), signed_in_at=signed_in_at, seen_at=seen_at)
        client.get(address)
        assert is_in(client) == lasts

    def test_the_door_says_why(self, contoso: Tenant) -> None:
        client = move(sign_in("owner", contoso.organization), seen_at=3 * HOUR)
        content = client.get("/admin/", follow=True).content.decode()
        assert "nothing had happened for 120 minutes. Sign in to go on." in content

    def test_a_page_that_looks_by_itself_keeps_nobody_in(self, contoso: Tenant) -> None:
        client = move(sign_in("owner", contoso.organization), seen_at=HOUR)
        client.get("/admin/", headers={"HX-Request": "true"})
        assert time.time() - client.session["seen_at"] > HOUR / 2
        client.get("/admin/")
        assert time.time() - client.session["seen_at"] < HOUR / 2

    def test_signing_out_everywhere(self, contoso: Tenant) -> None:
        client, other = sign_in("owner", contoso.organization), Client()
        other.force_login(User.objects.get(pk=client.session["_auth_user_id"]))
        stranger = sign_in("owner", contoso.organization)
        assert "Sign out everywhere" in client.get("/admin/").content.decode()
        assert "on every device" in client.get("/admin/sign-out-everywhere/").content.decode()
        assert is_in(other)
        client.post("/admin/sign-out-everywhere/")
        assert [is_in(each) for each in (client, other, stranger)] == [False, False, True]

    @pytest.mark.parametrize("change", ["inactive", "password"])
    def test_what_ends_all_of_somebody_s_sessions(self, change: str, contoso: Tenant) -> None:
        client = sign_in("owner", contoso.organization)
        user, operator = User.objects.get(pk=client.session["_auth_user_id"]), sign_in("operator")
        if change == "password":
            form = {"usable_password": "true", "password1": PASSWORD, "password2": PASSWORD}
            operator.post(f"/admin/accounts/user/{user.pk}/password/", form)
        else:
            for active in ({}, {"is_active": "on"}):
                operator.post(page(user), {"email": user.email} | active)
        user.refresh_from_db()
        assert user.is_active
        assert not is_in(client)


class TestProof:
    @pytest.fixture
    def owner(self, contoso: Tenant) -> Client:
        user = User.objects.create_user("ann@example.com", PASSWORD)
        with organization_scope(contoso.organization.pk):
            MembershipFactory(user=user, role="owner")
        client = Client()
        client.force_login(user)
        return client

    @pytest.mark.parametrize("role", ["owner", "operator", "outsider"])
    def test_all_that_is_destructive_asks_and_nothing_else_does(
        self, role: str, contoso: Tenant, fabrikam: Tenant
    ) -> None:
        """By address. What does not ask is shown by somebody to whom no page opens: theirs is the same gate."""
        addresses = find_addresses(contoso)
        outside = role == "outsider"
        client = move(sign_in("viewer") if outside else sign_in(role, contoso.organization), proved_at=HOUR)
        opened = [name for name, _, lookers, _ in CASES if outside or (name in DESTRUCTIVE and role in lookers)]
        asked = {name for name in opened if client.get(addresses[name]).headers.get("Location", "").startswith(PROOF)}
        assert asked == DESTRUCTIVE & set(opened)
        assert len(asked) > 10

    def test_a_proof_leads_back_and_lasts_a_while(self, owner: Client, contoso: Tenant) -> None:
        address = page(contoso.rows[Membership], "delete")
        move(owner, proved_at=HOUR)
        proof = owner.get(address).url
        assert "This is not your password" in owner.post(proof, {"password": "wrong"}).content.decode()
        assert owner.get(address).status_code == 302
        assert owner.post(proof, {"password": PASSWORD}).url == address
        assert owner.get(address).status_code == 200
        move(owner, proved_at=14 * 60)
        assert owner.get(address).status_code == 200

    @pytest.mark.parametrize("kind", ["form", "list", "dialog"])
    def test_what_is_sent_too_late_does_nothing_and_says_so(self, kind: str, owner: Client, contoso: Tenant) -> None:
        group = contoso.rows[ParticipantGroup]
        sent: dict[str, Any] = {"post": "yes", "audit_reason": "Left"}
        match kind:
            case "list":
                address, sent = page(group.__class__, "changelist"), {"action": "delete_selected", **sent}
                sent["_selected_action"] = [group.pk]
            case _:
                address = page(contoso.rows[Membership], "delete")
        headers = {"Referer": f"http://testserver{page(group)}"}
        if kind == "dialog":
            headers = {"HX-Request": "true", "HX-Current-URL": headers["Referer"]}
        move(owner, proved_at=HOUR)
        answer = owner.post(address, sent, headers=headers)
        where = answer.headers.get("HX-Redirect") or answer.headers["Location"]
        assert where == f"{PROOF}?next={page(group).replace('/', '%2F')}"
        assert "Nothing was done yet" in owner.get(where).content.decode()
        with organization_scope(contoso.organization.pk):
            assert Membership.objects.filter(pk=contoso.rows[Membership].pk).exists()
            assert ParticipantGroup.objects.filter(pk=group.pk).exists()

    @pytest.mark.parametrize(
        ("told", "path"),
        [
            *(("", "/admin/"), ("http://[broken/", "/admin/"), ("https://elsewhere.example//x", "/admin/")),
            ("https://elsewhere.example/x", "/x"),
        ],
    )
    def test_where_somebody_came_from_leads_to_a_page_of_ours(
        self, told: str, path: str, owner: Client, contoso: Tenant
    ) -> None:
        move(owner, proved_at=HOUR)
        answer = owner.post(page(contoso.rows[Membership], "delete"), {"post": "yes"}, headers={"Referer": told})
        assert answer.headers["Location"] == f"{PROOF}?next={path.replace('/', '%2F')}"

    def test_an_operator_shows_both(self, db: None) -> None:
        operator, client = User.objects.create_superuser("op@paddock.example", PASSWORD), Client()
        secret = make_secret()
        assert set_up(user=operator, secret=secret, code=show_code(secret))
        cache.clear()
        client.force_login(operator)
        move(client, proved_at=HOUR)
        for given in (
            {"password": PASSWORD},
            {"code": show_code(secret, ahead=1)},
            {"password": PASSWORD, "code": "0"},
        ):
            assert client.post(PROOF, given).status_code == 200
        answer = client.post(PROOF, {"password": PASSWORD, "code": show_code(secret)})
        assert answer.status_code == 302

    def test_passwords_cannot_be_guessed_there(self, owner: Client, settings: LazySettings) -> None:
        settings.SIGN_IN_RATE_PER_ADDRESS = "2/60"
        said = [owner.post(PROOF, {"password": word}).content.decode() for word in ("a", "b", PASSWORD)]
        assert "Too many tries" in said[2]

    @pytest.mark.parametrize("where", ["https://evil.example/", "//evil.example", "javascript:alert(1)"])
    def test_it_leads_nowhere_else(self, where: str, owner: Client) -> None:
        answer = owner.post(f"{PROOF}?next={where}", {"password": PASSWORD})
        assert answer.url == "/admin/"

    def test_single_sign_on_goes_there_once_more(self, contoso: Tenant) -> None:
        with organization_scope(contoso.organization.pk):
            provider = IdentityProviderFactory(domains=["contoso.example"])
        user = single_sign_on.join(provider, "sue@contoso.example")
        with organization_scope(contoso.organization.pk):
            MembershipFactory(user=user, role="owner")
        client = single_sign_on.sign_in(Client(), user)
        address = reverse("admin:events_event_bulk_end_event") + "?id=1"
        move(client, proved_at=0, single_sign_on_at=0)
        assert not client.get(address).headers.get("Location", "").startswith(PROOF)
        move(client, single_sign_on_at=HOUR)  # it has let them in without asking
        content = client.get(client.get(address).url).content.decode()
        assert f"/sign-in/contoso/{provider.key}/?next=" in content
        assert "again=yes" in content
        assert 'type="password"' not in content
        assert client.post(PROOF, {"password": PASSWORD}).status_code == 200
        assert client.get(address).status_code == 302
