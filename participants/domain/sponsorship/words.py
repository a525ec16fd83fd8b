"""What the racing service was read to hold, in words for the organizer."""

from integrations.racing.protocol import Limits, Profile
from participants.domain.sponsorship.aiming import Aim
from participants.domain.sponsorship.wanted import Wanted


def limits_of(profile: Profile) -> Limits:
    return Limits(profile.max_minutes, profile.max_models)


def word_evidence(shown: Profile, wanted: Wanted, aim: Aim) -> str:
    """Alike for many people, so that they are written down together."""
    if not wanted.is_paused:
        return f"Read back: {word_profile(shown)}."
    if aim.state is None:
        return f"Read back: quota 0 in place of a pause, which this account does not have; {wanted.why}."
    return f"Read back: {word_profile(shown)}; {wanted.why}."


def word_profile(profile: Profile) -> str:
    return f"{word_limits(limits_of(profile))}, {profile.state.value}"


def word_limits(limits: Limits) -> str:
    minutes = "no limit of minutes" if limits.minutes is None else f"quota {limits.minutes} minutes"
    models = "no limit of models" if limits.models is None else f"{limits.models} models"
    return f"{minutes}, {models}"
