"""Writing down that people take part: as many statements for a thousand as for one.

Belongs into the transaction that holds the event and found them places.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.db.models import Count

from events.domain.accounts import choose_account, find_accounts
from events.models import Event, EventAccount
from paddock.accounts.models import User
from paddock.bulk import write_values
from participants.convergence import doorbell
from participants.domain.answers import Answer
from participants.domain.applicants import Applicant
from participants.domain.journey import owe_event_steps, owe_registration_steps
from participants.domain.quotas.policies import resolve_quota
from participants.models import Participant, RacerProfile, Registration


@dataclass(frozen=True)
class Newcomer:
    """Somebody who was checked, with their address as the database knows it again."""

    email_key: str
    person: Applicant
    answers: dict[str, Answer]


def enter(*, event: Event, newcomers: Iterable[Newcomer], owner: User | None) -> list[Registration]:
    """Who has not been registered for the event before. What they bring belongs to `owner`, who has signed in.

    Without an owner nothing changes of a participant who has one: anybody may have typed the address.
    """
    # Everybody writes in the same order, so that two events that share people do not wait for each other.
    people = sorted(newcomers, key=lambda each: each.email_key)
    participants = _ensure_participants(event, people, owner)
    accounts = _spread(event, len(people))
    racers = [
        (participants[each.email_key], account, each.person.racer_alias)
        for each, account in zip(people, accounts, strict=True)
    ]
    announce_racers((who, where, alias if owner or who.user_id is None else "") for who, where, alias in racers)
    quota = resolve_quota(event=event, group=None)
    registrations = Registration.objects.bulk_create(
        Registration(
            organization_id=event.organization_id,
            event=event,
            participant=participants[each.email_key],
            account=account,
            answers=each.answers,
            quota_minutes=quota.minutes,
            quota_models=quota.models,
        )
        for each, account in zip(people, accounts, strict=True)
    )
    kinds = owe_event_steps(event=event) + owe_registration_steps(registrations=registrations, event=event)
    doorbell.ring(organization_id=event.organization.pk, event_id=event.pk, kinds=kinds)
    return registrations


def _ensure_participants(event: Event, people: list[Newcomer], owner: User | None) -> dict[str, Participant]:
    """The names that a person gave first stay: a stranger who types their address cannot change them."""
    found = _find_participants(each.email_key for each in people)
    missing = [each for each in people if each.email_key not in found]
    if not missing:
        return found
    # Somebody may be registered for another event in this very moment.
    Participant.objects.bulk_create(
        [
            Participant(
                organization_id=event.organization_id,
                email=each.person.email,
                given_name=each.person.given_name,
                family_name=each.person.family_name,
                user=owner,
            )
            for each in missing
        ],
        ignore_conflicts=True,
    )
    return found | _find_participants(each.email_key for each in missing)


def _find_participants(keys: Iterable[str]) -> dict[str, Participant]:
    return {each.email_key: each for each in Participant.objects.filter(email_key__in=list(keys))}


def _spread(event: Event, number: int) -> list[EventAccount]:
    """One account after the other, each the emptiest at that moment."""
    accounts = find_accounts(event=event)
    present = Registration.objects.filter(event=event, removed_at=None).order_by()
    taken = Counter(dict(present.values_list("account").annotate(Count("id"))))
    chosen = []
    for _ in range(number):
        account = choose_account(accounts=accounts, taken=taken)
        taken[account.pk] += 1
        chosen.append(account)
    return chosen


def announce_racers(racers: Iterable[tuple[Participant, EventAccount, str]]) -> None:
    """The racing service has not seen them yet; an alias that it already knows them by stays."""
    profiles = {
        (participant.pk, account.sponsoring_account_id): RacerProfile(
            organization_id=participant.organization_id,
            participant=participant,
            sponsoring_account_id=account.sponsoring_account_id,
            alias=alias,
        )
        for participant, account, alias in racers
    }
    RacerProfile.objects.bulk_create(profiles.values(), ignore_conflicts=True)
    aliases = {who: profile.alias for who, profile in profiles.items() if profile.alias}
    if aliases:
        _fill_in(aliases)


def _fill_in(aliases: Mapping[tuple[int, int], str]) -> None:
    """Of those who were there before and had none."""
    nameless = RacerProfile.objects.filter(participant__in=[participant for participant, _ in aliases], alias="")
    rows = nameless.order_by().values_list("id", "participant", "sponsoring_account")
    found = {pk: aliases[who, account] for pk, who, account in rows if (who, account) in aliases}
    if found:
        write_values(RacerProfile, "alias", found)
