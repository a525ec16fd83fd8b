"""Paddock's own pages around a sign-in: which provider, which organization, how often, and out again."""

import re

import pytest
from django.conf import LazySettings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import NoReverseMatch, reverse

from paddock.accounts.models import User
from paddock.outgoing import OutgoingSession, RefusedAddress
from paddock.public_addresses import is_public
from paddock.sso.identities import find_identity
from paddock.sso.models import IdentityProvider
from paddock.tenancy.scope import organization_scope
from tests.sso.crooked import CrookedProvider
from tests.sso.stage import HOST, connect, is_signed_in, open_browser, start
from tests.support.factories import MembershipFactory, OrganizationFactory
from tests.support.single_sign_on import join, sign_in

pytestmark = pytest.mark.django_db


def page_of(provider: IdentityProvider) -> str:
    return f"/sign-in/{provider.organization.slug}/"


def link_to(provider: IdentityProvider) -> str:
    return f"/sign-in/{provider.organization.slug}/{provider.key}/"


class TestChoosing:
    def test_one_provider_is_a_button(self, client: Client) -> None:
        provider, foreign = connect(), connect("Fabrikam")
        page = client.get(f"{page_of(provider)}?next=/e/contoso/cup/").content.decode()
        assert f'href="{link_to(provider)}?next=/e/contoso/cup/"' in page
        assert "Fabrikam" not in page
        assert foreign.key not in page

    def test_with_several_the_domain_decides(self, client: Client) -> None:
        provider = connect()
        second = connect("Contoso", provider.organization, name="Second", domains=["contoso.test", "c.example"])
        assert link_to(provider) not in client.get(page_of(provider)).content.decode()
        page = client.post(f"{page_of(provider)}?next=/x/", {"email": " Ann@C.example "}).content.decode()
        assert f"{link_to(second)}?next=/x/" in page
        assert link_to(provider) not in page
        answer = client.post(page_of(provider), {"email": "ann@elsewhere.example"})
        assert answer.status_code == 400
        assert "for addresses at elsewhere.example" in answer.content.decode()
        assert client.post(page_of(provider), {"email": "ann"}).status_code == 400

    def test_missing_hidden_and_foreign_look_the_same(self, client: Client) -> None:
        provider, foreign = connect(is_active=False), connect("Fabrikam")
        bare = OrganizationFactory()
        for address in (
            *(page_of(provider), link_to(provider), f"/sign-in/{bare.slug}/", "/sign-in/nobody/"),
            *(f"/sign-in/{bare.slug}/{foreign.key}/", f"/sign-in/nobody/{foreign.key}/"),
        ):
            assert client.get(address).status_code == 404, address

    def test_a_way_in_that_leads_elsewhere_is_dropped(self, client: Client) -> None:
        provider = connect()
        for way, stays in (("/good.example/", True), ("//good.example/", False), ("https://good.example/", False)):
            content = client.get(f"{page_of(provider)}?next={way}").content.decode()
            assert ("good.example" in content) == stays, way

    def test_people_begin_where_they_will_come_back(self, crooked: CrookedProvider, client: Client) -> None:
        provider = connect(issuer=crooked.issuer)
        answer = client.get(f"{link_to(provider)}?next=/x/")
        assert answer.url == f"http://{HOST}{link_to(provider)}?next=/x/"
        assert start(open_browser(), provider).startswith(crooked.issuer)

    def test_a_constant_number_of_queries(self, client: Client) -> None:
        provider, counts = connect(), set()
        for number in range(3):
            with CaptureQueriesContext(connection) as queries:
                client.get(page_of(provider))
            counts.add(len(queries))
            connect("Contoso", provider.organization, name=f"More {number}")
        assert len(counts) == 1


