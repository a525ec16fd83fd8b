"""DeepRacer on AWS: whether the deployment lists the participant, with the limits that are wanted."""

from collections.abc import Mapping, Sequence

from events.domain.connections import open_racing
from events.models import EventAccount
from integrations.errors import IntegrationError
from integrations.racing.protocol import Capabilities, Profile
from participants.convergence.outcomes import Done, Outcome, Wait, judge
from participants.domain.sponsorship.aiming import aim_at
from participants.domain.sponsorship.wanted import Wanted, find_wanted
from participants.domain.sponsorship.words import word_evidence, word_limits, word_profile
from participants.models import RacerProfile, Step
from participants.steps.sponsorship import NOT_MADE, find_profiles_of, shows


def verify_racers(account: EventAccount, steps: Sequence[Step]) -> dict[int, Outcome]:
    """No directory is asked: the deployment has a user pool of its own."""
    profiles = find_profiles_of(account, steps)
    try:
        verified = _verify(account, profiles) if profiles else {}
    except IntegrationError as error:
        verified = dict.fromkeys(profiles, judge(error))
    return {step.pk: verified.get(step.pk, NOT_MADE) for step in steps}


def _verify(account: EventAccount, profiles: Mapping[int, RacerProfile]) -> dict[int, Outcome]:
    service = open_racing(account.sponsoring_account)
    shown = service.find_profiles([profile.service_id for profile in profiles.values()])
    wanted = find_wanted(profiles=list(profiles.values()))
    return {
        pk: _judge(shown.get(profile.service_id), wanted[profile.pk], service.capabilities)
        for pk, profile in profiles.items()
    }


def _judge(shown: Profile | None, wanted: Wanted, capabilities: Capabilities) -> Outcome:
    aim = aim_at(wanted, capabilities)
    if shown is None or shown.is_removed:
        return Wait("The deployment does not list this racer.")
    if not shows(shown, aim):
        return Wait(f"The deployment shows {word_profile(shown)}, where {word_limits(aim.limits)} is wanted.")
    return Done(word_evidence(shown, wanted, aim))
