"""The dashboard of an event and its statistics: who sees them, what they say, and what they cost."""

import csv
import io

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from events.models import Event, ParticipantGroup
from paddock.audit.recording import record
from paddock.tenancy.scope import organization_scope
from participants.admin.charts import draw_bar, draw_columns, draw_curve, make_scale
from participants.admin.event_pages import PAGES
from participants.domain.offboarding.ending import end_event
from participants.models import Registration, Step
from tests.admin.stage import Tenant, enter, page, set_steps, sign_in
from tests.admin.test_queries import count_queries
from tests.support.busy import fill_event, use

FORMULA = "=cmd|' /C calc'!A0"


def find_address(event: Event, what: str = "dashboard", *more: str) -> str:
    return reverse(f"admin:events_event_{what}", args=[event.pk, *more])


def read_csv(tenant: Tenant) -> list[list[str]]:
    answer = sign_in("viewer", tenant.organization).get(find_address(tenant.event, "statistics_csv"))
    text = b"".join(answer.streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]
    return list(csv.reader(io.StringIO(text)))


class TestDashboard:
    def test_a_new_event_says_that_nothing_has_happened(self, contoso: Tenant) -> None:
        content = sign_in("viewer", contoso.organization).get(find_address(contoso.event)).content.decode()
        assert "Nobody has trained yet." in content
        assert "No budget is set" in content
        assert "Nothing needs you." in content

    def test_a_busy_event_says_what_happens(self, contoso: Tenant) -> None:
        fill_event(contoso, people=12)
        content = sign_in("viewer", contoso.organization).get(find_address(contoso.event)).content.decode()
        for words in (
            "of 40 expected",
            "Hours of training a day",
            "Spent so far",
            "Change the quota of 12 people",
            "“The finals are on Friday”",
            "3 unlinked",
            "2 failed",
        ):
            assert words in content
        assert " style=" not in content.split('id="dashboard-numbers"')[1]

    def test_its_parts_look_at_usage_once(self, contoso: Tenant) -> None:
        """What the event and each of its days cost: numbers, charts, budget and concerns all rest on these two."""
        fill_event(contoso, people=12)
        client, address = sign_in("viewer", contoso.organization), find_address(contoso.event)
        with CaptureQueriesContext(connection) as queries:
            assert "Spent so far" in client.get(address).content.decode()
        assert sum('AS "second_prices"' in each["sql"] for each in queries) == 2

    def test_every_concern_leads_to_where_it_is_mended(self, contoso: Tenant) -> None:
        fill_event(contoso, people=12)
        with organization_scope(contoso.organization.pk):
            Event.objects.filter(pk=contoso.event.pk).update(frozen_at="2026-01-01T00:00Z")
            contoso.event.accounts.get().sponsoring_account.__class__.objects.update(
                sync_error="Gone", mode_is_on=False, frozen_at="2026-01-01T00:00Z"
            )
            Step.objects.create(event=contoso.event, kind="remove_assignment", state=Step.State.FAILED)
            contoso.event.races.create(name="Final", url="https://example.com", problem="No such track.")
            line = {"name": "mode", "group": "Account", "title": "Mode", "advice": "Turn it on.", "seen_at": ""}
            contoso.event.preflight_runs.create(finished_at="2026-01-01T00:00Z", lines=[line | {"light": "red"}])
        client = sign_in("organizer", contoso.organization)
        content = client.get(find_address(contoso.event, "dashboard_part", "work")).content.decode()
        concerns = content.split("Needs a hand")[1].split("Under way")[0]
        links = [part.split('href="')[1].split('"')[0] for part in concerns.split("<a ")[1:]]
        assert len(links) == 10
        for link in links:
            assert client.get(link.replace("&amp;", "&")).status_code == 200, link

    def test_a_part_answers_only_when_it_says_something_else(self, contoso: Tenant) -> None:
        client = sign_in("viewer", contoso.organization)
        for name in ("numbers", "charts", "work"):
            address = find_address(contoso.event, "dashboard_part", name)
            digest = client.get(address).content.decode().split("seen=")[1].split('"')[0]
            assert client.get(address, {"seen": digest}).status_code == 204
        set_steps(contoso.registration, "identity", state="failed", detail="Unknown")
        assert client.get(address, {"seen": digest}).status_code == 200

    def test_there_is_no_other_part(self, contoso: Tenant) -> None:
        client = sign_in("viewer", contoso.organization)
        assert client.get(find_address(contoso.event, "dashboard_part", "secrets")).status_code == 404

    def test_every_page_of_an_event_opens_and_links_to_the_others(self, contoso: Tenant) -> None:
        client = sign_in("owner", contoso.organization)
        content = client.get(find_address(contoso.event)).content.decode()
        for each in PAGES:
            address = each.find_address(contoso.event)
            assert f'href="{address}"' in content, each.title
            assert client.get(address).status_code == 200, each.title

    def test_it_is_reached_from_the_list_the_pit_wall_and_the_form(self, contoso: Tenant) -> None:
        client, address = sign_in("viewer", contoso.organization), find_address(contoso.event)
        for start in ("/admin/", page(Event, "changelist"), page(contoso.event)):
            assert f'href="{address}"' in client.get(start).content.decode(), start


