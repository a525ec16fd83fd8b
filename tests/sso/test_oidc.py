"""Sign-in by OpenID Connect: through a real provider, and against one that lies."""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable
from typing import Any

import jwt
import pytest
import requests
from allauth.account.models import EmailAddress
from allauth.socialaccount.models import SocialAccount, SocialApp, SocialToken
from cryptography.hazmat.primitives import serialization
from django.test import Client

from paddock.accounts.models import User
from paddock.sso.identities import find_identity
from paddock.sso.models import IdentityProvider
from paddock.sso.oidc import make_nonce
from paddock.sso.refusals import NOT_PROVEN
from paddock.tenancy.models import Membership
from paddock.tenancy.scope import across_tenants, organization_scope
from tests.sso.crooked import KEY_ID, CrookedProvider
from tests.sso.stage import connect, is_signed_in, open_browser, read_query, start

pytestmark = pytest.mark.django_db
Lie = Callable[[CrookedProvider, str], Any]


def choose(address: str, subject: str, **claims: Any) -> str:
    """What somebody does on the provider's page; returns the address that it sends them back to."""
    issuer = address.partition("/oauth2/")[0]
    if claims:
        requests.put(f"{issuer}/users/{subject}", json=claims, timeout=30).raise_for_status()
    answer = requests.post(address, data={"sub": subject}, allow_redirects=False, timeout=30)
    return answer.headers["Location"]


def sign_in(
    browser: Client, provider: IdentityProvider, subject: str, next_path: str = "/admin/", **claims: Any
) -> Any:
    return browser.get(choose(start(browser, provider, next_path), subject, **claims))


class TestRealProvider:
    def test_first_sign_in_makes_the_account_and_comes_back(self, issuer: str) -> None:
        provider, browser = connect(issuer=issuer), open_browser()
        before = browser.session.session_key
        answer = sign_in(browser, provider, "ann", "/e/contoso/cup/?lap=1")
        assert (answer.status_code, answer.url) == (302, "/e/contoso/cup/?lap=1")
        user = User.objects.get()
        assert (user.email, user.name, user.is_local, user.has_usable_password()) == (
            *("ann@contoso.example", "Ann Archer"),
            *(False, False),
        )
        assert browser.session["_auth_user_id"] == str(user.pk)
        assert browser.session.session_key != before
        identity = find_identity(user)
        assert identity
        assert (identity.provider, identity.organization) == (provider, provider.organization)
        assert (identity.email, identity.given_name, identity.family_name) == ("ann@contoso.example", "Ann", "Archer")

    def test_nothing_of_allauth_knows_a_secret_or_an_address(self, issuer: str) -> None:
        sign_in(open_browser(), connect(issuer=issuer), "ann")
        assert not SocialApp.objects.exists()
        assert not SocialToken.objects.exists()
        assert not EmailAddress.objects.exists()
        assert "groups" not in SocialAccount.objects.get().extra_data

    def test_name_and_address_follow_the_provider(self, issuer: str) -> None:
        provider = connect(issuer=issuer)
        claims = {"given_name": "Mona", "family_name": "Maier", "email": "mona@contoso.example"}
        sign_in(open_browser(), provider, "mona", **claims)
        changed = claims | {"family_name": "Muster", "email": "Mona.Muster@contoso.example"}
        sign_in(open_browser(), provider, "mona", **changed)
        user = User.objects.get()
        assert (user.email, user.name) == ("mona.muster@contoso.example", "Mona Muster")

    def test_one_address_at_two_organizations_is_two_people(self, issuer: str) -> None:
        mine = connect("Contoso", issuer=issuer)
        foreign = connect("Fabrikam", issuer=issuer)
        local = User.objects.create_superuser("ann@contoso.example", "correct horse battery")
        with organization_scope(foreign.organization_id):
            IdentityProvider.objects.update(domains=["contoso.example"])
        browsers = [open_browser(), open_browser()]
        for browser, provider in zip(browsers, (mine, foreign), strict=True):
            sign_in(browser, provider, "ann")
        users = {int(browser.session["_auth_user_id"]) for browser in browsers}
        assert len(users | {local.pk}) == 3
        assert User.objects.filter(email="ann@contoso.example").count() == 3

    def test_two_providers_of_one_organization_too(self, issuer: str) -> None:
        provider = connect(issuer=issuer)
        second = connect("Contoso", provider.organization, issuer=issuer, name="Second")
        for each in (provider, second):
            sign_in(open_browser(), each, "ann")
        assert User.objects.filter(email="ann@contoso.example").count() == 2

    def test_whoever_says_no_is_told_so(self, issuer: str) -> None:
        browser, provider = open_browser(), connect(issuer=issuer)
        denied = requests.post(start(browser, provider), data={"action": "deny"}, allow_redirects=False, timeout=30)
        answer = browser.get(denied.headers["Location"])
        assert "You did not sign in" in answer.content.decode()
        assert not is_signed_in(browser)

    def test_signing_out_ends_the_session_there_too(self, issuer: str) -> None:
        browser = open_browser()
        sign_in(browser, connect(issuer=issuer), "ann")
        page = browser.post("/sign-out/").content.decode()
        assert f"{issuer}/oauth2/end_session?id_token_hint=" in page
        assert not is_signed_in(browser)
        assert browser.get("/sign-out/").status_code == 405

    def test_the_way_back_never_leads_elsewhere(self, issuer: str) -> None:
        provider = connect(issuer=issuer)
        for evil in ("https://evil.example/", "//evil.example/", "/\\evil.example", "javascript:alert(1)", "admin/"):
            assert sign_in(open_browser(), provider, "ann", evil).url == "/admin/"

    def test_somebody_else_in_the_same_browser_starts_afresh(self, issuer: str) -> None:
        browser, provider = open_browser(), connect(issuer=issuer)
        sign_in(browser, provider, "ann")
        first, session = browser.session["_auth_user_id"], browser.session.session_key
        sign_in(browser, provider, "ben")
        assert browser.session["_auth_user_id"] != first
        assert browser.session.session_key != session
        assert f"{issuer}/oauth2/end_session" in browser.post("/sign-out/").content.decode()


