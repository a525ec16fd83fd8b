"""Limits and sponsorship as they are wanted: looked at, written where they differ, and read back."""

from collections.abc import Collection, Mapping, Sequence
from datetime import timedelta

from django.utils import timezone

from events.domain.connections import open_racing
from events.models import EventAccount
from integrations.errors import IntegrationError
from integrations.racing.protocol import Capabilities, Profile, RacingService, State
from paddock.bulk import write_values
from participants.convergence.kinds import step_kind
from participants.convergence.outcomes import Done, Failed, Outcome, Wait, judge
from participants.domain.sponsorship.aiming import Aim, aim_at, is_reached
from participants.domain.sponsorship.wanted import Wanted, find_wanted
from participants.domain.sponsorship.words import limits_of, word_evidence, word_limits, word_profile
from participants.models import RacerProfile, Step
from participants.steps.people import by_account, participant_of

# A service that takes a write and never shows it will not do so later either.
PATIENCE = timedelta(minutes=10)

NEVER_SIGNED_IN = Done("Has never signed in: nothing to do.")
UNLINKED = Done("A person has said that this racer is somebody else: left as they are.")
NOT_MADE = Wait("Their profile has not been made yet.")


@step_kind(
    "sponsorship",
    title="Quota and sponsorship",
    promise="Your training time is set",
    batch_size=2000,  # pages of the account are read for everybody who waits
    needs=("profile",),
    together=True,
)
def settle_sponsorship(steps: Sequence[Step]) -> dict[int, Outcome]:
    outcomes: dict[int, Outcome] = {}
    for account, some in by_account(steps):
        outcomes |= _settle_account(account, some)
    return outcomes


def _settle_account(account: EventAccount, steps: Sequence[Step]) -> dict[int, Outcome]:
    """A refusal of one account says nothing of the event's others."""
    profiles = find_profiles_of(account, steps)
    known = [step for step in steps if step.pk in profiles]
    unknown = NEVER_SIGNED_IN if account.sponsoring_account.is_multi_user else NOT_MADE
    try:
        settled = settle_limits(open_racing(account.sponsoring_account), known, profiles) if known else {}
    except IntegrationError as error:
        settled = dict.fromkeys([step.pk for step in known], judge(error))
    return {step.pk: settled.get(step.pk, unknown) for step in steps}


def find_profiles_of(account: EventAccount, steps: Sequence[Step]) -> dict[int, RacerProfile]:
    """The racers behind the steps whom the service knows, by the steps' ids."""
    rows = RacerProfile.objects.filter(
        sponsoring_account=account.sponsoring_account, participant__in=[participant_of(step).pk for step in steps]
    )
    known = {row.participant_id: row for row in rows.exclude(service_id="")}
    return {step.pk: known[pk] for step in steps if (pk := participant_of(step).pk) in known}


def settle_limits(
    service: RacingService, steps: Sequence[Step], profiles: Mapping[int, RacerProfile]
) -> dict[int, Outcome]:
    """Look at these racers, by the steps' ids, write what differs from what is wanted, and look again."""
    ids = [profiles[step.pk].service_id for step in steps]
    shown = service.find_profiles(ids)
    aims = _find_aims(profiles.values(), service.capabilities)
    different = {key: aim for key, aim in aims.items() if key in shown and not shows(shown[key], aim)}
    refusals = _write(service, different, shown)
    if different:
        shown = service.find_profiles(ids)
    _note_shown(profiles.values(), shown)
    # Asked anew: somebody may have wanted something else while this was at work.
    wanted = find_wanted(profiles=list(profiles.values()))
    return {
        step.pk: _judge(step, profile, wanted.get(profile.pk), shown.get(profile.service_id), refusals, service)
        for step in steps
        for profile in [profiles[step.pk]]
    }


def _find_aims(profiles: Collection[RacerProfile], capabilities: Capabilities) -> dict[str, Aim]:
    wanted = find_wanted(profiles=profiles)
    return {each.service_id: aim_at(wanted[each.pk], capabilities) for each in profiles if each.pk in wanted}


def shows(profile: Profile, aim: Aim) -> bool:
    return is_reached(aim, limits=limits_of(profile), state=profile.state)


def _write(
    service: RacingService, aims: Mapping[str, Aim], shown: Mapping[str, Profile]
) -> dict[str, IntegrationError]:
    """Pauses before anything else, because that saves money; and resumes when the limits are right."""
    pause = [key for key, aim in aims.items() if aim.state is State.PAUSED and shown[key].state != State.PAUSED]
    limit = {key: aim.limits for key, aim in aims.items() if limits_of(shown[key]) != aim.limits}
    resume = [key for key, aim in aims.items() if aim.state is State.ACTIVE and shown[key].state != State.ACTIVE]
    refusals = _errors_of(service.pause(pause)) if pause else {}
    if limit:
        refusals |= _errors_of(service.set_limits(limit))
    if resume := [key for key in resume if key not in refusals]:
        refusals |= _errors_of(service.resume(resume))
    return refusals


def _errors_of(answers: Mapping[str, IntegrationError | None]) -> dict[str, IntegrationError]:
    return {key: error for key, error in answers.items() if error is not None}


def _note_shown(profiles: Collection[RacerProfile], shown: Mapping[str, Profile]) -> None:
    """Screens and the search for drift need not wait for the next sync. Counters are its alone."""
    seen = {each.pk: shown[each.service_id] for each in profiles if each.service_id in shown}
    write_values(RacerProfile, "max_minutes", {pk: profile.max_minutes for pk, profile in seen.items()})
    write_values(RacerProfile, "max_models", {pk: profile.max_models for pk, profile in seen.items()})
    write_values(RacerProfile, "state", {pk: profile.state.value for pk, profile in seen.items()})


def _judge(
    step: Step,
    profile: RacerProfile,
    wanted: Wanted | None,
    shown: Profile | None,
    refusals: Mapping[str, IntegrationError],
    service: RacingService,
) -> Outcome:
    if wanted is None:
        return UNLINKED
    aim = aim_at(wanted, service.capabilities)
    if shown and shows(shown, aim):
        return Done(word_evidence(shown, wanted, aim))
    if refusal := refusals.get(profile.service_id):
        return judge(refusal)
    still = (
        f"The account still shows {word_profile(shown)}" if shown else "The account does not list this racer any more"
    )
    if timezone.now() - (step.ready_at or timezone.now()) > PATIENCE:
        return Failed(
            f"{still}, although Paddock has asked for {word_limits(aim.limits)} several times. "
            "Look at the racer in the account itself, then try again."
        )
    return Wait(f"{still}.")
