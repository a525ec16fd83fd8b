"""A racer's profile at a service that wants it made beforehand: it exists, and its limits are set.

In this order, and before anybody is given a password: what the service makes has no limits by itself.
"""

from collections.abc import Sequence

from events.domain.connections import open_racing
from events.models import SponsoringAccount
from integrations.errors import IntegrationError
from participants.convergence.kinds import step_kind
from participants.convergence.outcomes import Outcome, judge
from participants.domain.racers.admitting import admit_racers
from participants.domain.webhooks.telling import tell_failures
from participants.models import RacerProfile, Step
from participants.steps.people import by_account, participant_of
from participants.steps.sponsorship import settle_limits

HINT = "The racing service did not take you in as a racer. The organizers can see why, and try again."


@step_kind(
    "profile",
    title="Racer's profile",
    promise="We make your racer's profile",
    batch_size=100,  # two or three calls each; pages of the account are read once for all of them
    needs=("membership",),
    together=True,
    tells=tell_failures,
)
def make_profiles(steps: Sequence[Step]) -> dict[int, Outcome]:
    outcomes: dict[int, Outcome] = {}
    for account, some in by_account(steps):
        try:
            outcomes |= _make(account.sponsoring_account, some)
        except IntegrationError as error:
            outcomes |= {step.pk: judge(error, hint=HINT) for step in some}
    return outcomes


def _make(account: SponsoringAccount, steps: Sequence[Step]) -> dict[int, Outcome]:
    service, people = open_racing(account), {step.pk: participant_of(step) for step in steps}
    racers = admit_racers(service=service, account=account, people=list(people.values()))
    answers = {pk: racers[person.pk] for pk, person in people.items()}
    made = {pk: answer for pk, answer in answers.items() if isinstance(answer, RacerProfile)}
    refused = {pk: judge(answer, hint=HINT) for pk, answer in answers.items() if isinstance(answer, IntegrationError)}
    known = [step for step in steps if step.pk in made]
    return refused | (settle_limits(service, known, made) if known else {})
