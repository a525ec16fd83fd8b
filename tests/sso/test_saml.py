"""Sign-in by SAML: what is signed as it should be lets in, once; nothing else does."""

import base64
import time
import zlib
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
import requests
import xmlsec
from django.test import Client
from onelogin.saml2.constants import OneLogin_Saml2_Constants as Saml
from onelogin.saml2.utils import OneLogin_Saml2_Utils

from integrations.sandbox.sign_on.keys import SigningKey
from paddock.accounts.models import User
from paddock.sso.addresses import single_logout
from paddock.sso.connecting import describe_saml, fetch_metadata
from paddock.sso.identities import find_identity
from paddock.sso.models import IdentityProvider, UsedAssertion
from paddock.sso.refusals import NOT_PROVEN
from paddock.tenancy.scope import organization_scope
from tests.sso.stage import (
    answer_saml,
    connect,
    connect_saml,
    is_signed_in,
    open_browser,
    post_saml,
    read_query,
    sign,
    start,
)
from tests.support.sandbox import Sandbox

pytestmark = pytest.mark.django_db


def begin(browser: Client, provider: IdentityProvider, next_path: str = "/admin/") -> str:
    """The id of the request that a click on the button sends to the provider."""
    start(browser, provider, next_path)
    (asked,) = browser.session["socialaccount_states"]
    return str(asked)


def edit(response: str, old: str, new: str) -> str:
    text = base64.b64decode(response).decode()
    assert old in text
    return base64.b64encode(text.replace(old, new).encode()).decode()


def cut(response: str, begin: str, end: str) -> str:
    """Without everything from `begin` to `end`."""
    text = base64.b64decode(response).decode()
    head, _, rest = text.partition(begin)
    return base64.b64encode((head + rest.partition(end)[2]).encode()).decode()


def wrap(response: str) -> str:
    """A second assertion, of a person of one's own choice, before the signed one."""
    text = base64.b64decode(response).decode()
    head, tag, rest = text.partition("<saml:Assertion")
    signed = f"{tag}{rest}".replace("</samlp:Response>", "")
    forged = signed.replace(">p-1<", ">boss<")
    return base64.b64encode(f"{head}{forged}{signed}</samlp:Response>".encode()).decode()


Lie = Callable[[IdentityProvider, str, SigningKey, SigningKey], str]


def lie(**changes: Any) -> Lie:
    return lambda provider, asked, key, other: sign(answer_saml(provider, asked, **changes), key)


def forge(change: Callable[[str], str]) -> Lie:
    return lambda provider, asked, key, other: change(sign(answer_saml(provider, asked), key))


LIES: dict[str, Lie] = {
    "tampered": forge(lambda response: edit(response, "ann@contoso.example", "boss@contoso.example")),
    "another subject": forge(lambda response: edit(response, ">p-1<", ">boss<")),
    "unsigned": forge(lambda response: cut(response, "<ds:Signature", "</ds:Signature>")),
    "wrapped": forge(wrap),
    "signed by another key": lambda provider, asked, key, other: sign(answer_saml(provider, asked), other),
    "expired": lie(valid_until=datetime.now(UTC) - timedelta(hours=1)),
    "for another audience": lie(audience="https://other.example/metadata"),
    "for no audience": lie(audience=""),
    "of another issuer": lie(issuer="https://evil.example/metadata"),
    "for another address": lie(recipient="https://other.example/acs/"),
    "unsolicited": lambda provider, asked, key, other: sign(answer_saml(provider, ""), key),
    "an answer to a request of nobody": lambda provider, asked, key, other: sign(
        answer_saml(provider, "_made-up"), key
    ),
    "put under another request": lambda provider, asked, key, other: edit(
        sign(answer_saml(provider, "_stolen"), key),
        'acs/" InResponseTo="_stolen"><saml:Issuer>',
        f'acs/" InResponseTo="{asked}"><saml:Issuer>',
    ),
    "unsolicited, put under a request": lambda provider, asked, key, other: edit(
        sign(answer_saml(provider, ""), key), 'acs/"><saml:Issuer>', f'acs/" InResponseTo="{asked}"><saml:Issuer>'
    ),
    "with entities": forge(
        lambda response: base64.b64encode(
            b'<!DOCTYPE r [<!ENTITY e SYSTEM "file:///etc/passwd">]>' + base64.b64decode(response)
        ).decode()
    ),
    "not XML": lambda provider, asked, key, other: base64.b64encode(b"nonsense").decode(),
    "not base64": lambda provider, asked, key, other: "!",
    "nothing": lambda provider, asked, key, other: "",
    "a refusal of the provider": forge(lambda response: edit(response, "status:Success", "status:Responder")),
}


