"""What the browser itself says of our pages: no policy is broken, and nothing that anybody typed runs."""

import re
from collections.abc import Iterator

import pytest
from django.conf import LazySettings
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Browser, Response, expect
from pytest_django.live_server_helper import LiveServer

from events.models import Event
from paddock.accounts.models import User
from paddock.sso.models import IdentityProvider
from paddock.tenancy.scope import organization_scope
from participants.domain.status import status_path
from participants.models import Message, Participant
from tests.admin.stage import Tenant, build_tenant, page, sign_in
from tests.browser.conftest import OpenPage
from tests.floor.payloads import PAYLOADS
from tests.floor.test_markdown import furnish
from tests.portal.scenes import portal_path, stage_event
from tests.support.factories import IdentityProviderFactory, MembershipFactory
from tests.support.looking import find_overflows
from tests.support.oidc_provider import put_person, run_provider
from tests.support.single_sign_on import join
from tests.support.single_sign_on import sign_in as sign_in_by_provider
from tests.support.visitors import session_of

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PAYLOADS_OF_NAMES = PAYLOADS[:9]


@pytest.fixture
def contoso() -> Tenant:
    return build_tenant("Contoso")


def list_portal(tenant: Tenant) -> list[str]:
    with organization_scope(tenant.organization.pk):
        provider = IdentityProviderFactory(name="Company", domains=["contoso.example"])
        status = status_path(tenant.registration)
    organization = tenant.organization.slug
    event = f"/e/{organization}/{tenant.event.slug}/"
    signing = [f"/sign-in/{organization}/", "/signed-out/", f"/sso/oidc/{provider.key}/callback/"]
    return ["/", "/none/", event, status, f"{status}withdraw/", f"/my-events/{organization}/", *signing]


def list_admin(tenant: Tenant) -> list[str]:
    """A page of every kind: the wall, lists, forms, dialogs, charts, a mail in its frame, the trail."""
    event, rows = tenant.event, tenant.rows
    names = ("change", "history", "dashboard", "statistics", "preflight", "offboarding", "invite", "write", "pause")
    return [
        "/admin/",
        *(page(type(row), "changelist") for row in rows.values()),
        *(page(event, name) for name in names),
        *(page(row) for row in rows.values()),
        page(Event, "add"),
        reverse("admin:sso_identityprovider_add"),
        reverse("admin:search") + "?s=contoso",
    ]


def test_no_page_breaks_its_policy_or_scrolls_sideways(contoso: Tenant, open_page: OpenPage) -> None:
    """`open_page` fails where Chromium complains, as it does of everything that a policy forbids."""
    admin = list_admin(contoso)
    portal = list_portal(contoso)
    ann = sign_in_by_provider(Client(), join_ann(contoso))
    seen = open_page("/admin/login/", storage_state=session_of(sign_in("owner", contoso.organization)))
    policies: dict[str, str] = {}

    def note(answer: Response) -> None:
        if answer.request.is_navigation_request():
            policies[answer.url.partition("?")[0]] = answer.headers.get("content-security-policy", "")

    seen.on("response", note)
    for path in [*admin, *portal]:
        seen.goto(path)
        assert find_overflows(seen) == [], path
    hers = open_page("/", storage_state=session_of(ann))
    for path in portal:
        hers.goto(path)
    assert all("default-src 'none'" in policy for policy in policies.values()), policies
    for address, policy in policies.items():
        assert ("unsafe" in policy) == ("/admin/" in address), address
    assert len(policies) > 40


def join_ann(tenant: Tenant) -> User:
    with organization_scope(tenant.organization.pk):
        provider = IdentityProvider.objects.filter(is_active=True).earliest("id")
    return join(provider, tenant.registration.participant.email)


@pytest.mark.parametrize("bypasses_policy", [False, True])
def test_nothing_typed_runs_on_the_portal(open_page: OpenPage, bypasses_policy: bool) -> None:
    """Without the policy, too: it is the second wall, not the first."""
    event = furnish(stage_event())
    seen = open_page(portal_path(event), bypass_csp=bypasses_policy)
    seen.wait_for_load_state("networkidle")
    assert seen.evaluate("window.hacked") is None
    for link in seen.locator("main a").all():
        assert re.match(r"https?:|mailto:|/|#", link.get_attribute("href") or ""), link
    assert (
        seen.evaluate("document.querySelectorAll('main script, main iframe, main svg, main object, base').length") == 0
    )


def test_nothing_typed_runs_in_the_admin(contoso: Tenant, open_page: OpenPage) -> None:
    """Where the policy lets expressions run, and names come from anybody."""
    rows = contoso.rows
    with organization_scope(contoso.organization.pk):
        text = "".join(PAYLOADS_OF_NAMES)
        Event.objects.update(title=text[:200], summary=text[:300], description="\n\n".join(PAYLOADS))
        Participant.objects.update(given_name=text[:64], family_name=PAYLOADS[4])
        Message.objects.update(subject=text[:200], text=text, html=text)
    seen = open_page("/admin/login/", storage_state=session_of(sign_in("owner", contoso.organization)))
    seen.on("dialog", lambda dialog: dialog.dismiss())
    addresses = [page(contoso.event, name) for name in ("change", "dashboard", "statistics", "offboarding", "history")]
    addresses += [page(rows[Participant]), page(Participant, "changelist"), page(contoso.registration), "/admin/"]
    for address in addresses:
        seen.goto(address)
        seen.wait_for_load_state("networkidle")
        assert seen.evaluate("window.hacked") is None, address
    assert [frame for frame in seen.frames if frame.url.startswith("javascript")] == []


@pytest.fixture(scope="module")
def issuer() -> Iterator[str]:
    with run_provider() as address:
        yield address


def test_a_form_may_lead_to_a_provider(
    contoso: Tenant, issuer: str, browser: Browser, live_server: LiveServer, settings: LazySettings
) -> None:
    """The policy lets forms lead to us alone, and Chromium follows their redirects with it: from the admin's door to
    the provider and back, and out again, nothing may stand in the way."""
    settings.SITE_URL = live_server.url
    with organization_scope(contoso.organization.pk):
        provider = IdentityProviderFactory(issuer=issuer, domains=["contoso.example"], name="Company")
        ann = join(provider, "ann@contoso.example", subject="ann")
        MembershipFactory(user=ann, role="owner")
    put_person(issuer, "ann", email="ann@contoso.example", given_name="Ann", family_name="Lee")
    context = browser.new_context(base_url=live_server.url)
    context.route(re.compile(r"^https://"), lambda route: route.abort())  # the provider's looks
    seen, broken = context.new_page(), []
    seen.on("console", lambda line: broken.append(line.text) if "Content Security" in line.text else None)
    seen.goto("/admin/login/?next=/admin/events/event/")
    seen.get_by_label("Work address").fill("ann@contoso.example")
    seen.get_by_role("button", name="Single sign-on").click()
    seen.get_by_role("link", name="Sign in with Company").click()
    seen.get_by_role("button", name="Ann Archer").click()
    expect(seen).to_have_url(re.compile(r"/admin/events/event/$"))
    assert broken == []
    context.close()
