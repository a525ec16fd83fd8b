"""No address of ours leads to somebody else's: hostile ways on, at every door that is told one."""

import re
from collections.abc import Callable
from html import unescape
from typing import Any
from urllib.parse import urlencode, urlsplit

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from integrations.sandbox.sign_on.keys import SigningKey, make_signing_key
from paddock.accounts.models import User
from paddock.sso.addresses import keep_own_path
from paddock.sso.models import IdentityProvider
from tests.admin.stage import Tenant, sign_in
from tests.sso.stage import HOST, answer_saml, connect_saml, post_saml, sign

PASSWORD = "correct horse battery staple"
HOSTILE = [
    "https://evil.example/",
    "http://evil.example/",
    "//evil.example/",
    "///evil.example/",
    "////evil.example",
    "/\\evil.example/",
    "\\\\evil.example/",
    "/\t/evil.example/",
    "/\n/evil.example/",
    "\t//evil.example/",
    " //evil.example/",
    "https:evil.example",
    "https:/evil.example",
    "https:///evil.example",
    "http:\\\\evil.example",
    "javascript:alert(1)//evil.example",
    "JaVaScRiPt:alert(1)//evil.example",
    "data:text/html,evil.example",
    "ftp://evil.example/",
    "//evil.example@localhost/",
    "https://localhost:8000@evil.example/",
    "//[::1]@evil.example/",
    "http://localhost:8000.evil.example/",
    "//evil.example\\@localhost:8000/",
    "http:///evil.example:80/",
]
KEY: SigningKey = make_signing_key()


@pytest.fixture
def provider(contoso: Tenant) -> IdentityProvider:
    return connect_saml(KEY, organization=contoso.organization, name="SAML")


def browse() -> Client:
    return Client(headers={"host": HOST})


def admin_door(provider: IdentityProvider, way: str) -> Any:
    User.objects.create_superuser("operator@paddock.example", PASSWORD)
    client, known = browse(), {"username": "operator@paddock.example", "password": PASSWORD}
    answer = client.post(f"/admin/login/?{_encode(way)}", known | {"next": way})
    assert answer.status_code == 302
    return answer


def admin_door_signed_in(provider: IdentityProvider, way: str) -> Any:
    client = browse()
    client.force_login(User.objects.create_superuser("operator@paddock.example", PASSWORD))
    return client.get("/admin/login/", {"next": way})


def admin_door_page(provider: IdentityProvider, way: str) -> Any:
    return browse().get("/admin/login/", {"next": way})


def sign_in_page(provider: IdentityProvider, way: str) -> Any:
    return browse().get(f"/sign-in/{provider.organization.slug}/", {"next": way})


def finding(provider: IdentityProvider, way: str) -> Any:
    return browse().post("/sign-in/", {"email": "ann@contoso.example", "next": way})


def finding_nothing(provider: IdentityProvider, way: str) -> Any:
    return browse().post("/sign-in/", {"email": "ann", "next": way})


def through_the_provider(provider: IdentityProvider, way: str) -> Any:
    """All the way: what was asked for at the start is where a sign-in ends."""
    client = browse()
    begun = client.get(f"/sign-in/{provider.organization.slug}/{provider.key}/", {"next": way})
    assert begun.url.startswith(provider.sso_url)
    (asked,) = client.session["socialaccount_states"]
    answer = post_saml(client, provider, sign(answer_saml(provider, str(asked)), KEY))
    assert answer.status_code == 302
    return answer


def relay_state(provider: IdentityProvider, way: str) -> Any:
    """The provider's own word on where to go on."""
    client = browse()
    client.get(f"/sign-in/{provider.organization.slug}/{provider.key}/")
    (asked,) = client.session["socialaccount_states"]
    told = {"SAMLResponse": sign(answer_saml(provider, str(asked)), KEY), "RelayState": way, "next": way}
    posted = client.post(f"/sso/saml/{provider.key}/acs/", told)
    return client.get(posted.url, {"next": way})


