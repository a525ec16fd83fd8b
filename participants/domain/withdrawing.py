"""Giving up one's own place: for whoever registered by a wrong address, or changed their mind."""

from paddock.accounts.models import User
from participants.domain.offboarding.ending import remove_participants
from participants.models import Registration, Step

REASON = "They gave up their place themselves."
UNTOUCHED = (Step.State.BLOCKED, Step.State.READY, Step.State.FAILED)


def may_withdraw(*, registration: Registration, user: User | None) -> bool:
    """Its owner may until the event is over. Whoever holds its link may while it is nobody's and has led to nothing."""
    event = registration.event
    if registration.removed_at or event.offboarding_at or event.is_over():
        return False
    if owner := registration.participant.user_id:
        return user is not None and user.pk == owner
    return all(step.state in UNTOUCHED for step in registration.steps.all())


def withdraw(*, registration: Registration, user: User | None) -> None:
    """Take everything back that the place gave, their models included."""
    if may_withdraw(registration=registration, user=user):
        remove_participants(registrations=[registration], keeps_models=False, actor=user, reason=REASON)
