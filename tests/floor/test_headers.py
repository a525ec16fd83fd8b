"""What every page tells the browser to forbid, under the settings of a real deployment."""

from http.cookies import SimpleCookie
from typing import Any

import pytest
from django.conf import LazySettings
from django.test import Client
from django.urls import reverse

from paddock.tenancy.scope import organization_scope
from participants.domain.status import status_path
from tests.admin.stage import Tenant, sign_in
from tests.sso.stage import connect
from tests.support.single_sign_on import join
from tests.support.single_sign_on import sign_in as sign_in_by_provider

pytestmark = pytest.mark.django_db

STRICT = {
    "default-src": "'none'",
    **dict.fromkeys(("script-src", "style-src", "img-src", "font-src", "connect-src", "form-action"), "'self'"),
    **dict.fromkeys(("base-uri", "frame-ancestors", "frame-src", "object-src"), "'none'"),
}
# Expressions of Alpine.js, styles of mails in their frames, and pictures of the admin's stylesheet.
ADMIN = STRICT | {
    "script-src": "'self' 'unsafe-eval'",
    "style-src": "'self' 'unsafe-inline'",
    "img-src": "'self' data:",
}
ALWAYS = {
    "Strict-Transport-Security": "max-age=31536000; includeSubDomains; preload",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


def read_policy(answer: Any) -> dict[str, str]:
    parts = (part.strip().partition(" ") for part in answer.headers["Content-Security-Policy"].split(";"))
    return {name: value for name, _, value in parts}


def list_pages(tenant: Tenant) -> dict[str, str]:
    provider = connect(organization=tenant.organization, name="First")
    with organization_scope(tenant.organization.pk):
        status = status_path(tenant.registration)
    organization = tenant.organization.slug
    return {
        "home": "/",
        "portal": f"/e/{organization}/{tenant.event.slug}/",
        "status": status,
        "withdraw": f"{status}withdraw/",
        "my events": f"/my-events/{organization}/",
        "sign-in": f"/sign-in/{organization}/",
        "signed out": "/signed-out/",
        "refused": f"/sso/oidc/{provider.key}/callback/",
        "missing": "/nothing/here/",
        "api": f"/api/v1/organizations/{organization}/events/{tenant.event.slug}/registrations/",
        "admin's door": "/admin/login/",
        "admin": "/admin/",
        "admin's list": reverse("admin:participants_registration_changelist"),
        "admin's row": reverse("admin:participants_registration_change", args=[tenant.registration.pk]),
        "admin's csv": reverse("admin:events_event_export_usage", args=[tenant.event.pk]),
        "nothing in the admin": "/admin/nothing/",
    }


def knock(client: Client, path: str) -> Any:
    return client.get(path, secure=True, headers={"host": "paddock.example", "accept": "text/html"})


def test_every_page_forbids_what_it_does_not_do(contoso: Tenant, production: LazySettings) -> None:
    pages, anonymous, owner = list_pages(contoso), Client(), sign_in("owner", contoso.organization)
    for name, path in pages.items():
        for client in (anonymous, owner):
            answer = knock(client, path)
            assert answer.status_code < 500, name
            assert read_policy(answer) == (ADMIN if path.startswith("/admin/") else STRICT), name
            assert {header: answer.headers.get(header) for header in ALWAYS} == ALWAYS, name
            assert answer.headers["Referrer-Policy"] in ("same-origin", "no-referrer"), name
            assert "camera=()" in answer.headers["Permissions-Policy"], name
            assert "Server" not in answer.headers, name
            assert "X-Powered-By" not in answer.headers, name


def test_what_is_about_a_person_is_kept_nowhere(contoso: Tenant, production: LazySettings) -> None:
    pages, owner = list_pages(contoso), sign_in("owner", contoso.organization)
    user = join(connect(name="Second", organization=contoso.organization), contoso.registration.participant.email)
    ann = sign_in_by_provider(Client(), user)
    personal = [(ann, name) for name in ("portal", "status", "withdraw", "my events")]
    personal += [(owner, name) for name in ("admin", "admin's list", "admin's row", "admin's csv")]
    for client, name in personal:
        answer = knock(client, pages[name])
        assert answer.status_code == 200, name
        assert "no-store" in answer.headers["Cache-Control"], name
    for name in ("home", "portal", "api", "missing"):
        assert knock(Client(), pages[name]).headers["Cache-Control"].startswith(("private", "no-store")), name
    assert knock(Client(), pages["status"]).headers["Referrer-Policy"] == "no-referrer"


def test_cookies_are_of_this_host_and_not_for_scripts(contoso: Tenant, production: LazySettings) -> None:
    answers = [knock(Client(), list_pages(contoso)["portal"]), knock(Client(), "/admin/login/")]
    posted = Client().post("/sso/saml/x/acs/", secure=True, headers={"host": "paddock.example"})
    cookies: list[Any] = [morsel for each in [*answers, posted] for morsel in SimpleCookie(each.cookies).values()]
    assert {each.key for each in cookies} == {"__Host-csrftoken"}
    for cookie in cookies:
        assert cookie["secure"], cookie
        assert cookie["httponly"], cookie
        assert cookie["samesite"] == "Lax", cookie
        assert (cookie["path"], cookie["domain"]) == ("/", ""), cookie
    assert production.SESSION_COOKIE_NAME.startswith("__Host-")
    assert (production.SESSION_COOKIE_SECURE, production.SESSION_COOKIE_HTTPONLY) == (True, True)
    assert (production.SESSION_COOKIE_SAMESITE, production.SESSION_COOKIE_PATH) == ("Lax", "/")
    assert production.SESSION_COOKIE_DOMAIN is None


def test_plain_http_leads_to_tls(production: LazySettings) -> None:
    answer = Client().get("/", headers={"host": "paddock.example"})
    assert (answer.status_code, answer.url) == (301, "https://paddock.example/")


def test_files_may_be_kept_and_belong_to_nobody_else(client: Client) -> None:
    answer = client.get("/static/css/paddock.css")
    assert answer.getvalue()
    assert answer.status_code == 200
    assert "max-age" in answer.headers["Cache-Control"]
    assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert "Access-Control-Allow-Origin" not in answer.headers
