"""Which steps a registration goes through, and which its event must have gone through."""

from events.models import Event
from participants.convergence.kinds import get_kind
from participants.models import Registration, Step

EVENT_STEPS = ["group", "assignment"]
ENTRA_STEPS = ["identity", "membership", "push", "access", "welcome"]
IDENTITY_CENTER_STEPS = ["identity", "membership", "access", "welcome"]
DEEPRACER_ON_AWS_STEPS = ["identity", "membership", "profile", "sponsorship", "access", "welcome"]


def plan_journey(*, registration: Registration, event: Event) -> list[str]:
    """The kinds of steps of one registration, in order. Only Entra ID has to push what it knows.

    In multi-user mode a racer's profile exists once they have signed in: their quota is set when it has been found.
    """
    if not registration.account.sponsoring_account.is_multi_user:
        return DEEPRACER_ON_AWS_STEPS
    return ENTRA_STEPS if event.directory.is_entra else IDENTITY_CENTER_STEPS


def owe_event_steps(*, event: Event) -> list[str]:
    """Owe the event its group and its way into the sponsoring account, once. Returns the kinds to wake."""
    steps = [_owe(event, None, kind) for kind in EVENT_STEPS]
    Step.objects.bulk_create(steps, ignore_conflicts=True)
    return EVENT_STEPS


def owe_registration_steps(*, registrations: list[Registration], event: Event) -> list[str]:
    """Owe each registration its journey. Returns the kinds to wake."""
    journeys = [(registration, plan_journey(registration=registration, event=event)) for registration in registrations]
    Step.objects.bulk_create([_owe(event, registration, kind) for registration, kinds in journeys for kind in kinds])
    return sorted({kinds[0] for _, kinds in journeys})


def _owe(event: Event, registration: Registration | None, kind: str) -> Step:
    step = Step(organization_id=event.organization_id, event=event, registration=registration, kind=kind)
    if get_kind(kind).is_first:
        step.state, step.ready_at = Step.State.READY, step.due_at
    return step
