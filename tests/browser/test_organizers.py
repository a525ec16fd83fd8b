"""Joining by an invitation, an operator's session, the second factor, and an old tab, as people see them."""

import re

import pytest
from django.conf import LazySettings
from playwright.sync_api import Page, expect

from events.models import Invitation
from paddock.accounts.models import User
from paddock.tenancy.models import Membership, Organization
from paddock.tenancy.scope import organization_scope
from participants.tasks import mail_invitation
from tests.admin.stage import build_tenant
from tests.browser.conftest import PASSWORD, OpenPage
from tests.support.codes import show_code
from tests.support.factories import MembershipFactory
from tests.support.looking import PHONE, find_overflows
from tests.support.sandbox import Sandbox
from tests.support.world import build_organization

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

# The menu's own request, whatever the width shows of the menu.
SWITCH = "htmx.trigger(document.querySelector('[hx-post$=\"/organization/fabrikam/\"]'), 'click')"


def sign_in(page: Page, email: str) -> None:
    page.get_by_label("E-mail address").fill(email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()


def join(organization: Organization, email: str, role: str) -> User:
    user = User.objects.filter(email=email).first() or User.objects.create_user(email, PASSWORD)
    with organization_scope(organization.pk):
        MembershipFactory(user=user, role=role)
    return user


def test_from_the_invitation_to_the_pit_wall(open_page: OpenPage, sandbox: Sandbox) -> None:
    organization = build_organization(sandbox)
    join(organization, "boss@contoso.example", "owner")
    User.objects.create_user("new@contoso.example", PASSWORD)

    page = open_page("/admin/events/invitation/add/", width=PHONE)
    sign_in(page, "boss@contoso.example")
    page.get_by_label("E-mail address").fill("new@contoso.example")
    page.get_by_label("Role").select_option("organizer")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("is on its way to new@contoso.example")).to_be_visible()
    with organization_scope(organization.pk):
        invitation = Invitation.objects.get()
    mail_invitation(organization_id=organization.pk, invitation_id=invitation.pk)
    (mail,) = sandbox.mailbox(to="new@contoso.example")
    (link,) = re.findall(r"https?://[^/]+(/join/\S+)", mail["text"])

    page = open_page(link, width=PHONE)
    expect(page.get_by_text(f"asks you to work for {organization} as Organizer")).to_be_visible()
    assert find_overflows(page) == []
    page.get_by_role("link", name="Sign in with a password").click()
    sign_in(page, "new@contoso.example")
    page.get_by_role("button", name="Accept as new@contoso.example").click()
    expect(page.get_by_text(f"You work for {organization} now, as Organizer")).to_be_visible()
    with organization_scope(organization.pk):
        assert Membership.objects.get(user__email="new@contoso.example").role == "organizer"


def test_an_operator_comes_in_goes_round_and_leaves(open_page: OpenPage, settings: LazySettings) -> None:
    """From the first password on, with a real code."""
    settings.PASSWORD_SIGN_IN, settings.OPERATOR_MFA_REQUIRED = False, True
    build_tenant("Contoso")
    User.objects.create_superuser("op@paddock.example", PASSWORD)
    page = open_page("/admin/", width=PHONE)
    sign_in(page, "op@paddock.example")
    expect(page.get_by_role("img", name="QR code")).to_be_visible()
    assert find_overflows(page) == []
    secret = page.locator("code").inner_text()
    page.get_by_role("textbox", name="Code").fill(show_code(secret))
    page.get_by_role("button", name="Set up").click()
    expect(page.locator(".paddock-codes li")).to_have_count(10)
    page.get_by_role("link", name="I have kept them").click()

    page.get_by_role("link", name="Begin an operator session").click()
    page.get_by_label("Organization").select_option(label="Contoso Racing")
    page.get_by_label("How long").select_option(label="30 minutes")
    page.get_by_label("Reason").fill("Their ticket 7")
    page.get_by_role("button", name="Save", exact=True).click()
    banner = page.get_by_role("complementary", name="Operator session")
    expect(banner.get_by_text("Operator session in Contoso Racing")).to_be_visible()
    expect(banner.get_by_text(re.compile(r"(30|29) min left"))).to_be_visible()
    assert find_overflows(page) == []
    page.goto("/admin/events/event/")
    expect(banner.get_by_text("Their ticket 7")).to_be_visible()
    banner.get_by_role("button", name="End now").click()
    expect(page.get_by_text("You act for Contoso Racing no longer.")).to_be_visible()
    expect(banner).to_have_count(0)

    again = open_page("/admin/", width=PHONE)
    sign_in(again, "op@paddock.example")
    again.get_by_role("textbox", name="Code").fill(show_code(secret, ahead=1))
    again.get_by_role("button", name="Sign in").click()
    expect(again.get_by_text("You act for no organization.")).to_be_visible()


def test_an_old_tab_saves_nothing(open_page: OpenPage) -> None:
    contoso, fabrikam = build_tenant("Contoso"), build_tenant("Fabrikam")
    for tenant in (contoso, fabrikam):
        join(tenant.organization, "ann@example.com", "owner")
    old = open_page("/admin/", width=PHONE)
    sign_in(old, "ann@example.com")
    old.goto(f"/admin/events/event/{contoso.event.pk}/change/")
    old.locator("#id_title").fill("Typed long ago")

    new = old.context.new_page()
    new.goto("/admin/")
    new.evaluate(SWITCH)
    expect(new.get_by_role("link", name="Fabrikam Cup", exact=True)).to_be_visible()

    old.get_by_role("button", name="Save", exact=True).click()
    expect(old.get_by_text("opened for Contoso Racing, and now you act for Fabrikam Racing")).to_be_visible()
    assert find_overflows(old) == []
    old.get_by_role("button", name="Switch back to Contoso Racing").click()
    expect(old.get_by_text("Now go back")).to_be_visible()
    old.go_back()
    old.locator("#id_title").fill("Typed long ago")
    old.get_by_role("button", name="Save", exact=True).click()
    expect(old.get_by_text("was changed successfully")).to_be_visible()
