"""Quotas: the nearest policy wins, people may have their own, and whoever changes them leaves a trace."""

from collections.abc import Callable, Iterator
from threading import Barrier, Thread

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from events.models import Event, ParticipantGroup, QuotaPolicy
from paddock.audit.models import AuditEntry
from paddock.tenancy.models import Organization
from paddock.tenancy.scope import organization_scope
from participants.domain.quotas.adjusting import KEEP, LARGEST, UNLIMIT, Adjustment, add, set_to
from participants.domain.quotas.balances import see_balances
from participants.domain.quotas.changing import change_quota, follow_policy
from participants.domain.quotas.groups import create_group, put_in_group
from participants.domain.quotas.policies import Quota, resolve_quota, take_nearest
from participants.domain.quotas.policy_changes import Place, change_policy, plan_policy_change
from participants.models import QuotaChange, RacerProfile, Registration, Step, UsageDay
from tests.admin.stage import enter
from tests.support.factories import EventFactory, OrganizationFactory, UserFactory
from tests.support.world import account_of

NOTHING = Quota(None, None)


@pytest.fixture
def organization(db: None) -> Iterator[Organization]:
    organization = OrganizationFactory()
    with organization_scope(organization.pk):
        yield organization


@pytest.fixture
def event(organization: Organization) -> Event:
    return EventFactory()


def people(event: Event, count: int) -> list[Registration]:
    return [enter(event, f"racer{number}@example.com") for number in range(count)]


def reload(registrations: list[Registration]) -> list[Quota]:
    rows = Registration.objects.filter(pk__in=[each.pk for each in registrations]).order_by("pk")
    return [Quota(row.quota_minutes, row.quota_models) for row in rows]


LEVELS: dict[str, tuple[Quota, Quota, Quota, Quota]] = {
    "no word at all is no limit": (NOTHING, NOTHING, NOTHING, NOTHING),
    "the organization's": (Quota(600, 5), NOTHING, NOTHING, Quota(600, 5)),
    "the event's": (Quota(600, 5), Quota(300, 3), NOTHING, Quota(300, 3)),
    "the group's": (Quota(600, 5), Quota(300, 3), Quota(900, 9), Quota(900, 9)),
    "each of the two by itself": (Quota(600, 5), Quota(300, None), Quota(None, 9), Quota(300, 9)),
    "a group's without an event's": (Quota(600, 5), NOTHING, Quota(900, None), Quota(900, 5)),
    "nothing is a word": (Quota(600, 5), Quota(0, 0), NOTHING, Quota(0, 0)),
}


class TestPolicies:
    @pytest.mark.parametrize("case", LEVELS)
    def test_levels(self, case: str, event: Event) -> None:
        organization, own, of_group, expected = LEVELS[case]
        group = ParticipantGroup.objects.create(event=event, name="Team A")
        elsewhere = EventFactory(directory=event.directory)
        QuotaPolicy.objects.create(event=elsewhere, minutes=1, model_count=1)
        for place, quota in ({}, organization), ({"event": event}, own), ({"event": event, "group": group}, of_group):
            QuotaPolicy.objects.create(**place, minutes=quota.minutes, model_count=quota.models)
        assert resolve_quota(event=event, group=group) == expected
        minutes = own.minutes if own.minutes is not None else organization.minutes
        assert resolve_quota(event=event, group=None).minutes == minutes

    @given(st.lists(st.tuples(st.none() | st.integers(0, 9), st.none() | st.integers(0, 9)), max_size=4))
    def test_the_nearest_wins(self, levels: list[tuple[int | None, int | None]]) -> None:
        found = take_nearest([Quota(*level) for level in levels])
        for index, value in enumerate(found):
            words = [level[index] for level in levels if level[index] is not None]
            assert value == (words[0] if words else None)

    def test_whoever_registers_gets_what_the_policies_say(self, event: Event) -> None:
        QuotaPolicy.objects.create(minutes=600, model_count=5)
        QuotaPolicy.objects.create(event=event, minutes=120)
        assert reload(people(event, 1)) == [Quota(120, 5)]

    @pytest.mark.parametrize("existing", [True, False])
    def test_those_who_are_there_change_only_if_asked(self, existing: bool, event: Event) -> None:
        there = people(event, 3)
        own, removed = there[1], there[2]
        change_quota(registrations=[own.pk], minutes=set_to(45), models=KEEP, reason="", actor=None)
        Registration.objects.filter(pk=removed.pk).update(removed_at=event.starts_at)
        place = Place(event.organization, event)
        assert [each.registration for each in plan_policy_change(place=place, quota=Quota(90, 2))] == [there[0]]

        change_policy(place=place, quota=Quota(90, 2), existing=existing, reason="Less", actor=None)
        first = Quota(90, 2) if existing else NOTHING
        assert reload(there) == [first, Quota(45, None), NOTHING]
        assert reload([enter(event, "late@example.com")]) == [Quota(90, 2)]

    def test_an_organization_s_policy_reaches_all_its_events(self, event: Event) -> None:
        other = EventFactory(directory=event.directory)
        QuotaPolicy.objects.create(event=other, minutes=30)
        there = [*people(event, 1), *people(other, 1)]
        operations = change_policy(
            place=Place(event.organization), quota=Quota(60, 1), existing=True, reason="Start", actor=None
        )
        assert reload(there) == [Quota(60, 1), Quota(30, 1)]
        assert {operation.event for operation in operations} == {event, other}