def begin(browser: Client, provider: IdentityProvider, crooked: CrookedProvider) -> tuple[str, str]:
    """The state and the nonce of a sign-in that has left for the provider."""
    query = read_query(start(browser, provider, "/admin/"))
    assert query["code_challenge_method"] == "S256"
    return query["state"], query["nonce"]


def come_back(browser: Client, provider: IdentityProvider, state: str, **query: str) -> Any:
    return browser.get(f"/sso/oidc/{provider.key}/callback/", {"code": "c", "state": state} | query)


def write_part(value: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def rewrite(token: str, *, algorithm: str = "RS256", secret: bytes = b"", **changes: Any) -> str:
    """The token with other claims and another algorithm, signed with a shared secret or as it was before."""
    claims = jwt.decode(token, options={"verify_signature": False}) | changes
    signed = f"{write_part({'alg': algorithm, 'kid': KEY_ID})}.{write_part(claims)}"
    signature = hmac.digest(secret, signed.encode(), hashlib.sha256) if secret else b""
    old = "" if algorithm == "none" else token.rpartition(".")[2]
    return f"{signed}.{base64.urlsafe_b64encode(signature).rstrip(b'=').decode() or old}"


def write_public_key(crooked: CrookedProvider) -> bytes:
    """The confusion of algorithms: everybody knows this key."""
    return crooked.key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )


