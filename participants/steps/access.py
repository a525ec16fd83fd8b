"""Seeing with our own eyes that the participant is let in. Nothing is mailed before."""

from collections.abc import Sequence

from participants.convergence.kinds import step_kind
from participants.convergence.outcomes import Outcome
from participants.domain.webhooks.telling import tell_access
from participants.models import Step
from participants.steps.access_by_membership import verify_members
from participants.steps.access_by_profile import verify_racers
from participants.steps.people import by_account


@step_kind(
    "access",
    title="Verified access",
    promise="We check that AWS lets you in",
    batch_size=5000,  # pages of the group, or of the account, are read once for everybody who waits
    needs=("membership", "push", "assignment", "profile"),
    together=True,
    tells=tell_access,
)
def verify_access(steps: Sequence[Step]) -> dict[int, Outcome]:
    outcomes: dict[int, Outcome] = {}
    for account, waiting in by_account(steps):
        verify = verify_members if account.sponsoring_account.is_multi_user else verify_racers
        outcomes |= verify(account, waiting)
    return outcomes