class TestPeople:
    ADJUSTMENTS: dict[str, tuple[Adjustment, int | None, int | None]] = {
        "kept": (KEEP, 60, 60),
        "set": (set_to(90), 60, 90),
        "set to nothing": (set_to(0), 60, 0),
        "more": (add(30), 60, 90),
        "less": (add(-30), 60, 30),
        "never less than nothing": (add(-90), 60, 0),
        "never more than services count": (add(LARGEST), 60, LARGEST),
        "more than no limit": (add(30), None, None),
        "no limit": (UNLIMIT, 60, None),
    }

    @pytest.mark.parametrize("case", ADJUSTMENTS)
    def test_adjustments(self, case: str) -> None:
        adjustment, before, after = self.ADJUSTMENTS[case]
        assert adjustment.apply(before) == after

    def test_a_change_leaves_history_audit_entry_and_steps(self, event: Event) -> None:
        there, ann = people(event, 3), UserFactory(email="ann@example.com")
        change_quota(registrations=[there[0].pk], minutes=set_to(60), models=KEEP, reason="First", actor=ann)
        (operation,) = change_quota(
            registrations=[each.pk for each in there], minutes=set_to(90), models=set_to(2), reason="More", actor=ann
        )
        assert reload(there) == [Quota(90, 2)] * 3
        changes = QuotaChange.objects.filter(reason="More").order_by("registration_id")
        assert [(each.minutes_before, each.minutes_after, each.changed_by) for each in changes] == [
            (60, 90, ann),
            (None, 90, ann),
            (None, 90, ann),
        ]
        entry = AuditEntry.objects.first()
        assert entry is not None
        assert (entry.action, entry.reason, entry.actor_name) == ("changed the quota of 3 people", "More", ann.email)
        assert entry.changes["training minutes"] == ["60 or no limit", "90"]
        assert Step.objects.filter(operation=operation, kind="sponsorship").count() == operation.total == 3

    def test_what_does_not_change_leaves_no_trace(self, event: Event) -> None:
        there = people(event, 2)
        for _ in range(2):
            operations = change_quota(
                registrations=[each.pk for each in there], minutes=set_to(90), models=KEEP, reason="", actor=None
            )
        assert operations == []
        assert QuotaChange.objects.count() == 2

    def test_own_quotas_give_way_to_the_policy_again(self, event: Event) -> None:
        there = people(event, 1)
        QuotaPolicy.objects.create(event=event, minutes=300)
        change_quota(registrations=[there[0].pk], minutes=set_to(1), models=set_to(1), reason="", actor=None)
        follow_policy(registrations=[there[0].pk], reason="", actor=None)
        assert reload(there) == [Quota(300, None)]
        assert not Registration.objects.get().has_own_quota

    def test_queries_do_not_grow_with_the_people(self, event: Event) -> None:
        def measure(count: int) -> int:
            there = [enter(event, f"{count}-{number}@example.com") for number in range(count)]
            with CaptureQueriesContext(connection) as queries:
                change_quota(
                    registrations=[each.pk for each in there],
                    minutes=set_to(77),
                    models=KEEP,
                    reason="",
                    actor=None,
                )
            return len(queries)

        assert len({measure(count) for count in (1, 3, 40)}) == 1


