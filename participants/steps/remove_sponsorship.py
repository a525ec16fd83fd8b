"""Ending sponsorship: the account pays for nothing that this racer begins."""

from collections.abc import Mapping, Sequence

from integrations.errors import IntegrationError
from integrations.racing.protocol import Profile, RacingService, State
from participants.convergence.kinds import Purpose, step_kind
from participants.convergence.outcomes import Done, Outcome, Retry, judge
from participants.domain.offboarding.kinds import PATIENCE
from participants.domain.offboarding.leavers import Leaver
from participants.domain.sponsorship.wanted import find_wanted
from participants.models import Step
from participants.steps.leaving import change_until_seen, settle_racers

WORDS = {State.ACTIVE: "active", State.PAUSED: "paused"}


@step_kind(
    "remove_sponsorship",
    title="Sponsorship paused",
    promise="Your sponsorship ends",
    batch_size=5000,  # pages of the account are read once for everybody
    follows=("remove_quota",),
    together=True,
    purpose=Purpose.TAKE,
    patience=PATIENCE,
)
def remove_sponsorships(steps: Sequence[Step]) -> dict[int, Outcome]:
    return settle_racers(steps, _pause)


def _pause(service: RacingService, leavers: Sequence[Leaver]) -> dict[int, Outcome]:
    if not service.capabilities.pauses:
        return _look_at_quotas(service, leavers)
    wanted = _find_states(leavers)
    closed = _find_closed(leavers)
    seen, answers = change_until_seen(
        service,
        list(wanted),
        change=lambda ids: _change(service, {key: wanted[key] for key in ids if key not in closed}),
        is_right=lambda profile: profile.state == wanted[profile.service_id],
    )
    return {
        each.step.pk: _judge(each, seen.get(each.service_id), wanted[each.service_id], answers.get(each.service_id))
        for each in leavers
    }


def _find_states(leavers: Sequence[Leaver]) -> dict[str, State]:
    """Whoever stays for another event is paused only where that one is."""
    wanted = find_wanted(profiles=[each.profile for each in leavers if each.profile])
    return {
        each.service_id: State.PAUSED if wanted[each.profile.pk].is_paused else State.ACTIVE
        for each in leavers
        if each.profile
    }


def _find_closed(leavers: Sequence[Leaver]) -> set[str]:
    """Whose profile is closed already: a pause would be less than that."""
    people = [each.registration.pk for each in leavers]
    done = Step.objects.filter(registration__in=people, kind="remove_profile", state=Step.State.DONE)
    closed = set(done.values_list("registration", flat=True))
    return {each.service_id for each in leavers if each.registration.pk in closed and not each.stays_for}


def _change(service: RacingService, states: Mapping[str, State]) -> dict[str, IntegrationError | None]:
    pausing = [key for key, state in states.items() if state is State.PAUSED]
    resuming = [key for key, state in states.items() if state is State.ACTIVE]
    answers = service.pause(pausing) if pausing else {}
    return answers | (service.resume(resuming) if resuming else {})


def _judge(leaver: Leaver, seen: Profile | None, wanted: State, error: IntegrationError | None) -> Outcome:
    if seen is None:
        return Done("Read back: the service knows this racer no more.")
    if seen.state == wanted:
        kept = f"Kept: still in “{leaver.stays_for}”. " if leaver.stays_for else ""
        return Done(f"{kept}Read back: {WORDS[seen.state]}.")
    if error is not None:
        return judge(error)
    return Retry(f"The service took the change, but still shows the racer as {WORDS[seen.state]}.")


def _look_at_quotas(service: RacingService, leavers: Sequence[Leaver]) -> dict[int, Outcome]:
    seen = service.find_profiles([each.service_id for each in leavers])
    return {each.step.pk: _judge_quota(each, seen.get(each.service_id)) for each in leavers}


def _judge_quota(leaver: Leaver, seen: Profile | None) -> Outcome:
    if leaver.stays_for:
        return Done(f"Kept: still in “{leaver.stays_for}”.")
    if seen is None:
        return Done("Read back: the service knows this racer no more.")
    if seen.max_minutes == 0:
        return Done("This account knows no pause; a quota of 0 minutes stands in for it. Read back: quota 0 minutes.")
    return Retry("This account knows no pause, and its quota has not been taken back yet.")
