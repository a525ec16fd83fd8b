"""The mail that says: you're in. It needs verified access, so it can never be early."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

from events.models import EventAccount
from integrations.errors import IntegrationError
from participants.convergence.kinds import step_kind
from participants.convergence.outcomes import Done, Outcome, judge
from participants.domain.messages import find_unsent, send_messages
from participants.domain.racers.sign_ins import SignIn, open_sign_ins
from participants.domain.welcome import write_welcome
from participants.models import Message, Step
from participants.steps.people import by_account, registration_of
from participants.steps.sponsorship import find_profiles_of

NOBODY = IntegrationError(
    "The racer that Paddock made for this person is linked to them no more. Link them, then try again.", permanent=True
)


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
        if account.sponsoring_account.is_multi_user:
            outcomes |= send_messages(racers, write_welcome(event=steps[0].event, account=account))
        else:
            outcomes |= _send_sign_ins(account, racers)
    return outcomes


def _send_sign_ins(account: EventAccount, steps: Sequence[Step]) -> dict[int, Outcome]:
    """A mail that goes out once more carries a new password, which alone is good: the last one is known to nobody."""
    unsent = find_unsent(steps, Message.Kind.WELCOME)
    racers = find_profiles_of(account, unsent)
    sign_ins = open_sign_ins(account=account.sponsoring_account, racers=racers)
    answers = {step.pk: sign_ins.get(step.pk, NOBODY) for step in unsent}
    refused = {pk: judge(answer) for pk, answer in answers.items() if isinstance(answer, IntegrationError)}
    sent = dict.fromkeys([step.pk for step in steps], Done())
    return sent | refused | _send_alike(account, unsent, answers)


def _send_alike(
    account: EventAccount, steps: Sequence[Step], answers: Mapping[int, SignIn | IntegrationError]
) -> dict[int, Outcome]:
    """Those who sign in alike get the same letter, each with a password of their own."""
    groups: dict[str, list[Step]] = defaultdict(list)
    passwords: dict[int, str] = {}
    for step in steps:
        sign_in = answers[step.pk]
        if isinstance(sign_in, SignIn):
            groups[sign_in.words].append(step)
            passwords |= {registration_of(step).pk: sign_in.password} if sign_in.password else {}
    outcomes: dict[int, Outcome] = {}
    for words, group in groups.items():
        letter = write_welcome(event=group[0].event, account=account, sign_in=words, passwords=passwords)
        outcomes |= send_messages(group, letter)
    return outcomes
