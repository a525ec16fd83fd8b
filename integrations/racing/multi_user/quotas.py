"""Quotas as the service spells them: it has no word for "unlimited"."""

from integrations.racing.protocol import Limits

# A million hours, and a million models: more than anybody can use, and round numbers in the console, which shows hours.
UNLIMITED_MINUTES = 60_000_000
UNLIMITED_MODELS = 1_000_000


def read_limits(*, minutes: int, models: int) -> Limits:
    return Limits(
        minutes=minutes if minutes < UNLIMITED_MINUTES else None,
        models=models if models < UNLIMITED_MODELS else None,
    )


def write_limits(limits: Limits) -> dict[str, int]:
    return {
        "MaxComputeMinutes": UNLIMITED_MINUTES if limits.minutes is None else limits.minutes,
        "MaxModels": UNLIMITED_MODELS if limits.models is None else limits.models,
    }
