"""The machine by itself: kinds of steps that only the tests know, no broker, no provider."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import Any

import pytest
from django.db import connection, transaction
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import Settings

from events.models import Event
from integrations.errors import IntegrationError
from paddock.tenancy.scope import organization_scope
from participants.convergence import kinds
from participants.convergence.engine import claim_steps, converge
from participants.convergence.kinds import Handler, Purpose, StepKind
from participants.convergence.outcomes import Done, Failed, Outcome, Retry, Wait
from participants.convergence.patience import Patience
from participants.convergence.schedule import (
    LONGEST_RETRY_SECONDS,
    LONGEST_WAIT_SECONDS,
    SHORTEST_WAIT_SECONDS,
    WAIT_SHARE,
    look_again_at,
    retry_at,
)
from participants.convergence.sweeping import find_due_work, free_stale_claims, heal_blocked_steps
from participants.convergence.unblocking import unblock_steps
from participants.convergence.working import record_outcomes
from participants.models import Participant, Registration, Step
from tests.support.factories import EventFactory, OrganizationFactory
from tests.support.waiting import wait_until

pytestmark = pytest.mark.django_db(transaction=True)

KIND = "first"
NEXT_KIND = "second"
BATCH_SIZE = 10
NOW = timezone.now()


@pytest.fixture
def event() -> Iterator[Event]:
    """An event; the test runs in its organization's scope."""
    organization = OrganizationFactory()
    with organization_scope(organization.pk):
        yield EventFactory()


@pytest.fixture
def define(monkeypatch: pytest.MonkeyPatch) -> Callable[..., StepKind]:
    """Make a kind of steps that lasts for the test."""

    def define_kind(handler: Handler, *, name: str = KIND, needs: tuple[str, ...] = (), **more: Any) -> StepKind:
        kind = StepKind(name, "A title", "A promise", BATCH_SIZE, handler, needs, **more)
        monkeypatch.setitem(kinds._kinds, name, kind)
        return kind

    return define_kind


def do_nothing(steps: Sequence[Step]) -> dict[int, Outcome]:
    return {step.pk: Done() for step in steps}


def register(event: Event) -> Registration:
    number = Participant.objects.count()
    person = Participant.objects.create(email=f"racer{number}@contoso.example", given_name="Ann", family_name="Fast")
    return Registration.objects.create(event=event, account=event.accounts.get(), participant=person)


def owe(event: Event, count: int = 1, *, kind: str = KIND, **fields: Any) -> list[Step]:
    """Steps of so many registrations, due now unless told otherwise."""
    details = {"state": Step.State.READY, "ready_at": timezone.now(), **fields}
    return [Step.objects.create(event=event, registration=register(event), kind=kind, **details) for _ in range(count)]


def reread(step: Step) -> Step:
    return Step.objects.get(pk=step.pk)


def claimed_ago(seconds: float) -> dict[str, Any]:
    return {"state": Step.State.CLAIMED, "claimed_at": timezone.now() - timedelta(seconds=seconds), "claim": CLAIM}


CLAIM = "00000000-0000-4000-8000-000000000001"