class TestAssertions:
    def test_the_truth_lets_in(self, key: SigningKey) -> None:
        provider, browser = connect_saml(key), open_browser()
        before = browser.session.session_key
        asked = begin(browser, provider, "/e/contoso/cup/")
        answer = post_saml(browser, provider, sign(answer_saml(provider, asked), key))
        assert (answer.status_code, answer.url) == (302, "/e/contoso/cup/")
        user = User.objects.get()
        assert browser.session["_auth_user_id"] == str(user.pk)
        assert browser.session.session_key != before
        identity = find_identity(user)
        assert identity
        assert (identity.subject, identity.email, identity.given_name, identity.family_name) == (
            *("p-1", "ann@contoso.example"),
            *("Ann", "Archer"),
        )

    @pytest.mark.parametrize("what", LIES)
    def test_refused(self, what: str, key: SigningKey, other_key: SigningKey) -> None:
        provider, browser = connect_saml(key), open_browser()
        asked = begin(browser, provider)
        answer = post_saml(browser, provider, LIES[what](provider, asked, key, other_key))
        assert answer.status_code == 403
        assert NOT_PROVEN in answer.content.decode()
        assert not is_signed_in(browser)
        assert not User.objects.exists()

    def test_an_answer_lets_in_once(self, key: SigningKey) -> None:
        provider, browser = connect_saml(key), open_browser()
        response = sign(answer_saml(provider, begin(browser, provider)), key)
        assert post_saml(browser, provider, response).status_code == 302
        browser.post("/sign-out/")
        for again in (browser, open_browser()):
            assert post_saml(again, provider, response).status_code == 403
            assert not is_signed_in(again)

    def test_an_assertion_lets_in_once_whatever_it_answers(self, key: SigningKey) -> None:
        """Even where a provider signed the same assertion for two requests."""
        provider, browser = connect_saml(key), open_browser()
        for expected in (302, 403):
            answer = answer_saml(provider, begin(browser, provider), assertion_id="_the-same")
            assert post_saml(browser, provider, sign(answer, key)).status_code == expected
            browser.post("/sign-out/")

    def test_whoever_must_show_anew_who_they_are_is_asked(self, key: SigningKey) -> None:
        provider, browser = connect_saml(key), open_browser()
        asked = begin(browser, provider)
        request = read_query(start(browser, provider, again="yes"))["SAMLRequest"]
        assert b'ForceAuthn="true"' in zlib.decompress(base64.b64decode(request), -15)
        post_saml(browser, provider, sign(answer_saml(provider, asked), key))
        assert abs(browser.session["single_sign_on_at"] - time.time()) < 300

    def test_used_assertions_are_forgotten_when_nobody_would_take_them(self, key: SigningKey) -> None:
        provider = connect_saml(key)
        with organization_scope(provider.organization_id):
            old = datetime.now(UTC) - timedelta(days=1)
            UsedAssertion.objects.create(provider=provider, digest="old", expires_at=old)
        browser = open_browser()
        post_saml(browser, provider, sign(answer_saml(provider, begin(browser, provider)), key))
        with organization_scope(provider.organization_id):
            assert not UsedAssertion.objects.filter(digest="old").exists()
            assert UsedAssertion.objects.count() == 1

    def test_an_answer_in_another_browser_or_for_another_provider(self, key: SigningKey) -> None:
        provider, browser = connect_saml(key), open_browser()
        foreign = connect_saml(key, "Fabrikam")
        response = sign(answer_saml(provider, begin(browser, provider)), key)
        assert post_saml(open_browser(), provider, response).status_code == 403
        assert post_saml(browser, foreign, response).status_code == 403
        assert not User.objects.exists()

    def test_any_of_the_provider_s_keys_may_sign(self, key: SigningKey, other_key: SigningKey) -> None:
        provider = connect_saml(key, certificates=[other_key.certificate_body, key.certificate_body])
        browser = open_browser()
        answer = post_saml(browser, provider, sign(answer_saml(provider, begin(browser, provider)), key))
        assert answer.status_code == 302

    @pytest.mark.parametrize(
        ("changes", "sentence"),
        [
            ({"attributes": {"email": ["gus@elsewhere.example"]}}, "lets nobody in with an address at elsewhere"),
            ({"attributes": {}}, "no verified e-mail address"),
            ({"name_id": "gus@elsewhere.example", "attributes": {}}, "lets nobody in"),
        ],
    )
    def test_people_who_do_not_belong(self, changes: dict[str, Any], sentence: str, key: SigningKey) -> None:
        provider, browser = connect_saml(key), open_browser()
        answer = answer_saml(provider, begin(browser, provider), **changes)
        refused = post_saml(browser, provider, sign(answer, key))
        assert refused.status_code == 403
        assert sentence in refused.content.decode()
        assert not User.objects.exists()

    def test_deactivated_or_of_the_other_protocol(self, key: SigningKey) -> None:
        provider, other = connect_saml(key), connect("Fabrikam")
        with organization_scope(provider.organization_id):
            IdentityProvider.objects.update(is_active=False)
        for each in (provider, other):
            answer = open_browser().post(f"/sso/saml/{each.key}/acs/", {"SAMLResponse": "x"})
            assert answer.status_code == 404

    def test_what_waits_between_the_two_requests_is_out_of_reach(self, key: SigningKey) -> None:
        browser, provider = open_browser(), connect_saml(key)
        answer = browser.post(f"/sso/saml/{provider.key}/acs/", {"SAMLResponse": "x"})
        cookie = answer.cookies["saml-acs-session"]
        assert cookie["httponly"]
        assert (cookie["samesite"], cookie["path"]) == ("Lax", f"/sso/saml/{provider.key}/acs/finish/")
        assert browser.get(f"/sso/saml/{provider.key}/acs/").status_code == 405


