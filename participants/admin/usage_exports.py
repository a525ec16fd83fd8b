"""Usage as tables for spreadsheets."""

from decimal import Decimal

from django.http import StreamingHttpResponse
from django.utils import timezone

from events.models import Event, SponsoringAccount
from paddock.csv_files import write_csv
from paddock.money import MICROS
from participants.domain.usage.tables import RacerUsage, list_account_usage, list_event_usage
from participants.models import Participant

HEADER = [
    "Family name",
    "Given name",
    "E-mail",
    "Group",
    "Sponsoring account",
    "Racer alias",
    "Training minutes",
    "Spent, USD",
    "Running and queued minutes",
    "Models",
    "Stored, bytes",
    "State",
    "As of (UTC)",
]


def export_event_usage(event: Event) -> StreamingHttpResponse:
    return _export(event.slug, list_event_usage(event=event))


def export_account_usage(account: SponsoringAccount) -> StreamingHttpResponse:
    return _export(account.account_id, list_account_usage(account=account))


def _export(name: str, usages: list[RacerUsage]) -> StreamingHttpResponse:
    day = timezone.now().date()
    return write_csv(f"usage-{name}-{day:%Y-%m-%d}.csv", HEADER, [_describe(usage) for usage in usages])


def _describe(usage: RacerUsage) -> list[object]:
    return [*_describe_person(usage), usage.account.account_id, *_describe_racer(usage)]


def _describe_person(usage: RacerUsage) -> list[object]:
    if usage.registration:
        return [*_name(usage.registration.participant), str(usage.registration.group or "")]
    if usage.profile and usage.profile.participant:
        return [*_name(usage.profile.participant), ""]
    return ["", "", "", ""]


def _name(person: Participant) -> list[str]:
    return [person.family_name, person.given_name, person.email]


def _describe_racer(usage: RacerUsage) -> list[object]:
    """An empty cell is what nobody knows."""
    profile = usage.profile
    used = [round(usage.spending.training_seconds / 60, 2), Decimal(usage.spending.spent) / MICROS]
    if profile is None or profile.seen_at is None:
        return [profile.alias if profile else "", *used, None, None, None, None, None]
    return [
        profile.alias,
        *used,
        round(profile.queued_seconds / 60, 2),
        profile.model_count,
        profile.storage_bytes,
        profile.get_state_display(),
        f"{profile.seen_at:%Y-%m-%d %H:%M:%S}",
    ]
