"""Who is to go, as the racing service of their account knows them, and who of them stays there for another event."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from django.db.models import QuerySet

from events.models import EventAccount, SponsoringAccount
from participants.models import RacerProfile, Registration, Step


@dataclass(frozen=True)
class Leaver:
    """`stays_for` names another event that the same person takes part in on the same sponsoring account."""

    step: Step
    registration: Registration
    profile: RacerProfile | None
    stays_for: str

    @property
    def service_id(self) -> str:
        return self.profile.service_id if self.profile else ""


def find_leavers(steps: Sequence[Step]) -> list[tuple[SponsoringAccount, list[Leaver]]]:
    """The people behind these steps of registrations, by their sponsoring account. Two queries."""
    registrations = [step.registration for step in steps if step.registration]
    profiles, others = _find_profiles(registrations), find_other_events(registrations)
    accounts = {each.account.sponsoring_account_id: each.account.sponsoring_account for each in registrations}
    leavers: dict[int, list[Leaver]] = defaultdict(list)
    for step in steps:
        if registration := step.registration:
            who = registration.participant_id, registration.account.sponsoring_account_id
            leavers[who[1]].append(Leaver(step, registration, profiles.get(who), others.get(registration.pk, "")))
    return [(accounts[pk], found) for pk, found in leavers.items()]


def _find_profiles(registrations: Collection[Registration]) -> dict[tuple[int | None, int], RacerProfile]:
    rows = RacerProfile.objects.filter(
        participant__in={each.participant_id for each in registrations},
        sponsoring_account__in={each.account.sponsoring_account_id for each in registrations},
    )
    return {(row.participant_id, row.sponsoring_account_id): row for row in rows}


def find_other_events(registrations: Collection[Registration]) -> dict[int, str]:
    """By registration: the title of another event whose account is the same and that has not removed the person.

    An event that is over counts as well, for as long as nobody has ended it: its models may be wanted yet.
    """
    rows = _find_present_elsewhere(registrations).filter(
        account__sponsoring_account__in={each.account.sponsoring_account_id for each in registrations}
    )
    found = {(row.participant_id, row.account.sponsoring_account_id): row.event.title for row in rows}
    keys = {each.pk: (each.participant_id, each.account.sponsoring_account_id) for each in registrations}
    return {pk: found[key] for pk, key in keys.items() if key in found}


def find_other_events_of_group(account: EventAccount, registrations: Collection[Registration]) -> dict[int, str]:
    """By registration: the title of another event that lets the person in by membership of the very same group."""
    rows = _find_present_elsewhere(registrations).filter(
        account__directory_group_id=account.directory_group_id, event__directory=account.event.directory_id
    )
    found = {row.participant_id: row.event.title for row in rows}
    return {each.pk: found[each.participant_id] for each in registrations if each.participant_id in found}


def _find_present_elsewhere(registrations: Collection[Registration]) -> QuerySet[Registration]:
    events = {each.event_id for each in registrations}
    people = {each.participant_id for each in registrations}
    rows = Registration.objects.filter(participant__in=people, removed_at=None).exclude(event__in=events)
    return rows.select_related("event", "account").order_by("-event__starts_at", "pk")
