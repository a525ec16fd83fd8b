import re

import pytest
from playwright.sync_api import expect

from events.models import Event
from paddock.tenancy.scope import organization_scope
from participants.models import Registration
from tests.browser.conftest import OpenPage
from tests.portal.scenes import ask, list_registrations, move_to, path_of, portal_path, sign_up, stage_event
from tests.support.looking import DESKTOP, PHONE, SMALL, find_overflows

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def stage_full_form() -> Event:
    event = stage_event(title="Munich race day", description="## Bring\n\n- a laptop", capacity=5)
    ask(event, key="level", label="Your level?", kind="choice", choices=["New", "Expert"], required=True)
    ask(event, key="food", label="Your food?", kind="choices", choices=["Vegan", "Fish"])
    ask(event, key="why", label="Why?", kind="text")
    return event


@pytest.mark.parametrize(("width", "scripts"), [(DESKTOP, True), (PHONE, False)])
def test_a_newcomer_registers_and_sees_the_way_move(open_page: OpenPage, width: int, scripts: bool) -> None:
    event = stage_full_form()
    page = open_page(portal_path(event), width=width, java_script_enabled=scripts)
    page.get_by_label("E-mail address").fill("ann@contoso.example")
    page.get_by_label("Given name").fill("Ann")
    page.get_by_label("Family name").fill("Lee")
    page.get_by_label("New", exact=True).check()
    page.get_by_label("Vegan").check()
    page.get_by_role("button", name="Register").click()
    expect(page).to_have_url(re.compile(r"/registrations/"))
    expect(page.get_by_role("heading", level=1)).to_have_text("You're registered")
    (registration,) = list_registrations(event)
    assert registration.answers == {"level": "New", "food": ["Vegan"]}


def test_the_status_moves_by_itself_until_the_way_in_is_open(open_page: OpenPage) -> None:
    registration = sign_up(stage_event())
    page = open_page(path_of(registration))
    headline, announcement = page.get_by_role("heading", level=1), page.locator("#announcement")
    way_in = page.get_by_role("link", name="Start racing in DeepRacer")
    expect(headline).to_have_text("You're registered")
    expect(announcement).to_have_text("")
    expect(way_in).to_have_count(0)

    move_to(registration, "preparing")
    expect(headline).to_have_text("Preparing your access")
    expect(announcement).to_have_text("Preparing your access. Your membership travels to AWS.")
    expect(page.locator("#lap-membership")).to_contain_text("Done.")
    expect(way_in).to_have_count(0)

    move_to(registration, "ready")
    expect(headline).to_have_text("You're in")
    expect(page).to_have_title(re.compile("^You're in"))
    expect(announcement).to_have_text("You're in.")
    expect(way_in).to_have_attribute("href", re.compile(r"awsapps\.com/start/#/console\?"))
    expect(page.locator("[hx-get]")).to_have_count(0)


def test_the_status_moves_to_a_failure_with_its_remedy(open_page: OpenPage) -> None:
    registration = sign_up(stage_event())
    page = open_page(path_of(registration))
    move_to(registration, "failed")
    expect(page.get_by_role("heading", level=1)).to_have_text("We could not let you in yet")
    expect(page.locator(".lead")).to_contain_text("Register again with the right one.")
    expect(page.locator("[hx-get]")).to_have_count(0)


@pytest.mark.parametrize("scripts", [True, False])
def test_errors_are_summed_up_where_the_focus_goes(open_page: OpenPage, scripts: bool) -> None:
    event = stage_full_form()
    page = open_page(portal_path(event), width=PHONE, java_script_enabled=scripts)
    page.get_by_label("E-mail address").fill("ann@")
    page.get_by_label("Given name").fill("Ann")
    page.get_by_role("button", name="Register").click()
    summary = page.locator("#error-summary")
    expect(summary.get_by_role("link")).to_have_text(["E-mail address", "Family name", "Your level?"])
    expect(summary).to_be_focused()
    expect(summary).to_be_in_viewport()
    expect(page.get_by_label("Given name")).to_have_value("Ann")
    email = page.get_by_label("E-mail address")
    expect(email).to_have_attribute("aria-invalid", "true")
    expect(email).to_have_accessible_description(re.compile("Enter your e-mail address"))
    summary.get_by_role("link", name="Your level?").click()
    expect(page.get_by_label("New", exact=True)).to_be_focused()
    assert list_registrations(event) == []


def test_the_last_place_may_go_while_somebody_types(open_page: OpenPage) -> None:
    event = stage_event(capacity=1)
    page = open_page(portal_path(event))
    for label, value in (("E-mail address", "bob@contoso.example"), ("Given name", "Bob"), ("Family name", "Ray")):
        page.get_by_label(label).fill(value)
    sign_up(event)
    page.get_by_role("button", name="Register").click()
    expect(page.get_by_role("alert")).to_have_text("All places are taken. You have not been registered.")
    expect(page.get_by_role("button")).to_have_count(0)


def test_everything_can_be_done_from_the_keyboard(open_page: OpenPage) -> None:
    event = stage_event()
    page = open_page(portal_path(event))
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    page.keyboard.press("Enter")
    for value in ("ann@contoso.example", "Ann", "Lee", ""):
        page.keyboard.press("Tab")
        page.keyboard.type(value)
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Register")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("You're registered")


def test_no_page_scrolls_sideways(open_page: OpenPage) -> None:
    event = stage_event(
        title="Donaudampfschifffahrtsgesellschaftskapitänsmeisterschaft",
        description=f"{'wide' * 60}\n\n| {'cell | ' * 20}\n|{'-|' * 20}\n| {'cell | ' * 20}\n\n    {'code ' * 60}",
        capacity=10_000_000,
    )
    ask(event, key="long", label="Why" * 60, kind="choice", choices=["option" * 16, "b"])
    ask(event, key="list", label="Which?", kind="choice", choices=["option" * 16, *"abcdef"])
    registration = sign_up(event, status="failed")
    with organization_scope(event.organization_id):
        Registration.objects.get(pk=registration.pk).steps.filter(kind="identity").update(hint="hint" * 60)
    for path in (portal_path(event), path_of(registration), "/", "/nothing/"):
        assert find_overflows(open_page(path), SMALL, PHONE, DESKTOP) == [], path


def test_nothing_pulses_for_those_who_ask_for_calm(open_page: OpenPage) -> None:
    path = path_of(sign_up(stage_event()))
    for motion, animations in (("reduce", 0), ("no-preference", 2)):
        page = open_page(path, reduced_motion=motion)
        assert page.evaluate("document.getAnimations().length") == animations
