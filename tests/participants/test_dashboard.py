"""Where an event stands: its numbers, counted by hand beforehand, and what needs a person."""

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from events.models import Event, Firing, Race, SponsoringAccount, Threshold
from paddock.audit.recording import record
from paddock.money import MICROS
from paddock.tenancy.scope import organization_scope
from participants.domain.dashboard.activity import find_running_operations, list_recent_actions
from participants.domain.dashboard.attention import Kind
from participants.domain.dashboard.funnel import see_funnel
from participants.domain.dashboard.sight import Sight
from participants.domain.dashboard.spending import see_days
from participants.domain.dashboard.trainers import find_top_trainers
from participants.domain.offboarding.ending import end_event
from participants.domain.operations import start_operation
from participants.models import PreflightRun, RacerProfile, Registration, Step
from tests.admin.stage import Tenant, build_tenant, enter, set_steps
from tests.support.budgets import set_budget
from tests.support.busy import fill_event, find_racer, let_in, use

pytestmark = pytest.mark.django_db


@pytest.fixture
def contoso() -> Tenant:
    """Ann alone is registered."""
    return build_tenant("Contoso")


def change_event(tenant: Tenant, **fields: object) -> Event:
    with organization_scope(tenant.organization.pk):
        Event.objects.filter(pk=tenant.event.pk).update(**fields)
        return Event.objects.get(pk=tenant.event.pk)


def change_accounts(tenant: Tenant, **fields: object) -> None:
    with organization_scope(tenant.organization.pk):
        SponsoringAccount.objects.update(**fields)


def find_kinds(tenant: Tenant) -> list[Kind]:
    with organization_scope(tenant.organization.pk):
        return [concern.kind for concern in Sight(Event.objects.get(pk=tenant.event.pk)).concerns]


class TestFunnel:
    def test_counts_people_stage_by_stage(self, contoso: Tenant) -> None:
        people = [enter(contoso.event, f"{name}@contoso.example") for name in ("bob", "cem", "dee")]
        for registration in people[:2]:
            let_in(registration)
        use(people[0], 1.5)
        use(people[0], 0.5, days_ago=1)
        event = change_event(contoso, capacity=10, expected_participants=8)
        with organization_scope(contoso.organization.pk):
            funnel = see_funnel(event=event)
        assert (funnel.registered, funnel.got_in, funnel.trained, funnel.removed) == (4, 2, 1, 0)
        assert (funnel.expected, funnel.places) == (8, 10)

    def test_whoever_trained_was_in_and_whoever_was_removed_took_part(self, contoso: Tenant) -> None:
        use(contoso.registration, 1)
        with organization_scope(contoso.organization.pk):
            end_event(event=contoso.event, keeps_models=False, actor=None, reason="Over")
            funnel = see_funnel(event=contoso.event)
        assert (funnel.registered, funnel.got_in, funnel.trained, funnel.removed) == (1, 1, 1, 1)

    def test_training_for_another_event_does_not_count(self, contoso: Tenant) -> None:
        other = build_tenant("Fabrikam")
        use(other.registration, 1)
        with organization_scope(contoso.organization.pk):
            assert see_funnel(event=contoso.event).trained == 0