LIES: dict[str, Lie] = {
    "tampered": lambda c, nonce: {"id_token": rewrite(c.make_token(nonce=nonce), sub="boss")},
    "of another key": lambda c, nonce: {"id_token": c.make_token(key=c.other_key, nonce=nonce)},
    "of the public key": lambda c, nonce: {
        "id_token": rewrite(c.make_token(nonce=nonce), algorithm="HS256", secret=write_public_key(c))
    },
    "of no key": lambda c, nonce: {"id_token": rewrite(c.make_token(nonce=nonce), algorithm="none")},
    "of an unknown key": lambda c, nonce: {
        "id_token": jwt.encode({"sub": "ann"}, c.key, "RS256", headers={"kid": "key-2"})
    },
    "expired": lambda c, nonce: {"id_token": c.make_token(nonce=nonce, exp=1_700_000_000)},
    "for another audience": lambda c, nonce: {"id_token": c.make_token(nonce=nonce, aud="other")},
    "for another client": lambda c, nonce: {
        "id_token": c.make_token(nonce=nonce, aud=["paddock", "other"], azp="other")
    },
    "of another issuer": lambda c, nonce: {"id_token": c.make_token(nonce=nonce, iss="https://evil.example")},
    "of another nonce": lambda c, nonce: {"id_token": c.make_token(nonce="another")},
    "without a nonce": lambda c, nonce: {"id_token": c.make_token()},
    "with the nonce of no sign-in": lambda c, nonce: {"id_token": c.make_token(nonce=make_nonce(""))},
    "without a subject": lambda c, nonce: {"id_token": c.make_token(nonce=nonce, sub=None)},
    "no token": lambda c, nonce: {"id_token": ""},
    "no token at all": lambda c, nonce: {"id_token": "nonsense"},
    "claims of another subject": lambda c, nonce: {
        "id_token": c.make_token(nonce=nonce),
        "user_info": {"sub": "boss", "email": "boss@contoso.example"},
    },
    "discovery of another issuer": lambda c, nonce: {
        "id_token": c.make_token(nonce=nonce),
        "discovery": {"issuer": "https://evil.example"},
    },
    "an error for the code": lambda c, nonce: {"token_status": 400},
}


def test_whoever_must_show_anew_who_they_are_is_asked(crooked: CrookedProvider) -> None:
    provider, browser = connect(issuer=crooked.issuer), open_browser()
    assert "prompt" not in read_query(start(browser, provider))
    query = read_query(start(browser, provider, again="yes"))
    assert (query["prompt"], query["max_age"]) == ("login", "0")
    crooked.id_token = crooked.make_token(nonce=query["nonce"], auth_time=1_700_000_000)
    crooked.user_info = {"sub": "ann", "auth_time": 2_000_000_000}
    assert come_back(browser, provider, query["state"]).status_code == 302
    assert browser.session["single_sign_on_at"] == 1_700_000_000