class TestDoor:
    def test_an_address_leads_to_the_organization(self, client: Client) -> None:
        provider, _ = connect(), connect("Fabrikam")
        answer = client.post("/sign-in/", {"email": "Ann@contoso.example", "next": "/admin/"})
        assert (answer.status_code, answer.url) == (302, f"{page_of(provider)}?next=%2Fadmin%2F")

    def test_nobody_is_sent_where_two_claim_the_domain(self, client: Client) -> None:
        connect()
        connect("Fabrikam", domains=["contoso.example"])
        for email in ("ann@contoso.example", "ann@nowhere.example"):
            answer = client.post("/sign-in/", {"email": email})
            assert answer.status_code == 400
            assert "We know no single sign-on" in answer.content.decode()

    def test_the_admin_offers_it(self, client: Client, settings: LazySettings) -> None:
        for password_sign_in in (True, False):
            settings.PASSWORD_SIGN_IN = password_sign_in
            page = client.get("/admin/login/?next=/admin/events/event/").content.decode()
            assert 'action="/sign-in/"' in page
            assert 'name="next" value="/admin/events/event/"' in page

    def test_whoever_has_no_role_is_told_so(self, client: Client) -> None:
        sign_in(client, join(connect(), "ann@contoso.example"))
        page = client.get("/admin/", follow=True).content.decode()
        assert "signed in as ann@contoso.example, but no organization has given you a role" in page

    @pytest.mark.parametrize(("claims", "name"), [({"name": "Ann Lee"}, "Ann Lee"), ({}, "ann@contoso.example")])
    def test_the_admin_calls_them_by_their_name(self, claims: dict[str, str], name: str, client: Client) -> None:
        provider = connect()
        user = join(provider, "ann@contoso.example", **claims)
        with organization_scope(provider.organization_id):
            MembershipFactory(user=user, role="viewer")
        menu = sign_in(client, user).get("/admin/").content.decode()
        assert re.search(rf">\s*{name}\s*<", menu)
        assert provider.key not in menu

    def test_of_allauth_nothing_else_is_reachable(self) -> None:
        for name in ("account_signup", "account_login", "account_email", "account_reset_password"):
            with pytest.raises(NoReverseMatch):
                reverse(name)
        for name in ("socialaccount_signup", "socialaccount_connections", "openid_connect_login", "saml_login"):
            with pytest.raises(NoReverseMatch):
                reverse(name)


class TestRates:
    def test_too_many_tries_from_one_place(self, crooked: CrookedProvider, settings: LazySettings) -> None:
        settings.SINGLE_SIGN_ON_RATE_PER_CLIENT = "2/60"
        provider, browser = connect(issuer=crooked.issuer), open_browser()
        answers = [browser.get(link_to(provider)) for _ in range(3)]
        assert [each.status_code for each in answers] == [302, 302, 429]
        assert 0 < int(answers[-1].headers["Retry-After"]) <= 61
        for path, data in ((f"/sso/saml/{provider.key}/acs/", {}), ("/sign-in/", {"email": "a@b.example"})):
            assert [browser.post(path, data).status_code for _ in range(3)][-1] == 429


class TestLeaving:
    def test_switched_off_everybody_is_out(self, client: Client) -> None:
        provider, foreign = connect(), connect("Fabrikam")
        user, other = join(provider, "ann@contoso.example"), join(foreign, "fay@fabrikam.example")
        mine, theirs = sign_in(client, user), sign_in(Client(), other)
        with organization_scope(provider.organization_id):
            IdentityProvider.objects.update(is_active=False)
        assert not mine.get("/admin/login/").context["user"].is_authenticated
        assert theirs.get("/admin/login/").context["user"].is_authenticated

    def test_local_accounts_sign_out_here(self, client: Client) -> None:
        operator = User.objects.create_superuser("operator@paddock.example")
        for address in ("/sign-out/", "/admin/logout/"):
            client.force_login(operator)
            page = client.post(address).content.decode()
            assert "You are signed out" in page
            assert "refresh" not in page
            assert not is_signed_in(client)

    def test_who_has_no_identity(self) -> None:
        user = join(connect(), "ann@contoso.example")
        local = User.objects.create_user("ann@contoso.example", "correct horse battery")
        assert find_identity(local) is None
        assert find_identity(None) is None
        assert find_identity(user)


class TestOutgoing:
    @pytest.mark.parametrize(
        ("address", "public"),
        [
            *(("93.184.216.34", True), ("2606:4700::1111", True)),
            *(("127.0.0.1", False), ("10.0.0.1", False), ("192.168.1.1", False), ("169.254.169.254", False)),
            *(("100.64.0.1", False), ("::1", False), ("fe80::1%eth0", False)),
            *(("::ffff:10.0.0.1", False), ("fd00::1", False), ("224.0.0.1", False)),
        ],
    )
    def test_which_addresses_are_public(self, address: str, public: bool) -> None:
        assert is_public(address) is public

    def test_private_addresses_and_plain_http_are_not_called(
        self, crooked: CrookedProvider, settings: LazySettings
    ) -> None:
        settings.PRIVATE_ADDRESSES_ALLOWED = False
        with OutgoingSession() as session, pytest.raises(OSError, match="Only https"):
            session.get(f"{crooked.issuer}/keys")
        secure = crooked.issuer.replace("http://", "https://")
        with OutgoingSession() as session, pytest.raises(OSError, match=RefusedAddress.__name__):
            session.get(f"{secure}/keys")
        assert crooked.asked == []

    def test_a_long_answer_is_not_read_to_its_end(self, crooked: CrookedProvider) -> None:
        crooked.user_info = {"sub": "x" * 2_000_000}
        with OutgoingSession() as session, pytest.raises(OSError, match="longer than 1 MB"):
            session.get(f"{crooked.issuer}/userinfo")