def signing_out(provider: IdentityProvider, way: str) -> Any:
    return browse().post(f"/sign-out/?{_encode(way)}", {"next": way})


def single_logout(provider: IdentityProvider, way: str) -> Any:
    return browse().get(f"/sso/saml/{provider.key}/sls/", {"RelayState": way, "next": way})


def switching(provider: IdentityProvider, way: str) -> Any:
    client = sign_in("owner", provider.organization)
    return client.post(
        reverse("admin:switch_organization", args=[provider.organization.slug]),
        {"next": way},
        headers={"hx-request": "true", "hx-current-url": way, "referer": way},
    )


def _changing(provider: IdentityProvider, way: str) -> Any:
    client = sign_in("owner", provider.organization)
    address = reverse("admin:participants_operation_changelist")
    return client.get(address, {"next": way, "_popup": "1"}, headers={"referer": way, "hx-current-url": way})


def adding(provider: IdentityProvider, way: str) -> Any:
    client = sign_in("operator")
    told = {"name": "New", "slug": "new", "next": way, "_changelist_filters": way, "_to_field": way}
    return client.post(f"/admin/tenancy/organization/add/?{_encode(way)}", told, headers={"referer": way})


def _encode(way: str) -> str:
    return urlencode({"next": way, "return_to": way, "_changelist_filters": way})


DOORS: dict[str, Callable[[IdentityProvider, str], Any]] = {
    "the admin's door": admin_door,
    "the admin's door, signed in": admin_door_signed_in,
    "the admin's door, its page": admin_door_page,
    "the sign-in page": sign_in_page,
    "finding the organization": finding,
    "finding nothing": finding_nothing,
    "through the provider": through_the_provider,
    "the provider's RelayState": relay_state,
    "signing out": signing_out,
    "single logout": single_logout,
    "switching organizations": switching,
    "a list of the admin": _changing,
    "adding in the admin": adding,
}


ATTRIBUTE = re.compile(r"""(?:href|action|formaction|src|content|hx-[a-z]+)=["']([^"']*)""")
LEADING = ("Location", "HX-Redirect", "HX-Location", "Refresh")


def leads_elsewhere(way: str) -> bool:
    """As a browser reads it: without tabs and line breaks, and with every stroke the same."""
    read = "".join(each for each in unescape(way) if each not in "\t\n\r").strip().replace("\\", "/")
    read = read.partition("url=")[2] or read
    return "evil" in urlsplit(read).netloc or read.lower().startswith(("javascript:", "data:text"))


@pytest.mark.django_db
@pytest.mark.parametrize("door", DOORS)
def test_no_door_leads_elsewhere(door: str, provider: IdentityProvider) -> None:
    for way in HOSTILE:
        with transaction.atomic():
            answer = DOORS[door](provider, way)
            transaction.set_rollback(True)
        assert answer.status_code < 500, way
        ways = [answer.headers.get(header, "") for header in LEADING]
        ways += ATTRIBUTE.findall(answer.content.decode())
        assert [each for each in ways if leads_elsewhere(each)] == [], way


@pytest.mark.django_db
@pytest.mark.parametrize("door", ["the admin's door", "through the provider"])
def test_a_way_of_our_own_is_kept(door: str, provider: IdentityProvider) -> None:
    """Otherwise the table above could not fail."""
    way = "/admin/events/event/?q=https://evil.example/"
    assert DOORS[door](provider, way).url == way


@given(st.text(alphabet="/\\:@.#?&%; \t\n\r\x00evilhtps\u2044\uff0f", max_size=30))
def test_whatever_is_asked_for_stays_here(way: str) -> None:
    """By the rules that browsers read addresses with."""
    kept = keep_own_path(way)
    assert kept in ("", way)
    cleaned = "".join(each for each in kept if each not in "\t\n\r").replace("\\", "/")
    assert kept == "" or (cleaned.startswith("/") and not cleaned.startswith("//"))


def test_nothing_is_kept_of_what_is_hostile() -> None:
    assert [way for way in HOSTILE if keep_own_path(way)] == []
