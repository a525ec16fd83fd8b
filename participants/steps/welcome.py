"""The mail that says: you're in. It needs verified access, so it can never be early."""

from collections.abc import Sequence

from events.models import MailTemplate
from participants.convergence.kinds import step_kind
from participants.convergence.outcomes import Outcome
from participants.domain.messages import send_messages
from participants.models import Step


@step_kind(
    "welcome",
    title="Access mail",
    promise="We mail you the link",
    batch_size=100,
    needs=("access",),
)
def send_welcome(steps: Sequence[Step]) -> dict[int, Outcome]:
    return send_messages(steps, kind=MailTemplate.Kind.WELCOME)