class TestClaiming:
    @pytest.mark.parametrize(
        ("state", "due_in", "claimed"),
        [
            (Step.State.READY, -1, True),
            (Step.State.READY, 60, False),
            (Step.State.BLOCKED, -1, False),
            (Step.State.CLAIMED, -1, False),
            (Step.State.DONE, -1, False),
            (Step.State.FAILED, -1, False),
        ],
    )
    def test_takes_what_is_due(
        self, event: Event, define: Callable[..., StepKind], state: str, due_in: float, claimed: bool
    ) -> None:
        (step,) = owe(event, state=state, due_at=timezone.now() + timedelta(seconds=due_in))
        assert [each.pk for each in claim_steps(event_id=event.pk, kind=define(do_nothing))] == [step.pk] * claimed

    def test_takes_a_batch_of_those_who_wait_longest(self, event: Event, define: Callable[..., StepKind]) -> None:
        now = timezone.now()
        owed = [owe(event, due_at=now - timedelta(seconds=age))[0] for age in range(BATCH_SIZE + 2)]
        claimed = claim_steps(event_id=event.pk, kind=define(do_nothing))
        assert {step.pk for step in claimed} == {step.pk for step in owed[2:]}
        assert {(step.state, step.attempts) for step in claimed} == {(Step.State.CLAIMED, 1)}
        assert len({step.claim for step in claimed}) == 1

    def test_leaves_other_events_and_kinds_alone(self, event: Event, define: Callable[..., StepKind]) -> None:
        owe(EventFactory(directory=event.directory))
        owe(event, kind=NEXT_KIND)
        assert claim_steps(event_id=event.pk, kind=define(do_nothing)) == []

    def test_refuses_to_run_inside_a_transaction(self, event: Event, define: Callable[..., StepKind]) -> None:
        define(do_nothing)
        owe(event)
        with transaction.atomic(), pytest.raises(RuntimeError, match="transaction"):
            converge(event_id=event.pk, kind_name=KIND)

    def test_workers_at_once_take_different_steps(self, event: Event, define: Callable[..., StepKind]) -> None:
        kind, workers = define(do_nothing), 4
        owed = owe(event, count=workers * BATCH_SIZE)
        barrier = Barrier(workers)

        def work(_: int) -> list[int]:
            try:
                with organization_scope(event.organization_id):
                    barrier.wait(timeout=60)
                    return [step.pk for step in claim_steps(event_id=event.pk, kind=kind)]
            finally:
                connection.close()

        with ThreadPoolExecutor(workers) as pool:
            batches = list(pool.map(work, range(workers)))
        taken = [pk for batch in batches for pk in batch]
        assert sorted(taken) == sorted(set(taken))
        assert set(taken) <= {step.pk for step in owed}


class TestRecording:
    @pytest.mark.parametrize(
        ("outcome", "state", "detail", "hint", "due_within"),
        [
            (Done(), Step.State.DONE, "", "", None),
            (Done("Left to the cycle."), Step.State.DONE, "Left to the cycle.", "", None),
            (Failed("Mend it.", "Ask them."), Step.State.FAILED, "Mend it.", "Ask them.", None),
            (Wait("Not yet."), Step.State.READY, "Not yet.", "", (1, 3)),
            (Retry("Hiccup."), Step.State.READY, "Hiccup.", "", (0.5, 3)),
            (Retry("Hiccup.", 100), Step.State.READY, "Hiccup.", "", (99, 103)),
        ],
    )
    def test_writes_the_outcome_down(
        self,
        event: Event,
        define: Callable[..., StepKind],
        outcome: Outcome,
        state: str,
        detail: str,
        hint: str,
        due_within: tuple[float, float] | None,
    ) -> None:
        define(lambda steps: {step.pk: outcome for step in steps})
        (step,) = owe(event, hint="An earlier hint")
        before = timezone.now()
        converge(event_id=event.pk, kind_name=KIND)
        after = timezone.now()
        step = reread(step)
        assert (step.state, step.detail, step.hint) == (state, detail, hint)
        assert (step.claim, step.claimed_at) == (None, None)
        assert (step.done_at is not None) == (state == Step.State.DONE)
        if due_within:
            least, most = due_within
            assert before + timedelta(seconds=least) < step.due_at < after + timedelta(seconds=most)

    def test_every_item_of_a_batch_gets_its_own(self, event: Event, define: Callable[..., StepKind]) -> None:
        owed = owe(event, count=4)
        outcomes = [Done(), Failed("Mend it."), Wait("Not yet."), Retry("Hiccup.")]
        define(lambda steps: {step.pk: outcome for step, outcome in zip(steps, outcomes, strict=True)})
        converge(event_id=event.pk, kind_name=KIND)
        states = [Step.State.DONE, Step.State.FAILED, Step.State.READY, Step.State.READY]
        assert [reread(step).state for step in owed] == states

    def test_what_a_handler_leaves_out_is_asked_again(self, event: Event, define: Callable[..., StepKind]) -> None:
        define(lambda steps: {steps[0].pk: Done()})
        first, second = owe(event, count=2)
        converge(event_id=event.pk, kind_name=KIND)
        assert reread(first).state == Step.State.DONE
        assert (reread(second).state, reread(second).attempts) == (Step.State.READY, 1)
        assert "left this one out" in reread(second).detail

    @pytest.mark.parametrize(
        ("error", "state", "detail"),
        [
            (IntegrationError("Renew the secret.", permanent=True), Step.State.FAILED, "Renew the secret."),
            (IntegrationError("Busy.", retry_after=5), Step.State.READY, "Busy."),
            (ZeroDivisionError("a bug"), Step.State.READY, "Paddock ran into an error of its own"),
        ],
    )
    def test_a_handler_that_raises_answers_for_the_batch(
        self, event: Event, define: Callable[..., StepKind], error: Exception, state: str, detail: str
    ) -> None:
        def explode(steps: Sequence[Step]) -> dict[int, Outcome]:
            raise error

        define(explode)
        owed = owe(event, count=2)
        converge(event_id=event.pk, kind_name=KIND)
        assert {reread(step).state for step in owed} == {state}
        assert all(reread(step).detail.startswith(detail) for step in owed)

    def test_handlers_run_outside_any_transaction(self, event: Event, define: Callable[..., StepKind]) -> None:
        seen: list[bool] = []

        def look(steps: Sequence[Step]) -> dict[int, Outcome]:
            seen.append(connection.in_atomic_block)
            return {}

        define(look)
        owe(event)
        converge(event_id=event.pk, kind_name=KIND)
        assert seen == [False]