class TestStatistics:
    def test_the_file_says_the_same_as_the_page(self, contoso: Tenant) -> None:
        """Ann trained for two hours at 3.50 dollars; Bob never came."""
        enter(contoso.event, "bob@contoso.example")
        use(contoso.registration, 2)
        header, everybody = read_csv(contoso)
        assert dict(zip(header, everybody, strict=True)) == {
            "By": "Everybody",
            "Who": "Everybody",
            "Registered": "2",
            "Got in": "1",
            "Trained": "1",
            "Share of answers, %": "",
            "Hours of training": "2.00",
            "Cost, USD": "7.00",
            "Cost of each who trained, USD": "7.00",
            "Cost of each who registered, USD": "3.50",
        }
        content = sign_in("viewer", contoso.organization).get(find_address(contoso.event, "statistics"))
        assert "$7.00" in content.content.decode()
        assert "$3.50 of each who registered" in content.content.decode()

    def test_nothing_becomes_a_formula(self, contoso: Tenant) -> None:
        with organization_scope(contoso.organization.pk):
            group = ParticipantGroup.objects.create(event=contoso.event, name=FORMULA)
            Registration.objects.update(group=group)
        assert [row[1] for row in read_csv(contoso)[2:]] == [f"'{FORMULA}"]

    def test_they_outlive_the_event(self, contoso: Tenant) -> None:
        use(contoso.registration, 2)
        before = read_csv(contoso)
        with organization_scope(contoso.organization.pk):
            end_event(event=contoso.event, keeps_models=False, actor=None, reason="Over")
        assert read_csv(contoso) == before


@pytest.mark.parametrize("what", ["dashboard", "statistics", "statistics_csv"])
class TestAccess:
    def test_an_outsider_finds_nothing(self, what: str, contoso: Tenant, fabrikam: Tenant) -> None:
        client = sign_in("owner", fabrikam.organization)
        assert client.get(find_address(contoso.event, what)).status_code == 404

    def test_whoever_is_for_chosen_events_finds_those(self, what: str, contoso: Tenant) -> None:
        with organization_scope(contoso.organization.pk):
            other = Event.objects.get(pk=contoso.event.pk)
            other.pk, other.slug = None, "other"
            other.save()
        client = sign_in("viewer", contoso.organization, events=[other])
        assert client.get(find_address(other, what)).status_code == 200
        assert client.get(find_address(contoso.event, what)).status_code == 404

    def test_queries_do_not_grow(self, what: str, contoso: Tenant) -> None:
        fill_event(contoso, people=12)
        client, address = sign_in("organizer", contoso.organization), find_address(contoso.event, what)
        before = count_queries(client, address)
        for number in range(6):
            more = enter(contoso.event, f"more{number}@contoso.example")
            use(more, 1, days_ago=number)
            set_steps(more, "identity", state="failed", detail="Unknown")
            with organization_scope(contoso.organization.pk):
                ParticipantGroup.objects.create(event=contoso.event, name=f"Group {number}")
                record(actor=None, action="did it", about=contoso.event, event_id=contoso.event.pk)
        assert count_queries(client, address) == before


class TestCharts:
    @pytest.mark.parametrize(
        ("highest", "labels"),
        [
            (0, ["1", "0"]),
            (1, ["1", "0.5", "0"]),
            (3.9, ["4", "3", "2", "1", "0"]),
            (4, ["4", "3", "2", "1", "0"]),
            (4.1, ["6", "4", "2", "0"]),
            (400, ["400", "300", "200", "100", "0"]),
            (977, ["1000", "500", "0"]),
        ],
    )
    def test_scales_begin_at_nothing_and_hold_the_highest(self, highest: float, labels: list[str]) -> None:
        scale = make_scale(highest, lambda value: f"{value:g}")
        assert scale.labels == labels
        assert scale.top >= highest

    def test_columns_stand_on_the_ground(self) -> None:
        scale = make_scale(4, str)
        low, high = draw_columns([1, 4], ["one", "four"], scale)
        assert (low.y, low.height, high.y, high.height) == ("75.00", "25.00", "0.00", "100.00")

    def test_a_curve_begins_at_nothing(self) -> None:
        curve = draw_curve([2, 4], make_scale(4, str))
        assert curve.line == "0.00,100.00 50.00,50.00 100.00,0.00"
        assert curve.end == "0.00"

    def test_a_bar_is_never_longer_than_the_whole(self) -> None:
        parts = draw_bar([(60, "spent", ""), (80, "exposed", ""), (5, "more", "")], whole=100)
        assert [(part.x, part.width) for part in parts] == [("0.00", "60.00"), ("60.00", "40.00")]
        assert draw_bar([(1, "spent", "")], whole=0) == []