class TestLies:
    def test_the_truth_lets_in(self, crooked: CrookedProvider) -> None:
        provider, browser = connect(issuer=crooked.issuer), open_browser()
        state, nonce = begin(browser, provider, crooked)
        crooked.id_token = crooked.make_token(nonce=nonce)
        assert come_back(browser, provider, state).url == "/admin/"
        assert is_signed_in(browser)

    @pytest.mark.parametrize("lie", LIES)
    def test_refused(self, lie: str, crooked: CrookedProvider) -> None:
        provider, browser = connect(issuer=crooked.issuer), open_browser()
        state, nonce = begin(browser, provider, crooked)
        for name, value in LIES[lie](crooked, nonce).items():
            setattr(crooked, name, value)
        answer = come_back(browser, provider, state)
        assert answer.status_code == 403
        assert NOT_PROVEN in answer.content.decode()
        assert not is_signed_in(browser)
        assert not User.objects.exists()

    @pytest.mark.parametrize("state", ["", "made-up"])
    def test_no_such_state(self, state: str, crooked: CrookedProvider) -> None:
        provider, browser = connect(issuer=crooked.issuer), open_browser()
        _, nonce = begin(browser, provider, crooked)
        crooked.id_token = crooked.make_token(nonce=nonce)
        assert come_back(browser, provider, state).status_code == 403
        assert "/token" not in crooked.asked

    def test_state_of_another_browser_or_provider(self, crooked: CrookedProvider) -> None:
        provider, browser = connect(issuer=crooked.issuer), open_browser()
        second = connect("Contoso", provider.organization, issuer=crooked.issuer, name="Second")
        state, nonce = begin(browser, provider, crooked)
        crooked.id_token = crooked.make_token(nonce=nonce)
        assert come_back(open_browser(), provider, state).status_code == 403
        assert come_back(browser, second, state).status_code == 403
        assert not User.objects.exists()

    def test_an_answer_lets_in_once(self, crooked: CrookedProvider) -> None:
        provider, browser = connect(issuer=crooked.issuer), open_browser()
        state, nonce = begin(browser, provider, crooked)
        crooked.id_token = crooked.make_token(nonce=nonce)
        assert come_back(browser, provider, state).status_code == 302
        browser.post("/sign-out/")
        assert come_back(browser, provider, state).status_code == 403

    @pytest.mark.parametrize(
        ("claims", "sentence"),
        [
            ({"email": "gus@elsewhere.example"}, "lets nobody in with an address at elsewhere.example"),
            ({"email": "gus@sub.contoso.example"}, "lets nobody in with an address at sub.contoso.example"),
            ({"email": "gus@evil.example@contoso.example"}, "no verified e-mail address"),
            ({"email": None}, "no verified e-mail address"),
            ({"email_verified": False}, "no verified e-mail address"),
            ({"email_verified": "false"}, "no verified e-mail address"),
        ],
    )
    def test_people_who_do_not_belong(self, claims: dict[str, Any], sentence: str, crooked: CrookedProvider) -> None:
        provider, browser = connect(issuer=crooked.issuer), open_browser()
        state, nonce = begin(browser, provider, crooked)
        crooked.id_token = crooked.make_token(nonce=nonce, **claims)
        answer = come_back(browser, provider, state)
        assert answer.status_code == 403
        assert sentence in answer.content.decode()
        assert not User.objects.exists()

    def test_a_provider_that_does_not_answer(self, crooked: CrookedProvider) -> None:
        provider = connect(issuer=f"{crooked.issuer}/gone")
        answer = open_browser().get(f"/sign-in/{provider.organization.slug}/{provider.key}/")
        assert answer.status_code == 503
        assert "Contoso sign-in does not answer" in answer.content.decode()

    def test_entra_may_tell_the_address_as_a_user_name(self, crooked: CrookedProvider) -> None:
        provider, browser = connect(issuer=crooked.issuer), open_browser()
        state, nonce = begin(browser, provider, crooked)
        crooked.id_token = crooked.make_token(nonce=nonce, email=None, preferred_username="Ann@Contoso.example")
        assert come_back(browser, provider, state).status_code == 302
        assert User.objects.get().email == "ann@contoso.example"

    def test_deactivated_meanwhile(self, crooked: CrookedProvider) -> None:
        provider, browser = connect(issuer=crooked.issuer), open_browser()
        state, nonce = begin(browser, provider, crooked)
        crooked.id_token = crooked.make_token(nonce=nonce)
        with organization_scope(provider.organization_id):
            IdentityProvider.objects.update(is_active=False)
        assert come_back(browser, provider, state).status_code == 404
        assert not User.objects.exists()

    def test_a_deactivated_person(self, crooked: CrookedProvider) -> None:
        provider = connect(issuer=crooked.issuer)
        for expected in (302, 403):
            browser = open_browser()
            state, nonce = begin(browser, provider, crooked)
            crooked.id_token = crooked.make_token(nonce=nonce)
            assert come_back(browser, provider, state).status_code == expected
            User.objects.update(is_active=False)
        assert not is_signed_in(browser)

    def test_nobody_becomes_a_member_by_signing_in(self, crooked: CrookedProvider) -> None:
        provider, browser = connect(issuer=crooked.issuer), open_browser()
        state, nonce = begin(browser, provider, crooked)
        crooked.id_token = crooked.make_token(nonce=nonce)
        assert come_back(browser, provider, state).status_code == 302
        with across_tenants("the test looks from above"):
            assert not Membership.objects.exists()