class TestStaleClaims:
    @pytest.mark.parametrize(("age", "freed"), [(0, 0), (15, 0), (31, 1)])
    def test_are_freed_when_old(self, event: Event, settings: Settings, age: float, freed: int) -> None:
        settings.CLAIM_SECONDS = 30
        (step,) = owe(event, **claimed_ago(age))
        assert free_stale_claims() == freed
        assert reread(step).state == (Step.State.READY if freed else Step.State.CLAIMED)

    def test_late_answer_to_a_freed_claim_is_void(self, event: Event, define: Callable[..., StepKind]) -> None:
        kind = define(do_nothing)
        owe(event)
        (slow,) = claim_steps(event_id=event.pk, kind=kind)
        Step.objects.update(claimed_at=timezone.now() - timedelta(days=1))
        free_stale_claims()
        (quick,) = claim_steps(event_id=event.pk, kind=kind)
        record_outcomes([slow], {slow.pk: Failed("Too late.")})
        assert (reread(slow).state, reread(slow).claim) == (Step.State.CLAIMED, quick.claim)
        record_outcomes([quick], {quick.pk: Done()})
        assert reread(slow).state == Step.State.DONE

    def test_claim_of_a_slow_worker_is_kept(
        self, event: Event, define: Callable[..., StepKind], settings: Settings
    ) -> None:
        settings.CLAIM_SECONDS = 3  # a busy machine may stop the keeper for a second
        freed: list[int] = []

        def take_long(steps: Sequence[Step]) -> dict[int, Outcome]:
            deadline = timezone.now() + timedelta(seconds=2 * settings.CLAIM_SECONDS)
            wait_until(lambda: freed.append(free_stale_claims()) or timezone.now() > deadline, pause=0.2)
            return {step.pk: Done() for step in steps}

        define(take_long)
        (step,) = owe(event)
        converge(event_id=event.pk, kind_name=KIND)
        assert set(freed) == {0}
        assert (reread(step).state, reread(step).attempts) == (Step.State.DONE, 1)

    def test_sweep_finds_what_a_dead_worker_left(self, event: Event) -> None:
        owe(event, count=2, **claimed_ago(days(1)))
        owe(event, kind=NEXT_KIND, due_at=timezone.now() + timedelta(hours=1))
        assert find_due_work() == [(event.organization_id, event.pk, KIND)]


def days(number: float) -> float:
    return number * 86400


