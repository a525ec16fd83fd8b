"""What is done to many at once: asked, shown, confirmed as it was shown, and watched."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from events.models import Event, ParticipantGroup, QuotaPolicy
from paddock.audit.models import AuditEntry
from paddock.tenancy.scope import organization_scope
from participants.models import Operation, Registration, Step
from tests.admin.stage import Tenant, enter, page, sign_in
from tests.admin.test_queries import count_queries
from tests.admin.test_steps import CONFIRM
from tests.support.factories import EventFactory
from tests.support.world import account_of

QUOTA = {"minutes_how": "set", "minutes": "90", "models_how": "keep", "reason": "More for everybody"}
LIST = page(Registration, "changelist")


def address(action: str) -> str:
    return reverse(f"admin:participants_registration_bulk_{action}")


def token_of(answer: Any) -> str:
    found = re.search(r'name="token" value="([^"]+)"', answer.content.decode())
    assert found, answer.content.decode()[:2000]
    return found[1]


class Walk:
    """The pages of one action, as somebody goes along them."""

    def __init__(self, client: Client, action: str) -> None:
        self.client, self.address, self.answer = client, address(action), None
        self.action = action

    def choose(self, **query: object) -> "Walk":
        self.answer = self.client.get(self.address, query)
        return self

    def select(self, *registrations: Registration, across: bool = False, query: str = "") -> "Walk":
        fields = {"action": self.action, "_selected_action": [each.pk for each in registrations], "index": 0}
        self.answer = self.client.post(LIST + query, fields | {"select_across": "1" if across else "0"})
        return self

    def send(self, stage: str, **fields: object) -> "Walk":
        self.answer = self.client.post(self.address, {"token": token_of(self.answer), "stage": stage, **fields})
        return self

    @property
    def text(self) -> str:
        assert self.answer is not None
        return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", self.answer.content.decode()))


@pytest.fixture
def people(contoso: Tenant) -> list[Registration]:
    """With the one that is there already."""
    return [contoso.registration, *(enter(contoso.event, f"person{number}@contoso.example") for number in range(3))]


@pytest.fixture
def organizer(contoso: Tenant) -> Client:
    return sign_in("organizer", contoso.organization)


@pytest.fixture
def inside(contoso: Tenant) -> Iterator[None]:
    with organization_scope(contoso.organization.pk):
        yield


def minutes_of(registrations: list[Registration]) -> list[int | None]:
    with organization_scope(registrations[0].organization_id):
        rows = Registration.objects.filter(pk__in=[each.pk for each in registrations]).order_by("pk")
        return list(rows.values_list("quota_minutes", flat=True))


class TestChoosing:
    def test_some(self, organizer: Client, people: list[Registration]) -> None:
        walk = Walk(organizer, "change_quota").select(*people[:2])
        assert "Chosen: 2 registrations" in walk.text

    def test_all_that_match_the_filter(self, organizer: Client, people: list[Registration]) -> None:
        walk = Walk(organizer, "change_quota").select(people[1], across=True, query="?q=person")
        assert "Chosen: 3 registrations" in walk.text

    def test_everybody_of_an_event(self, organizer: Client, contoso: Tenant, people: list[Registration]) -> None:
        with organization_scope(contoso.organization.pk):
            other = EventFactory(directory=contoso.event.directory, sponsoring_account=account_of(contoso.event))
        enter(other, "elsewhere@contoso.example")
        answer = organizer.get(reverse("admin:events_event_change_quota", args=[contoso.event.pk]))
        assert answer.url == f"{address('change_quota')}?event={contoso.event.pk}"
        assert "Chosen: 4 registrations" in Walk(organizer, "change_quota").choose(event=contoso.event.pk).text

    def test_one(self, organizer: Client, people: list[Registration]) -> None:
        answer = organizer.get(reverse("admin:participants_registration_pause", args=[people[0].pk]))
        assert answer.url == f"{address('pause')}?id={people[0].pk}"
        assert f"Chosen: {people[0].participant}" in Walk(organizer, "pause").choose(id=people[0].pk).text

    @pytest.mark.parametrize("query", [{}, {"event": "0"}, {"id": "nobody"}])
    def test_nobody(self, query: dict[str, str], organizer: Client, people: list[Registration]) -> None:
        assert organizer.get(address("pause"), query).status_code in (302, 404)


class TestConfirming:
    def test_what_was_shown_is_done(self, organizer: Client, people: list[Registration]) -> None:
        walk = Walk(organizer, "change_quota").select(*people[:3]).send("preview", **QUOTA)
        assert "3 people" in walk.text
        assert "no limit, any number of models" in walk.text
        assert "90 min, any number of models" in walk.text
        assert minutes_of(people) == [None] * 4  # nothing is done yet

        walk.send("confirm")
        assert minutes_of(people) == [90, 90, 90, None]
        with organization_scope(people[0].organization_id):
            operation = Operation.objects.get(title="Change the quota of 3 people")
        assert walk.answer.url == page(operation)
        assert "0 of 3 done" in organizer.get(page(operation)).content.decode()

    @pytest.mark.parametrize(
        ("change", "complaint"),
        [
            ({"reason": ""}, "This field is required"),
            ({"minutes": ""}, "Enter a number"),
            ({"minutes": "-1"}, "A limit cannot be less than nothing"),
            ({"minutes": "1000000"}, "less than or equal to 999999"),
            ({"minutes_how": "keep"}, "Nothing would change"),
        ],
    )
    def test_a_form_says_what_it_needs(
        self, change: dict[str, str], complaint: str, organizer: Client, people: list[Registration]
    ) -> None:
        walk = Walk(organizer, "change_quota").select(*people).send("preview", **QUOTA | change)
        assert complaint in walk.text

    def test_back_keeps_what_was_typed(self, organizer: Client, people: list[Registration]) -> None:
        walk = Walk(organizer, "change_quota").select(*people).send("preview", **QUOTA).send("edit")
        assert 'value="More for everybody"' in walk.answer.content.decode()
        assert "person0@contoso.example" in walk.send("preview", **QUOTA).text

    def test_what_changed_meanwhile_is_shown_and_not_done(self, organizer: Client, people: list[Registration]) -> None:
        slow = Walk(organizer, "change_quota").select(*people).send("preview", **QUOTA)
        quick = Walk(organizer, "change_quota").select(people[0])
        quick.send("preview", **QUOTA | {"minutes": "45"}).send("confirm")
        assert "Something has changed since you looked" in slow.send("confirm").text
        assert minutes_of(people) == [45, None, None, None]
        assert "45 min" in slow.text
        slow.send("confirm")
        assert minutes_of(people) == [90] * 4

    def test_a_second_click_does_nothing(self, organizer: Client, people: list[Registration]) -> None:
        walk = Walk(organizer, "stop_training").select(*people)
        walk.send("preview", and_pause="on", reason="Stop")
        fields = {"token": token_of(walk.answer), "stage": "confirm", "typed": "4"}
        for _ in range(2):
            answer = organizer.post(walk.address, fields)
            assert answer.status_code in (200, 302)
        with organization_scope(people[0].organization_id):
            assert Operation.objects.filter(reason="Stop").count() == 1

    def test_whoever_goes_back_may_confirm_once_more(self, organizer: Client, people: list[Registration]) -> None:
        walk = Walk(organizer, "change_quota").select(*people).send("preview", **QUOTA)
        shown = walk.answer
        walk.send("confirm")
        walk.answer = shown  # the browser's way back
        walk.send("edit").send("preview", **QUOTA | {"minutes": "120"}).send("confirm")
        assert minutes_of(people) == [120] * 4

    @pytest.mark.parametrize("typed", ["", "3", "44", "four"])
    def test_what_is_destructive_needs_the_number(
        self, typed: str, organizer: Client, people: list[Registration]
    ) -> None:
        walk = Walk(organizer, "stop_training").select(*people).send("preview", reason="Stop")
        assert "Type 4 to confirm" in walk.text
        assert "Nothing was done" in walk.send("confirm", typed=typed).text
        with organization_scope(people[0].organization_id):
            assert not Step.objects.filter(kind="stop").exists()
        assert walk.send("confirm", typed=" 4 ").answer.status_code == 302

    def test_nothing_to_do(self, organizer: Client, people: list[Registration]) -> None:
        walk = Walk(organizer, "resume").select(*people).send("preview", reason="Go on")
        assert "Nobody changes" in walk.text
        assert "Was not paused by anybody" in walk.text
        assert "There is nothing to do" in walk.send("confirm").text

    def test_confirming_without_looking(self, organizer: Client, people: list[Registration]) -> None:
        walk = Walk(organizer, "pause").select(*people).send("confirm", reason="Quick")
        assert "Show who changes" in walk.text
        with organization_scope(people[0].organization_id):
            assert not Registration.objects.filter(paused_at__isnull=False).exists()


class TestWhoMay:
    def test_a_token_is_its_owner_s(self, organizer: Client, contoso: Tenant, people: list[Registration]) -> None:
        walk = Walk(organizer, "pause").select(*people).send("preview", reason="Quick")
        other = sign_in("organizer", contoso.organization)
        answer = other.post(walk.address, {"token": token_of(walk.answer), "stage": "confirm"})
        assert answer.url == LIST
        assert organizer.post(address("resume"), {"token": token_of(walk.answer), "stage": "confirm"}).url == LIST
        forged = {"token": token_of(walk.answer)[:-1] + "x", "stage": "confirm"}
        assert organizer.post(walk.address, forged).url == LIST

    def test_viewers_are_offered_nothing(self, contoso: Tenant, people: list[Registration]) -> None:
        viewer = sign_in("viewer", contoso.organization)
        assert "Change quota" not in viewer.get(LIST).content.decode()
        assert viewer.get(address("pause"), {"event": contoso.event.pk}).status_code == 403

    def test_of_another_event(self, contoso: Tenant, people: list[Registration]) -> None:
        with organization_scope(contoso.organization.pk):
            own = EventFactory(directory=contoso.event.directory)
        elsewhere = sign_in("organizer", contoso.organization, events=[own])
        assert elsewhere.get(address("pause"), {"event": contoso.event.pk}).status_code == 404
        assert elsewhere.get(address("pause"), {"id": people[0].pk}).status_code == 404
        policy_page = reverse("admin:events_quotapolicy_bulk_change_policy")
        with organization_scope(contoso.organization.pk):
            default = QuotaPolicy.objects.create(minutes=600)
        assert elsewhere.get(policy_page, {"id": default.pk}).status_code == 404

    def test_of_another_organization(self, fabrikam: Tenant, people: list[Registration]) -> None:
        outsider = sign_in("owner", fabrikam.organization)
        assert outsider.get(address("pause"), {"event": people[0].event_id}).status_code == 404
        assert outsider.get(address("pause"), {"id": people[0].pk}).status_code == 404

    def test_whoever_loses_the_event_on_the_way(self, contoso: Tenant, people: list[Registration]) -> None:
        organizer = sign_in("organizer", contoso.organization, events=[contoso.event])
        walk = Walk(organizer, "pause").select(*people).send("preview", reason="Quick")
        with organization_scope(contoso.organization.pk):
            Event.objects.get(pk=contoso.event.pk)
            for chosen in contoso_memberships(organizer):
                chosen.chosen_events.all().delete()
        assert "Something has changed" in walk.send("confirm").text
        with organization_scope(contoso.organization.pk):
            assert not Registration.objects.filter(paused_at__isnull=False).exists()


def contoso_memberships(client: Client) -> Any:
    from paddock.tenancy.models import Membership

    return Membership.objects.filter(user_id=client.session["_auth_user_id"])


@pytest.mark.usefixtures("inside")
class TestPolicies:
    def test_from_nothing_to_a_policy_that_reaches_those_who_are_there(
        self, organizer: Client, contoso: Tenant, people: list[Registration]
    ) -> None:
        answer = organizer.get(reverse("admin:events_event_quota_policy", args=[contoso.event.pk]))
        answer = organizer.post(answer.url, {"event": contoso.event.pk, "group": ""})
        walk = Walk(organizer, "change_quota")
        walk.address = answer.url.partition("?")[0]
        walk.answer = organizer.get(answer.url)
        walk.send("preview", minutes="300", models="", existing="no", reason="Less")
        assert "0 people who are there" in walk.text
        walk.send("edit")
        walk.send("preview", minutes="300", models="", existing="yes", reason="Less")
        assert "4 people who are there" in walk.text
        walk.send("confirm")
        assert minutes_of(people) == [300] * 4
        assert minutes_of([enter(contoso.event, "late@contoso.example")]) == [300]
        entry = AuditEntry.objects.get(action="changed a quota policy")
        assert (entry.reason, entry.changes["training minutes"]) == ("Less", [None, 300])
        answer = organizer.get(reverse("admin:events_event_quota_policy", args=[contoso.event.pk]))
        assert answer.url == f"{walk.address}?id={QuotaPolicy.objects.get().pk}"
        assert "300 min" in organizer.get(page(QuotaPolicy, "changelist")).content.decode()

    @pytest.mark.parametrize(
        ("which", "complaint"),
        [("twice", "There is a policy for this already"), ("strange", "belongs to another event")],
    )
    def test_places_that_make_no_sense(self, which: str, complaint: str, organizer: Client, contoso: Tenant) -> None:
        other = EventFactory(directory=contoso.event.directory)
        QuotaPolicy.objects.create(event=contoso.event)
        group = contoso.group.pk if which == "strange" else ""
        event = other.pk if which == "strange" else contoso.event.pk
        answer = organizer.post(page(QuotaPolicy, "add"), {"event": event, "group": group})
        assert complaint in answer.content.decode()

    def test_organizers_of_chosen_events_leave_the_organization_s_default_alone(self, contoso: Tenant) -> None:
        client = sign_in("organizer", contoso.organization, events=[contoso.event])
        answer = client.post(page(QuotaPolicy, "add"), {"event": "", "group": ""})
        assert "Choose one of your events" in answer.content.decode()


FILTERS = {
    "sponsorship=open": {1, 3},
    "sponsorship=paused": {0},
    "sponsorship=removed": {2},
    "sponsorship=frozen": set(),
    "sponsorship=own": {3},
    "sponsorship=nonsense": {0, 1, 2, 3},
    "group={group}": {1},
    "group=nonsense": set(),
}


@pytest.mark.usefixtures("inside")
@pytest.mark.parametrize("query", FILTERS)
def test_filters(query: str, organizer: Client, contoso: Tenant, people: list[Registration]) -> None:
    now = contoso.event.starts_at
    for number, change in enumerate([{"paused_at": now}, {"group": contoso.group}, {"removed_at": now}]):
        Registration.objects.filter(pk=people[number].pk).update(**change)
    Registration.objects.filter(pk=people[3].pk).update(has_own_quota=True)
    answer = organizer.get(f"{LIST}?{query.format(group=contoso.group.pk)}").content.decode()
    assert {number for number, each in enumerate(people) if each.participant.email in answer} == FILTERS[query]


@pytest.mark.usefixtures("inside")
class TestGroups:
    def test_a_new_group(self, organizer: Client, people: list[Registration]) -> None:
        walk = Walk(organizer, "put_in_group").select(*people[:2])
        walk.send("preview", group="", new_group="Team A", reason="Teams")
        assert "Team A: no limit" in walk.text
        walk.send("confirm")
        group = ParticipantGroup.objects.get(name="Team A")
        assert group.registrations.count() == 2
        walk = Walk(organizer, "put_in_group").select(*people).send("preview", group=group.pk, reason="All")
        assert "2 people" in walk.text
        assert "Is there already" in walk.text

    def test_a_group_is_of_one_event(self, organizer: Client, contoso: Tenant, people: list[Registration]) -> None:
        other = EventFactory(directory=contoso.event.directory, sponsoring_account=account_of(contoso.event))
        stranger = enter(other, "stranger@contoso.example")
        walk = Walk(organizer, "put_in_group").select(people[0], stranger)
        assert "of several" in walk.send("preview", group="", new_group="Team A", reason="Teams").text
        walk.send("preview", group=contoso.group.pk, new_group="", reason="Teams")
        assert "Is in another event than the group" in walk.text


class TestSayingWhatCannotBeDone:
    @pytest.fixture(autouse=True)
    def _without_a_pause(self, contoso: Tenant, people: list[Registration]) -> None:
        with organization_scope(contoso.organization.pk):
            account = account_of(contoso.event)
            account.kind, account.site_url = "deepracer_on_aws", "https://racing.example.com"
            account.save()

    def test_no_pause(self, organizer: Client, people: list[Registration]) -> None:
        walk = Walk(organizer, "pause").select(*people).send("preview", reason="Break")
        assert "has no pause: a quota of 0 minutes stands in for it" in walk.text
        assert "Paused, by a quota of 0" in walk.text

    def test_no_way_to_end_jobs(self, organizer: Client, people: list[Registration]) -> None:
        walk = Walk(organizer, "stop_training").select(*people).send("preview", reason="Break")
        assert "cannot end jobs" in walk.text
        assert "Nobody changes" in walk.text


class TestProgress:
    def test_it_asks_again_until_it_is_over(self, organizer: Client, people: list[Registration]) -> None:
        operation = self._begin(organizer, people)
        fragment = reverse("admin:participants_operation_progress", args=[operation.pk])
        assert f'hx-get="{fragment}"' in organizer.get(page(operation)).content.decode()
        with organization_scope(people[0].organization_id):
            Step.objects.filter(operation=operation).update(state="done")
            Step.objects.filter(operation=operation, registration=people[0]).update(
                state="failed", detail="The account refused Paddock."
            )
        answer = organizer.get(fragment).content.decode()
        assert "hx-get" not in answer
        assert "3 of 4 done" in answer
        assert "The account refused Paddock." in answer
        steps = f"{page(Step, 'changelist')}?operation={operation.pk}"
        assert steps in answer
        assert "4 results" in organizer.get(steps).content.decode()
        assert "0 results" in organizer.get(f"{page(Step, 'changelist')}?operation=none").content.decode()
        assert "Failed" in organizer.get(page(Operation, "changelist")).content.decode()

        organizer.post(reverse("admin:participants_operation_retry_failed", args=[operation.pk]), CONFIRM)
        assert "1 to go" in organizer.get(fragment).content.decode()

    def _begin(self, organizer: Client, people: list[Registration]) -> Operation:
        Walk(organizer, "pause").select(*people).send("preview", reason="Break").send("confirm")
        with organization_scope(people[0].organization_id):
            return Operation.objects.get(reason="Break")

    def test_progress_costs_the_same_for_any_number(self, organizer: Client, contoso: Tenant) -> None:
        counts = []
        for size in (1, 3, 60):
            there = [enter(contoso.event, f"{size}-{number}@contoso.example") for number in range(size)]
            with organization_scope(contoso.organization.pk):
                operation = Operation.objects.create(event=contoso.event, title=f"{size}", total=size)
                Step.objects.filter(registration__in=there, kind="identity").update(
                    operation=operation, state="failed", detail="No"
                )
                Step.objects.filter(registration__in=there, kind="membership").update(operation=operation)
            addresses = [page(operation), page(Operation, "changelist"), page(QuotaPolicy, "changelist")]
            counts.append([count_queries(organizer, each) for each in addresses])
        assert counts[0] == counts[1] == counts[2]

    @pytest.mark.parametrize("action", ["change_quota", "pause", "put_in_group", "follow_policy"])
    def test_previews_cost_the_same_for_any_number(self, action: str, organizer: Client, contoso: Tenant) -> None:
        with organization_scope(contoso.organization.pk):
            answers = {"change_quota": QUOTA, "put_in_group": {"group": contoso.group.pk}}.get(action, {})
        counts = []
        for size in (1, 3, 40):
            there = [enter(contoso.event, f"{size}-{number}@contoso.example") for number in range(size)]
            walk = Walk(organizer, action).select(*there)
            with CaptureQueriesContext(connection) as queries:
                walk.send("preview", **answers | {"reason": "Counting"})
            shown = len(queries)
            with CaptureQueriesContext(connection) as queries:
                walk.send("confirm")
            counts.append((shown, len(queries)))
        assert len(set(counts)) == 1, counts
