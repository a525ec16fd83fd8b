"""What the steps share that take something back from racers at their service."""

from collections.abc import Callable, Sequence

from events.domain.connections import open_racing
from integrations.errors import IntegrationError
from integrations.racing.protocol import Profile, RacingService
from integrations.repetition import Answers
from participants.convergence.outcomes import Done, Outcome, judge
from participants.domain.offboarding.kinds import NEVER_SIGNED_IN
from participants.domain.offboarding.leavers import Leaver, find_leavers
from participants.domain.trained_models.reading import Models, look_at_models
from participants.models import Step

Work = Callable[[RacingService, Sequence[Leaver]], dict[int, Outcome]]


def settle_racers(steps: Sequence[Step], work: Work) -> dict[int, Outcome]:
    """Have the work done for those whom the service knows, including who stays there for another event.

    Account by account: what one refuses says nothing of another.
    """
    outcomes: dict[int, Outcome] = {}
    for account, leavers in find_leavers(steps):
        known = [each for each in leavers if each.service_id]
        outcomes |= {each.step.pk: Done(NEVER_SIGNED_IN) for each in leavers}
        try:
            outcomes |= work(open_racing(account), known) if known else {}
        except IntegrationError as error:
            outcomes |= {each.step.pk: judge(error) for each in known}
    return outcomes


def settle_leaving(steps: Sequence[Step], work: Work, *, kept: str) -> dict[int, Outcome]:
    """As `settle_racers`, where whoever stays for another event is done at once: `kept` says what they keep."""

    def work_for_leaving(service: RacingService, leavers: Sequence[Leaver]) -> dict[int, Outcome]:
        leaving = [each for each in leavers if not each.stays_for]
        staying = {each.step.pk: Done(f"{kept}: still in “{each.stays_for}”.") for each in leavers if each.stays_for}
        return staying | (work(service, leaving) if leaving else {})

    return settle_racers(steps, work_for_leaving)


def read_models(service: RacingService, leavers: Sequence[Leaver]) -> Models:
    """Everybody's models as they are now, by service id; for few racers an error concerns one of them alone."""
    return look_at_models(service=service, racers=[each.profile for each in leavers if each.profile])


Change = Callable[[Sequence[str]], Answers]
ROUNDS = 3


def change_until_seen(
    service: RacingService, ids: Sequence[str], *, change: Change, is_right: Callable[[Profile], bool]
) -> tuple[dict[str, Profile], Answers]:
    """Change racers, look at them, and change again those whom the look showed as they were. Returns what was seen.

    A change for thousands is many calls, some of which fail or leave somebody out. Those people would otherwise lag
    behind the others at every step from here on, and have all pages read for themselves each time.
    """
    left, seen, answers = list(ids), dict[str, Profile](), Answers()
    for _ in range(ROUNDS):
        answers |= change(left)
        shown = service.find_profiles(left)
        seen = {key: profile for key, profile in seen.items() if key not in left} | shown
        left = [key for key in left if key in shown and not is_right(shown[key]) and not _is_refused(answers.get(key))]
        if not left:
            break
    return seen, answers


def _is_refused(error: IntegrationError | None) -> bool:
    return error is not None and error.permanent


def count(number: int, one: str) -> str:
    return f"1 {one}" if number == 1 else f"{number} {one}s"
