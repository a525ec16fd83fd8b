"""Ending what racers have running, where the account can."""

from collections.abc import Sequence

from events.domain.connections import open_racing
from events.models import EventAccount
from integrations.errors import IntegrationError
from participants.convergence.kinds import step_kind
from participants.convergence.outcomes import Done, Outcome, Wait, judge
from participants.models import Step
from participants.steps.people import by_account
from participants.steps.sponsorship import NEVER_SIGNED_IN, find_profiles_of

CANNOT = Done("Nothing was stopped: this account cannot end jobs. What runs goes on to its end, and counts.")
NOTHING_LEFT = Done("Read back: nothing is left to stop.")


@step_kind(
    "stop",
    title="End of running jobs",
    promise="Your running jobs are ended",
    batch_size=500,
)
def stop_jobs(steps: Sequence[Step]) -> dict[int, Outcome]:
    outcomes: dict[int, Outcome] = {}
    for account, some in by_account(steps):
        outcomes |= _stop_account(account, some)
    return outcomes


def _stop_account(account: EventAccount, steps: Sequence[Step]) -> dict[int, Outcome]:
    service, profiles = open_racing(account.sponsoring_account), find_profiles_of(account, steps)
    if not service.capabilities.stops_jobs:
        return dict.fromkeys([step.pk for step in steps], CANNOT)
    answers = service.stop_jobs([profile.service_id for profile in profiles.values()]) if profiles else {}
    return {
        step.pk: _settle(answers[profiles[step.pk].service_id]) if step.pk in profiles else NEVER_SIGNED_IN
        for step in steps
    }


def _settle(answer: int | IntegrationError) -> Outcome:
    """Done is what found nothing to stop; whoever was asked to stop is looked at again."""
    if isinstance(answer, IntegrationError):
        return judge(answer)
    if answer == 0:
        return NOTHING_LEFT
    return Wait("1 job was asked to stop." if answer == 1 else f"{answer} jobs were asked to stop.")