class TestMoney:
    def test_days_have_no_holes_and_add_up(self, contoso: Tenant) -> None:
        """2 hours three days ago and 1 hour yesterday, at 3.50 dollars."""
        use(contoso.registration, 2, days_ago=3)
        use(contoso.registration, 1, days_ago=1)
        with organization_scope(contoso.organization.pk):
            days = see_days(event=contoso.event)
        today = timezone.now().date()
        assert [(day.day - today).days for day in days] == [-3, -2, -1, 0]
        assert [day.training_seconds for day in days] == [7200, 0, 3600, 0]
        assert [day.spent for day in days] == [7 * MICROS, 0, 3_500_000, 0]
        assert [day.spent_so_far for day in days] == [7 * MICROS, 7 * MICROS, 10_500_000, 10_500_000]

    def test_an_event_that_is_over_ends_with_its_last_cost(self, contoso: Tenant) -> None:
        use(contoso.registration, 2, days_ago=9)
        now = timezone.now()
        event = change_event(contoso, starts_at=now - timedelta(days=12), ends_at=now - timedelta(days=8))
        with organization_scope(contoso.organization.pk):
            (day,) = see_days(event=event)
        assert day.day == now.date() - timedelta(days=9)

    def test_before_anybody_trains_there_are_no_days(self, contoso: Tenant) -> None:
        with organization_scope(contoso.organization.pk):
            money = Sight(contoso.event).money
        assert money.days == []
        assert money.figures is None

    def test_the_last_day_comes_to_what_is_spent(self, contoso: Tenant) -> None:
        fill_event(contoso, people=12)
        with organization_scope(contoso.organization.pk):
            money = Sight(Event.objects.get(pk=contoso.event.pk)).money
        assert money.days[-1].spent_so_far == money.usage.spent
        assert sum(day.training_seconds for day in money.days) == money.usage.training_seconds
        assert money.figures is not None
        assert money.figures.amount == 400 * MICROS
        assert [each.percent for each in money.thresholds] == [50, 80, 100]


def test_trainers_come_by_their_hours(contoso: Tenant) -> None:
    hours = {"bob": 1.0, "cem": 3.0, "dee": 2.0}
    for name, number in hours.items():
        use(enter(contoso.event, f"{name}@contoso.example"), number)
    with organization_scope(contoso.organization.pk):
        trainers = find_top_trainers(event=contoso.event, number=2)
    assert [(each.registration.participant.email, each.balance.used) for each in trainers] == [
        ("cem@contoso.example", 10800),
        ("dee@contoso.example", 7200),
    ]


class TestAttention:
    def test_a_quiet_event_has_none(self, contoso: Tenant) -> None:
        change_accounts(contoso, synced_at=timezone.now(), mode_is_on=True)
        set_budget(contoso.event, 100, (50, "alert"))
        assert find_kinds(contoso) == []

    @pytest.mark.parametrize(
        ("fields", "kind"),
        [
            ({"frozen_at": timezone.now()}, Kind.FROZEN),
            ({"mode_is_on": False}, Kind.MODE_OFF),
            ({"sync_error": "The role is gone."}, Kind.SYNC_ERROR),
            ({"synced_at": timezone.now() - timedelta(hours=2)}, Kind.SYNC_STALE),
        ],
    )
    def test_accounts(self, contoso: Tenant, fields: dict[str, object], kind: Kind) -> None:
        change_accounts(contoso, **fields)
        assert find_kinds(contoso) == [kind]

    def test_failed_steps_of_one_kind_are_one_line_and_removals_another(self, contoso: Tenant) -> None:
        for name in ("bob", "cem"):
            lost = enter(contoso.event, f"{name}@contoso.example")
            set_steps(lost, "identity", state="failed", detail=f"Nobody knows {name}.")
        with organization_scope(contoso.organization.pk):
            for kind in ("remove_quota", "remove_models"):
                Step.objects.create(
                    event=contoso.event, registration=contoso.registration, kind=kind, state=Step.State.FAILED
                )
            concerns = Sight(contoso.event).concerns
        assert [(each.kind, each.number, each.why) for each in concerns] == [
            (Kind.QUARANTINED, 1, ""),
            (Kind.FAILED_STEPS, 2, "Nobody knows cem."),
        ]

    @pytest.mark.parametrize(
        ("hours", "kinds"),
        [(11, []), (12, [Kind.THRESHOLD_NEAR]), (20, [Kind.THRESHOLD_NEAR]), (29, [Kind.BUDGET])],
    )
    def test_budgets(self, contoso: Tenant, hours: float, kinds: list[Kind]) -> None:
        """Of 100 dollars: 38.50, 42, 70 and 101.50 are spent; 50 % and 80 % are armed."""
        set_budget(contoso.event, 100, (50, "alert"), (80, "alert"))
        use(contoso.registration, hours)
        assert find_kinds(contoso) == kinds

    def test_the_budget_of_an_account_concerns_its_events(self, contoso: Tenant) -> None:
        with organization_scope(contoso.organization.pk):
            account = SponsoringAccount.objects.get()
        set_budget(account, 10, (100, "freeze"))
        use(contoso.registration, 3)
        assert find_kinds(contoso) == [Kind.BUDGET]

    def test_an_alert_that_nobody_got(self, contoso: Tenant) -> None:
        budget = set_budget(contoso.event, 1000, (90, "alert"))
        with organization_scope(contoso.organization.pk):
            Firing.objects.create(
                threshold=Threshold.objects.get(budget=budget),
                amount=1,
                spent=1,
                exposure=0,
                explanation="Why",
                mail_state=Firing.MailState.FAILED,
                mail_error="The address is suppressed.",
            )
            (concern,) = Sight(contoso.event).concerns
        assert (concern.kind, concern.why) == (Kind.ALERT_NOT_SENT, "The address is suppressed.")

    def test_races_preflight_and_strangers(self, contoso: Tenant) -> None:
        with organization_scope(contoso.organization.pk):
            Race.objects.create(event=contoso.event, name="Final", url="https://example.com", problem="No such track.")
            lines = [{"light": "red"}, {"light": "amber"}, {"light": "green"}, {"light": "red"}]
            PreflightRun.objects.create(event=contoso.event, finished_at=timezone.now(), lines=lines)
            account = SponsoringAccount.objects.get()
            RacerProfile.objects.create(sponsoring_account=account, alias="ghost", service_id="1")
            RacerProfile.objects.create(sponsoring_account=account, alias="nobody", service_id="2", is_ignored=True)
            concerns = Sight(contoso.event).concerns
        assert [(each.kind, each.number) for each in concerns] == [
            (Kind.RACE, 1),
            (Kind.PREFLIGHT, 2),
            (Kind.UNLINKED, 1),
        ]

    def test_other_events_do_not_matter(self, contoso: Tenant) -> None:
        other = build_tenant("Fabrikam")
        set_steps(other.registration, "identity", state="failed")
        change_accounts(other, sync_error="Gone")
        assert find_kinds(contoso) == []


