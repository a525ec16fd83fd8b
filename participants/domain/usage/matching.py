"""Finding out by itself whose a racer is, where there is no doubt."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from django.db import transaction
from django.db.models import Q, QuerySet

from events.models import SponsoringAccount
from paddock.audit.recording import record
from participants.domain.usage.linking import find_linked, lock_account, merge_profiles
from participants.models import Participant, RacerProfile

Matches = dict[int, int]  # participants by profile, both by id
Racers = QuerySet[RacerProfile]


def match_profiles(*, account: SponsoringAccount, since: datetime) -> int:
    """Link those racers, seen since then, who can be one participant alone. Returns how many.

    By e-mail address where the service gives it; else by alias, where exactly one participant announced it and exactly
    one racer bears it. Who was unlinked or said to be nobody's by a person stays so. A constant number of statements.
    """
    with transaction.atomic():
        lock_account(account.pk)
        racers = RacerProfile.objects.filter(sponsoring_account=account)
        seen, awaited = racers.filter(seen_at__gte=since).exclude(service_id=""), racers.filter(service_id="")
        strangers = _find_strangers(seen, awaited)
        by_email = _match_emails(account, strangers)
        rest = [racer for racer in strangers if racer.pk not in by_email and not racer.email]
        by_alias = _match_aliases(rest, seen, awaited, taken=set(by_email.values()))
        for matches, by in ((by_email, RacerProfile.Link.EMAIL), (by_alias, RacerProfile.Link.ALIAS)):
            _link(account, matches, by)
    return len(by_email) + len(by_alias)


class Stranger(NamedTuple):
    pk: int
    alias: str
    email: str


def _find_strangers(seen: Racers, awaited: Racers) -> list[Stranger]:
    """Whom there is something to go by."""
    strangers = seen.filter(participant=None, linked_by="", is_ignored=False)
    known_by = Q(alias__in=awaited.exclude(alias="").values("alias")) | ~Q(email="")
    return [Stranger(*row) for row in strangers.filter(known_by).values_list("id", "alias", "email")]


def _link(account: SponsoringAccount, matches: Matches, by: RacerProfile.Link) -> None:
    if matches:
        merge_profiles(matches, account_id=account.pk, by=by)
        record(actor=None, action=f"linked racers to participants {by.label.lower()}: {len(matches)}", about=account)


def _match_emails(account: SponsoringAccount, strangers: Sequence[Stranger]) -> Matches:
    emails = _find_single({racer.pk: racer.email.lower() for racer in strangers})
    if not emails:
        return {}
    people = Participant.objects.filter(email_key__in=list(emails))
    return _drop_linked(account, {emails[key]: pk for pk, key in people.values_list("id", "email_key")})


def _match_aliases(strangers: Sequence[Stranger], seen: Racers, awaited: Racers, *, taken: set[int]) -> Matches:
    wanted = {racer.alias for racer in strangers if racer.alias}
    if not wanted:
        return {}
    bearers = _find_single(dict(seen.filter(alias__in=wanted).values_list("id", "alias")))
    announced = awaited.filter(participant__isnull=False, alias__in=wanted)
    people = {
        alias: participant_id
        for alias, participant_id in _find_single(dict(announced.values_list("participant", "alias"))).items()
        if participant_id not in taken
    }
    free = {racer.pk for racer in strangers}
    return {bearers[alias]: people[alias] for alias in bearers.keys() & people.keys() if bearers[alias] in free}


def _find_single(names: Mapping[int, str]) -> dict[str, int]:
    """Whoever alone goes by a name, by that name."""
    counts = Counter(names.values())
    return {name: pk for pk, name in names.items() if name and counts[name] == 1}


def _drop_linked(account: SponsoringAccount, matches: Matches) -> Matches:
    """Without participants who are somebody else on this account already."""
    linked = find_linked(account_id=account.pk, participant_ids=list(matches.values()))
    return {profile_id: pk for profile_id, pk in matches.items() if pk not in linked}