class TestGroups:
    def test_whoever_moves_gets_the_quota_of_where_they_go(self, event: Event) -> None:
        there = people(event, 3)
        change_quota(registrations=[there[2].pk], minutes=set_to(7), models=KEEP, reason="", actor=None)
        group = create_group(event=event, name="Team A", reason="", actor=None)
        assert create_group(event=event, name="Team A", reason="", actor=None) == group
        QuotaPolicy.objects.create(event=event, group=group, minutes=900)
        ids = [each.pk for each in there]

        (operation,) = put_in_group(event=event, registrations=ids, group=group, reason="Teams", actor=None)
        assert reload(there) == [Quota(900, None), Quota(900, None), Quota(7, None)]
        assert Registration.objects.filter(group=group).count() == 3
        assert operation.total == 2
        assert put_in_group(event=event, registrations=ids, group=group, reason="Again", actor=None) == []

        put_in_group(event=event, registrations=ids[:1], group=None, reason="Out", actor=None)
        assert reload(there)[0] == NOTHING

    def test_people_of_other_events_stay_where_they_are(self, event: Event) -> None:
        (stranger,) = people(EventFactory(directory=event.directory), 1)
        group = create_group(event=event, name="Team A", reason="", actor=None)
        put_in_group(event=event, registrations=[stranger.pk], group=group, reason="", actor=None)
        assert Registration.objects.get(pk=stranger.pk).group is None


class TestBalances:
    def test_used_queued_and_left(self, event: Event) -> None:
        there = people(event, 3)
        change_quota(
            registrations=[each.pk for each in there[:2]], minutes=set_to(60), models=KEEP, reason="", actor=None
        )
        for registration, seconds in zip(there, (600, 7200, 60), strict=True):
            spend(registration, seconds)
        RacerProfile.objects.filter(participant=there[0].participant).update(queued_seconds=120)
        with CaptureQueriesContext(connection) as queries:
            balances = see_balances(registrations=Registration.objects.filter(event=event))
        assert len(queries) == 3
        found = [(balances[each.pk].used, balances[each.pk].queued, balances[each.pk].left) for each in there]
        assert found == [(600, 120, 3000), (7200, 0, 0), (60, 0, None)]


def spend(registration: Registration, seconds: int, event: Event | None = None) -> None:
    """So much training for the event of the registration, or another one."""
    profile = RacerProfile.objects.get(
        participant=registration.participant, sponsoring_account=account_of(registration.event)
    )
    RacerProfile.objects.filter(pk=profile.pk).update(used_seconds=profile.used_seconds + seconds)
    event = event or registration.event
    UsageDay.objects.create(
        profile=profile,
        event=event,
        day=event.starts_at.date(),
        training_seconds=seconds,
        training_hour_price=0,
        storage_gigabyte_month_price=0,
        as_of=event.starts_at,
    )


def add_slowly(registration: Registration, barrier: Barrier, *, locked: bool) -> Callable[[], None]:
    """Two hold the same number in their hands; only the lock keeps the later one from writing over the earlier one."""

    def without_lock() -> None:
        with transaction.atomic():
            row = Registration.objects.get(pk=registration.pk)
            barrier.wait(timeout=60)
            Registration.objects.filter(pk=row.pk).update(quota_minutes=add(30).apply(row.quota_minutes))

    def with_lock() -> None:
        barrier.wait(timeout=60)
        change_quota(registrations=[registration.pk], minutes=add(30), models=KEEP, reason="", actor=None)

    def work() -> None:
        with organization_scope(registration.organization_id):
            (with_lock if locked else without_lock)()
        connection.close()

    return work


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("locked", "expected"), [(True, 120), (False, 90)], ids=["ours", "control"])
def test_two_organizers_who_give_more_to_the_same_person(locked: bool, expected: int) -> None:
    organization = OrganizationFactory()
    with organization_scope(organization.pk):
        (registration,) = people(EventFactory(), 1)
        change_quota(registrations=[registration.pk], minutes=set_to(60), models=KEEP, reason="", actor=None)
    barrier = Barrier(2)
    threads = [Thread(target=add_slowly(registration, barrier, locked=locked)) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    with organization_scope(organization.pk):
        assert reload([registration]) == [Quota(expected, None)]
        assert QuotaChange.objects.count() == (3 if locked else 1)