class TestUnblocking:
    @pytest.mark.parametrize(
        ("own", "events_own", "state"),
        [
            (Step.State.DONE, Step.State.DONE, Step.State.READY),
            (Step.State.DONE, None, Step.State.READY),
            (None, Step.State.DONE, Step.State.READY),
            (None, None, Step.State.READY),
            (Step.State.READY, Step.State.DONE, Step.State.BLOCKED),
            (Step.State.CLAIMED, Step.State.DONE, Step.State.BLOCKED),
            (Step.State.FAILED, Step.State.DONE, Step.State.BLOCKED),
            (Step.State.DONE, Step.State.READY, Step.State.BLOCKED),
            (Step.State.DONE, Step.State.FAILED, Step.State.BLOCKED),
        ],
    )
    def test_needs_all_that_exists_to_be_done(
        self, event: Event, define: Callable[..., StepKind], own: str | None, events_own: str | None, state: str
    ) -> None:
        """`own` is a step of the same registration, `events_own` one of the event; None: there is no such step."""
        kind = define(do_nothing, name="dependent", needs=("own", "events_own"))
        (step,) = owe(event, kind="dependent", state=Step.State.BLOCKED)
        if own:
            Step.objects.create(event=event, registration=step.registration, kind="own", state=own)
        if events_own:
            Step.objects.create(event=event, kind="events_own", state=events_own)
        assert unblock_steps(event_id=event.pk, kind=kind) == (state == Step.State.READY)
        assert reread(step).state == state

    def test_somebody_elses_need_is_not_mine(self, event: Event, define: Callable[..., StepKind]) -> None:
        kind = define(do_nothing, name=NEXT_KIND, needs=(KIND,))
        done, waiting = owe(event, count=2, kind=NEXT_KIND, state=Step.State.BLOCKED)
        for step, state in ((done, Step.State.DONE), (waiting, Step.State.READY)):
            Step.objects.create(event=event, registration=step.registration, kind=KIND, state=state)
        unblock_steps(event_id=event.pk, kind=kind)
        assert [reread(step).state for step in (done, waiting)] == [Step.State.READY, Step.State.BLOCKED]

    def test_finishing_a_step_wakes_what_waited_for_it(self, event: Event, define: Callable[..., StepKind]) -> None:
        define(do_nothing)
        define(do_nothing, name=NEXT_KIND, needs=(KIND,))
        (first,) = owe(event)
        second = Step.objects.create(event=event, registration=first.registration, kind=NEXT_KIND)
        due = converge(event_id=event.pk, kind_name=KIND)
        assert reread(second).state == Step.State.READY
        assert due == {NEXT_KIND: reread(second).due_at}

    def test_sweep_wakes_what_a_dying_worker_did_not(self, event: Event, define: Callable[..., StepKind]) -> None:
        define(do_nothing, name=NEXT_KIND, needs=(KIND,))
        (first,) = owe(event, state=Step.State.DONE)
        second = Step.objects.create(event=event, registration=first.registration, kind=NEXT_KIND)
        heal_blocked_steps()
        assert reread(second).state == Step.State.READY


class TestSchedule:
    @given(attempts=st.integers(1, 1000))
    def test_backoff_grows_and_ends(self, attempts: int) -> None:
        longest = min(2.0 * 2 ** min(attempts - 1, 30), LONGEST_RETRY_SECONDS)
        seconds = (retry_at(NOW, attempts=attempts, after=None) - NOW).total_seconds()
        assert longest / 2 - 0.001 <= seconds <= longest + 0.001

    @given(attempts=st.integers(1, 1000), after=st.floats(0, 86400))
    def test_what_the_provider_asked_for_is_the_least(self, attempts: int, after: float) -> None:
        seconds = (retry_at(NOW, attempts=attempts, after=after) - NOW).total_seconds()
        assert after - 0.001 <= seconds <= after + 2.001

    def test_a_crowd_does_not_come_back_as_one(self) -> None:
        assert len({retry_at(NOW, attempts=5, after=30) for _ in range(50)}) > 40

    @given(waited=st.floats(0, days(30)))
    def test_looking_again_costs_nobody_a_tenth_more(self, waited: float) -> None:
        seconds = (look_again_at(NOW, since=NOW - timedelta(seconds=waited)) - NOW).total_seconds()
        assert SHORTEST_WAIT_SECONDS <= seconds <= LONGEST_WAIT_SECONDS
        assert seconds <= max(SHORTEST_WAIT_SECONDS, waited * WAIT_SHARE + 0.001)