class TestSandboxProvider:
    """Through the real pages: metadata, request, choosing a person, answer."""

    @pytest.fixture
    def provider(self, sandbox: Sandbox) -> IdentityProvider:
        people = [{"subject": "f-1", "email": "flora@fabrikam.example", "given_name": "Flora", "family_name": "Fox"}]
        sandbox.seed(saml=[{"slug": "fabrikam", "name": "Fabrikam", "people": people}])
        address = f"{sandbox.url}/saml/fabrikam/metadata"
        found = describe_saml(fetch_metadata(address))
        return connect("Fabrikam", kind=IdentityProvider.Kind.SAML, metadata_url=address, **found)

    def test_in_and_out(self, provider: IdentityProvider) -> None:
        browser = open_browser()
        address = start(browser, provider, "/admin/")
        assert "Flora Fox" in requests.get(address, timeout=30).text
        page = requests.post(address, data={"subject": "f-1"}, timeout=30).text
        response = page.partition('name="SAMLResponse" value="')[2].partition('"')[0]
        assert post_saml(browser, provider, response).url == "/admin/"
        assert User.objects.get().name == "Flora Fox"
        leaving = browser.post("/sign-out/")
        there = requests.get(leaving.context["address"], allow_redirects=False, timeout=30)
        assert there.headers["Location"].startswith(f"http://localhost:8000/sso/saml/{provider.key}/sls/")
        back = browser.get(there.headers["Location"])
        assert (back.status_code, back.url) == (302, "/signed-out/")

    def test_metadata_is_read_anew_when_it_is_old(self, provider: IdentityProvider, sandbox: Sandbox) -> None:
        with organization_scope(provider.organization_id):
            stale = {"certificates": ["old"], "metadata_read_at": datetime.now(UTC) - timedelta(days=2)}
            IdentityProvider.objects.update(**stale)
        start(open_browser(), provider)
        with organization_scope(provider.organization_id):
            assert IdentityProvider.objects.get().certificates != ["old"]
            IdentityProvider.objects.update(**stale, entity_id="https://another.example")
        start(open_browser(), provider)
        with organization_scope(provider.organization_id):
            assert IdentityProvider.objects.get().certificates == ["old"]

    def test_nobody_else_may_end_a_session(self, provider: IdentityProvider) -> None:
        browser = open_browser()
        assert browser.get(f"/sso/saml/{provider.key}/sls/", {"SAMLRequest": "x"}).status_code == 404


def ask_to_leave(provider: IdentityProvider, key: SigningKey) -> dict[str, str]:
    """A provider's own wish to end a session, as it sends it through a browser."""
    xml = (
        f'<samlp:LogoutRequest xmlns:samlp="{Saml.NS_SAMLP}" xmlns:saml="{Saml.NS_SAML}" ID="_1" Version="2.0"'
        f' IssueInstant="{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}" Destination="{single_logout(provider)}">'
        f"<saml:Issuer>{provider.entity_id}</saml:Issuer><saml:NameID>p-1</saml:NameID></samlp:LogoutRequest>"
    )
    query = {"SAMLRequest": OneLogin_Saml2_Utils.deflate_and_base64_encode(xml), "SigAlg": Saml.RSA_SHA256}
    signature = OneLogin_Saml2_Utils.sign_binary(
        urlencode(query), key.private_pem.encode(), algorithm=xmlsec.Transform.RSA_SHA256
    )
    return query | {"Signature": base64.b64encode(signature).decode()}


class TestProviderEndsASession:
    def test_its_own(self, key: SigningKey) -> None:
        browser, provider = open_browser(), connect_saml(key, slo_url="https://idp.contoso.example/slo")
        asked = begin(browser, provider)
        post_saml(browser, provider, sign(answer_saml(provider, asked), key))
        assert is_signed_in(browser)
        answer = browser.get(f"/sso/saml/{provider.key}/sls/", ask_to_leave(provider, key))
        assert answer.url.startswith("https://idp.contoso.example/slo?SAMLResponse=")
        assert not is_signed_in(browser)

    def test_and_nobody_elses(self, key: SigningKey) -> None:
        provider = connect_saml(key, slo_url="https://idp.contoso.example/slo")
        other = open_browser()
        other.force_login(User.objects.create_user("olga@paddock.example", "password"))
        answer = other.get(f"/sso/saml/{provider.key}/sls/", ask_to_leave(provider, key))
        assert answer.status_code == 302
        assert is_signed_in(other)

    @pytest.mark.parametrize("told", ["x", "PHg+", ""])
    def test_what_cannot_be_read_is_refused(self, key: SigningKey, told: str) -> None:
        provider = connect_saml(key)
        query = {"SAMLRequest": told, "SigAlg": Saml.RSA_SHA256, "Signature": "x"}
        answer = open_browser().get(f"/sso/saml/{provider.key}/sls/", query)
        assert (answer.status_code, NOT_PROVEN in answer.content.decode()) == (403, True)
