"""What organizers see first."""

from datetime import timedelta

import pytest
from django.utils import timezone

from events.models import Event
from paddock.tenancy.scope import organization_scope
from participants.models import Step
from tests.admin.stage import Tenant, enter, page, set_steps, sign_in
from tests.support.factories import EventFactory
from tests.support.world import account_of


@pytest.fixture
def busy(contoso: Tenant, fabrikam: Tenant) -> Tenant:
    """One who waits (Ann), two ready, one preparing, three failed for two reasons; somebody else's failed, too."""
    set_steps(fabrikam.registration, "identity", state="failed", attempts=1, detail="Nobody knows them.")
    for number in range(2):
        set_steps(enter(contoso.event, f"ready{number}@contoso.example"), "access", state="done", attempts=1)
    set_steps(enter(contoso.event, "preparing@contoso.example"), "identity", state="claimed", attempts=1)
    for number in range(2):
        lost = enter(contoso.event, f"lost{number}@contoso.example")
        set_steps(lost, "identity", state="failed", attempts=1, detail=f"Nobody knows lost{number}.")
    stuck = enter(contoso.event, "stuck@contoso.example")
    set_steps(stuck, "push", state="failed", attempts=3, detail="The provider said no.")
    return contoso


def test_numbers_of_an_event(busy: Tenant) -> None:
    wall = sign_in("viewer", busy.organization).get("/admin/").context["pit_wall"]
    (event,) = wall["events"]
    numbers = {each["label"]: each["number"] for each in event["numbers"]}
    assert numbers == {"People": 7, "Registered": 1, "Preparing": 1, "Ready": 2, "Failed": 3}
    assert sum(part["value"] for part in event["bar"]) == pytest.approx(100, abs=0.5)


def test_each_number_leads_to_the_people_behind_it(busy: Tenant) -> None:
    client = sign_in("viewer", busy.organization)
    (event,) = client.get("/admin/").context["pit_wall"]["events"]
    for each in event["numbers"]:
        assert client.get(each["href"]).context["cl"].result_count == each["number"], each["label"]


def test_failures_of_one_kind_are_one_line_with_the_latest_reason(busy: Tenant) -> None:
    client = sign_in("viewer", busy.organization)
    wall = client.get("/admin/").context["pit_wall"]
    assert [(each["number"], each["reason"]) for each in wall["troubles"]] == [
        (2, "Nobody knows lost1."),
        (1, "The provider said no."),
    ]
    assert wall["failed_steps"] == 3
    assert [client.get(each["href"]).context["cl"].result_count for each in wall["troubles"]] == [2, 1]
    assert client.get(wall["failed_link"]).context["cl"].result_count == 3


def test_the_oldest_wait_stands_out(busy: Tenant) -> None:
    long_ago = timezone.now() - timedelta(hours=3)
    set_steps(busy.registration, "identity", ready_at=long_ago, detail="Entra is slow today.")
    content = sign_in("viewer", busy.organization).get("/admin/").content.decode()
    assert "ann@contoso.example" in content
    assert "For 3\N{NO-BREAK SPACE}hours. Entra is slow today." in content


def test_events_now_and_next_in_their_order(contoso: Tenant) -> None:
    now = timezone.now()
    dates = {"Running": (-1, 1), "Over": (-9, -8), "Soon": (1, 2), "Later": (30, 31)}
    with organization_scope(contoso.organization.pk):
        Event.objects.filter(pk=contoso.event.pk).update(starts_at=now + timedelta(90), ends_at=now + timedelta(91))
        for title, (start, end) in dates.items():
            EventFactory(
                title=title,
                starts_at=now + timedelta(days=start),
                ends_at=now + timedelta(days=end),
                directory=contoso.event.directory,
                sponsoring_account=account_of(contoso.event),
            )
    wall = sign_in("viewer", contoso.organization).get("/admin/").context["pit_wall"]
    titles = [(each["title"], each["is_running"]) for each in wall["events"]]
    assert titles == [("Running", True), ("Soon", False), ("Later", False), ("Contoso Cup", False)]


def test_the_page_of_an_event_says_where_its_access_stands(contoso: Tenant) -> None:
    with organization_scope(contoso.organization.pk):
        Step.objects.filter(kind="assignment").update(state="failed", detail="The role may not create assignments.")
    content = sign_in("viewer", contoso.organization).get(page(contoso.event)).content.decode()
    assert "Event group in the directory" in content
    assert "The role may not create assignments." in content
    assert "Set up access now" not in content.replace("“Set up access now”", "")