class TestTakingBack:
    @pytest.mark.parametrize(
        ("state", "woken"),
        [("done", True), ("failed", True), ("ready", False), ("claimed", False), ("blocked", False)],
    )
    def test_what_follows_goes_on_where_another_step_failed(
        self, event: Event, define: Callable[..., StepKind], state: str, woken: bool
    ) -> None:
        define(do_nothing)
        kind = define(do_nothing, name=NEXT_KIND, follows=(KIND,))
        (step,) = owe(event, state=state)
        waiting = Step.objects.create(event=event, registration=step.registration, kind=NEXT_KIND, state="blocked")
        assert unblock_steps(event_id=event.pk, kind=kind) == woken
        assert (reread(waiting).state == Step.State.READY) == woken

    @pytest.mark.parametrize(("states", "woken"), [(["done", "failed"], True), (["done", "ready"], False), ([], True)])
    def test_a_step_of_the_event_waits_for_everybody(
        self, event: Event, define: Callable[..., StepKind], states: list[str], woken: bool
    ) -> None:
        define(do_nothing)
        define(do_nothing, name=NEXT_KIND, follows=(KIND,))
        for state in states:
            owe(event, state=state)
        Step.objects.create(event=event, kind=NEXT_KIND, state="blocked")
        heal_blocked_steps()
        assert Step.objects.get(kind=NEXT_KIND).state == ("ready" if woken else "blocked")

    def test_the_last_one_wakes_the_step_of_the_event(self, event: Event, define: Callable[..., StepKind]) -> None:
        define(do_nothing)
        define(do_nothing, name=NEXT_KIND, follows=(KIND,))
        owe(event, 3)
        waiting = Step.objects.create(event=event, kind=NEXT_KIND, state="blocked")
        converge(event_id=event.pk, kind_name=KIND)
        assert reread(waiting).state == Step.State.READY

    @pytest.mark.parametrize(
        ("purpose", "removed", "run"),
        [
            (Purpose.GIVE, False, True),
            (Purpose.GIVE, True, False),
            (Purpose.TAKE, False, False),
            (Purpose.TAKE, True, True),
            (Purpose.SERVE, True, True),
            (Purpose.SERVE, False, True),
        ],
    )
    def test_what_is_not_meant_any_more_is_dropped(
        self, event: Event, define: Callable[..., StepKind], purpose: Purpose, removed: bool, run: bool
    ) -> None:
        define(do_nothing, purpose=purpose)
        (step,) = owe(event)
        Registration.objects.update(removed_at=timezone.now() if removed else None)
        converge(event_id=event.pk, kind_name=KIND)
        assert list(Step.objects.values_list("id", "state")) == [(step.pk, "done")] * run

    @pytest.mark.parametrize(
        ("purpose", "other", "waits"),
        [
            (Purpose.TAKE, Purpose.GIVE, True),
            (Purpose.GIVE, Purpose.TAKE, True),
            (Purpose.TAKE, Purpose.SERVE, False),
            (Purpose.GIVE, Purpose.GIVE, False),
        ],
    )
    def test_giving_and_taking_back_are_never_at_work_on_one_person(
        self, event: Event, define: Callable[..., StepKind], purpose: Purpose, other: Purpose, waits: bool
    ) -> None:
        kind = define(do_nothing, purpose=purpose)
        define(do_nothing, name=NEXT_KIND, purpose=other)
        step, beside = owe(event, 2)
        Registration.objects.update(removed_at=timezone.now() if purpose is Purpose.TAKE else None)
        at_work = {"state": "claimed", "claimed_at": timezone.now(), "claim": CLAIM}
        Step.objects.create(event=event, registration=step.registration, kind=NEXT_KIND, **at_work)
        claimed = {each.pk for each in claim_steps(event_id=event.pk, kind=kind)}
        assert claimed == ({beside.pk} if waits else {step.pk, beside.pk})
        assert (reread(step).due_at > timezone.now()) == waits

    @pytest.mark.parametrize(
        ("outcome", "attempts", "waited", "state"),
        [
            (Retry("Broken."), 2, 0, "ready"),
            (Retry("Broken."), 3, 0, "failed"),
            (Retry("Slow down.", after=5), 3, 0, "ready"),
            (Retry("Slow down.", after=5), 3, 7200, "failed"),
            (Wait("Not yet."), 3, 0, "ready"),
            (Wait("Not yet."), 0, 7200, "failed"),
            (Done(), 9, 7200, "done"),
        ],
    )
    def test_patience_ends(
        self,
        event: Event,
        define: Callable[..., StepKind],
        outcome: Outcome,
        attempts: int,
        waited: float,
        state: str,
    ) -> None:
        def answer(steps: Sequence[Step]) -> dict[int, Outcome]:
            return {step.pk: outcome for step in steps}

        define(answer, patience=Patience(attempts=3, wait=timedelta(hours=1)))
        (step,) = owe(event, attempts=max(attempts - 1, 0), ready_at=timezone.now() - timedelta(seconds=waited))
        converge(event_id=event.pk, kind_name=KIND)
        assert reread(step).state == state
        if state == "failed":
            assert reread(step).detail.startswith("Given up after ")
