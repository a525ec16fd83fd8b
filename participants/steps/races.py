"""An event's races, as they are wanted, at the services of its accounts."""

from collections.abc import Sequence

from events.models import Event, Race
from participants.convergence.holding import holding
from participants.convergence.kinds import Purpose, step_kind
from participants.convergence.outcomes import Done, Failed, Outcome, Retry, Wait
from participants.domain.races.reconciling import UNSETTLED, reconcile_race
from participants.models import Step


@step_kind(
    "races",
    title="Races",
    promise="The races are set up",
    batch_size=1,
    purpose=Purpose.SERVE,  # also after the event has ended: its last race is closed then
)
def make_races(steps: Sequence[Step]) -> dict[int, Outcome]:
    (step,) = steps
    with holding("races", event_id=step.event.pk) as is_alone:
        if not is_alone:
            return {step.pk: Wait("Another worker is at this event's races.")}
        return {step.pk: _reconcile(step.event)}


def _reconcile(event: Event) -> Outcome:
    """Every race that is not settled, also those that were refused before: something may have been mended."""
    races = Race.objects.filter(event=event, state__in=UNSETTLED).select_related("sponsoring_account")
    outcomes = [(race, reconcile_race(race)) for race in races]
    for race, outcome in outcomes:
        if isinstance(outcome, Retry | Wait):
            return _speak_of(race, outcome)
    refused = [f"{race}: {outcome.detail}" for race, outcome in outcomes if isinstance(outcome, Failed)]
    return Failed("\n".join(refused)) if refused else Done(f"Read back: {_count(outcomes)} as wanted.")


def _speak_of(race: Race, outcome: Retry | Wait) -> Outcome:
    detail = f"{race}: {outcome.detail}"
    return Retry(detail, outcome.after) if isinstance(outcome, Retry) else Wait(detail)


def _count(races: Sequence[object]) -> str:
    return "1 race" if len(races) == 1 else f"{len(races)} races"
