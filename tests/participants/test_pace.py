"""When steps are looked at again, and by how many rings."""

from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.utils import timezone

from events.models import Event
from paddock.celery import app
from paddock.tenancy.scope import organization_scope
from participants.convergence import doorbell, kinds
from participants.convergence.engine import converge
from participants.convergence.kinds import LINGER_SECONDS, StepKind
from participants.convergence.outcomes import Done, Outcome, Retry, Wait
from participants.convergence.unblocking import unblock_steps
from participants.models import Participant, Registration, Step
from tests.support.factories import EventFactory, OrganizationFactory

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def event() -> Iterator[Event]:
    organization = OrganizationFactory()
    with organization_scope(organization.pk):
        yield EventFactory()


def owe(event: Event, **fields: object) -> Step:
    number = Participant.objects.count()
    person = Participant.objects.create(email=f"racer{number}@contoso.example", given_name="Ann", family_name="Fast")
    registration = Registration.objects.create(event=event, account=event.accounts.get(), participant=person)
    details = {"kind": "paced", "state": Step.State.READY, "ready_at": timezone.now(), **fields}
    return Step.objects.create(event=event, registration=registration, **details)


def define(
    monkeypatch: pytest.MonkeyPatch, handler: Callable[[Sequence[Step]], dict[int, Outcome]], *, together: bool = False
) -> StepKind:
    kind = StepKind("paced", "A title", "A promise", 10, handler, together=together)
    monkeypatch.setitem(kinds._kinds, "paced", kind)
    return kind


def test_looking_in_vain_does_not_lengthen_the_pause_after_a_failure(
    event: Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = iter([Wait("Not yet.")] * 30 + [Retry("Hiccup.")])
    define(monkeypatch, lambda steps: dict.fromkeys([step.pk for step in steps], next(answers)))
    step = owe(event)
    for _ in range(31):
        Step.objects.update(due_at=timezone.now())
        converge(event_id=event.pk, kind_name="paced")
    step.refresh_from_db()
    assert step.detail == "Hiccup."
    assert step.due_at < timezone.now() + timedelta(seconds=3)


@pytest.mark.parametrize(("together", "taken"), [(True, 3), (False, 1)])
def test_one_due_step_takes_all_that_wait_along_where_one_call_serves_everybody(
    event: Event, monkeypatch: pytest.MonkeyPatch, together: bool, taken: int
) -> None:
    batches: list[int] = []

    def count(steps: Sequence[Step]) -> dict[int, Outcome]:
        batches.append(len(steps))
        return {step.pk: Done() for step in steps}

    define(monkeypatch, count, together=together)
    later = timezone.now() + timedelta(hours=1)
    owe(event, due_at=later)
    owe(event, due_at=later)
    converge(event_id=event.pk, kind_name="paced")
    assert batches == []  # nothing is due, so nobody is taken
    owe(event)
    converge(event_id=event.pk, kind_name="paced")
    assert batches == [taken]


@pytest.mark.parametrize(("together", "longest"), [(True, LINGER_SECONDS), (False, 0)])
def test_unblocked_steps_linger_for_company_only_where_that_helps(
    event: Event, monkeypatch: pytest.MonkeyPatch, together: bool, longest: float
) -> None:
    kind = define(monkeypatch, lambda steps: {}, together=together)
    step = owe(event, state=Step.State.BLOCKED, ready_at=None)
    assert unblock_steps(event_id=event.pk, kind=kind) == 1
    step.refresh_from_db()
    assert step.ready_at is not None
    assert timedelta(0) <= step.due_at - step.ready_at <= timedelta(seconds=longest)


class TestDoorbell:
    """Rings as they lie in the real queue; nobody takes them out."""

    def count_rings(self) -> int:
        with app.connection_for_read() as link:
            return int(link.default_channel.client.llen("celery"))

    def ring_at(self, event: Event, seconds: float) -> None:
        doorbell.ring_at(
            organization_id=event.organization_id,
            event_id=event.pk,
            kind="paced",
            due_at=timezone.now() + timedelta(seconds=seconds),
        )

    def test_a_thousand_reasons_are_one_ring_until_somebody_comes(self, event: Event) -> None:
        for _ in range(10):
            doorbell.ring(organization_id=event.organization_id, event_id=event.pk, kinds=["paced"])
        assert self.count_rings() == 1
        doorbell.answer(event.pk, "paced")
        doorbell.ring(organization_id=event.organization_id, event_id=event.pk, kinds=["paced"])
        assert self.count_rings() == 2

    def test_every_slot_has_its_ring_so_that_a_short_wait_is_never_swallowed(self, event: Event) -> None:
        for seconds in (30, 30.01, 20, 10, 2):
            self.ring_at(event, seconds)
        assert self.count_rings() in (4, 5)  # the first two may lie on both sides of a slot's end

    def test_long_waits_are_left_to_the_sweep(self, event: Event) -> None:
        self.ring_at(event, 61)
        assert self.count_rings() == 0

    def test_kinds_and_events_have_bells_of_their_own(self, event: Event) -> None:
        doorbell.ring(organization_id=event.organization_id, event_id=event.pk, kinds=["paced", "other"])
        doorbell.ring(organization_id=event.organization_id, event_id=event.pk + 1, kinds=["paced"])
        assert self.count_rings() == 3
        cache.clear()
