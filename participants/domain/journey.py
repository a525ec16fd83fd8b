"""Which steps a registration goes through, and which its event must have gone through."""

from events.models import Event
from participants.convergence.kinds import get_kind
from participants.models import Registration, Step

EVENT_STEPS = ["group", "assignment"]
ENTRA_STEPS = ["identity", "membership", "push", "access", "welcome"]
IDENTITY_CENTER_STEPS = ["identity", "membership", "access", "welcome"]


def plan_journey(*, event: Event) -> list[str]:
    """The kinds of steps of one registration, in order. Only Entra ID has to push what it knows."""
    return ENTRA_STEPS if event.directory.is_entra else IDENTITY_CENTER_STEPS


def owe_event_steps(*, event: Event) -> list[str]:
    """Owe the event its group and its way into the sponsoring account, once. Returns the kinds to wake."""
    steps = [_owe(event, None, kind) for kind in EVENT_STEPS]
    Step.objects.bulk_create(steps, ignore_conflicts=True)
    return EVENT_STEPS


def owe_registration_steps(*, registrations: list[Registration], event: Event) -> list[str]:
    """Owe each registration its journey. Returns the kinds to wake."""
    kinds = plan_journey(event=event)
    Step.objects.bulk_create([_owe(event, registration, kind) for registration in registrations for kind in kinds])
    return kinds[:1]


def _owe(event: Event, registration: Registration | None, kind: str) -> Step:
    step = Step(organization_id=event.organization_id, event=event, registration=registration, kind=kind)
    if not get_kind(kind).needs:
        step.state, step.ready_at = Step.State.READY, step.due_at
    return step
