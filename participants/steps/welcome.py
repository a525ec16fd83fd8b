"""The mail that says: you're in. It needs verified access, so it can never be early."""

from collections.abc import Sequence

from participants.convergence.kinds import step_kind
from participants.convergence.outcomes import Outcome
from participants.domain.messages import send_messages
from participants.domain.welcome import write_welcome
from participants.models import Step
from participants.steps.people import by_account


@step_kind(
    "welcome",
    title="Access mail",
    promise="We mail you the link",
    batch_size=100,
    needs=("access",),
)
def send_welcome(steps: Sequence[Step]) -> dict[int, Outcome]:
    outcomes: dict[int, Outcome] = {}
    for account, racers in by_account(steps):
        outcomes |= send_messages(racers, write_welcome(event=steps[0].event, account=account))
    return outcomes