class TestActivity:
    def test_actions_of_the_event_come_latest_first(self, contoso: Tenant) -> None:
        with organization_scope(contoso.organization.pk):
            for number in range(8):
                record(actor=None, action=f"did {number}", about=contoso.event, event_id=contoso.event.pk)
            record(actor=None, action="elsewhere", about=contoso.event)
            found = list_recent_actions(event=contoso.event, number=3)
        assert [entry.action for entry in found] == ["did 7", "did 6", "did 5"]

    def test_operations_are_those_with_open_steps(self, contoso: Tenant) -> None:
        with organization_scope(contoso.organization.pk):
            event, ids = contoso.event, list(Registration.objects.values_list("pk", flat=True))
            for title in ("First", "Second"):
                start_operation(
                    event=event, title=title, reason="Why", actor=None, registrations=ids, kinds=["sponsorship"]
                )
            (running,) = find_running_operations(event=event)
            assert running.operation.title == "Second"
            assert (running.progress.open, running.progress.total) == (1, 1)
            Step.objects.filter(kind="sponsorship").update(state=Step.State.DONE)
            assert find_running_operations(event=event) == []


def test_queries_do_not_grow(contoso: Tenant) -> None:
    def count() -> int:
        with organization_scope(contoso.organization.pk), CaptureQueriesContext(connection) as queries:
            event = Event.objects.get(pk=contoso.event.pk)
            see_funnel(event=event)
            sight = Sight(event)
            assert sight.money.days
            assert sight.concerns
            find_top_trainers(event=event)
            list_recent_actions(event=event)
            find_running_operations(event=event)
        return len(queries)

    fill_event(contoso, people=12)
    few = count()
    for number in range(20):
        registration = enter(contoso.event, f"more{number}@contoso.example")
        use(registration, 1, days_ago=number)
        set_steps(registration, "identity", state="failed")
        with organization_scope(contoso.organization.pk):
            find_racer(registration)
    assert count() == few


def test_days_are_dates(contoso: Tenant) -> None:
    use(contoso.registration, 1)
    with organization_scope(contoso.organization.pk):
        (day,) = see_days(event=contoso.event)
    assert isinstance(day.day, date)
