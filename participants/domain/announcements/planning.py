"""Who an announcement goes to."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db.models import QuerySet

from events.models import ParticipantGroup, Race
from participants.domain.races.addresses import is_within_reach
from participants.models import Registration


@dataclass(frozen=True)
class Audience:
    """Everybody who is present, or those of them with this status and in this group."""

    status: str = ""
    group: ParticipantGroup | None = None


@dataclass(frozen=True)
class Plan:
    """`left_out` says why of each."""

    recipients: Sequence[Registration]
    left_out: Sequence[tuple[Registration, str]]

    @property
    def count(self) -> int:
        return len(self.recipients)


def load_people(registrations: QuerySet[Registration]) -> list[Registration]:
    """With everything that `plan` and their mail ask of them. One query, however many they are."""
    found: QuerySet[Registration] = registrations.with_status()  # type: ignore[attr-defined]
    return list(
        found.select_related(
            "participant",
            "event__organization",
            "event__directory__identity_center",
            "account__sponsoring_account",
        ).order_by("event_id", "participant__family_name", "id")
    )


def plan(*, people: Iterable[Registration], audience: Audience, race: Race | None = None) -> Plan:
    """Sort out who of these gets it, and why the others do not."""
    recipients: list[Registration] = []
    left_out: list[tuple[Registration, str]] = []
    for registration in people:
        if why := _find_reason(registration, audience, race):
            left_out.append((registration, why))
        else:
            recipients.append(registration)
    return Plan(recipients, left_out)


def _find_reason(registration: Registration, audience: Audience, race: Race | None) -> str:
    """Why somebody does not get it; "" for whoever does."""
    if registration.removed_at:
        return "No longer takes part."
    if race and race.event_id != registration.event_id:
        return "Takes part in another event than the race's."
    if race and not is_within_reach(race, registration.account):
        return "Races in another account, from where this race cannot be entered."
    if audience.status and registration.status != audience.status:
        return f"Has another status: {Registration.Status(registration.status).label.lower()}."
    if audience.group and registration.group_id != audience.group.pk:
        return f"Is not in the group {audience.group}."
    return ""
