"""Finding out by itself whose a racer is, where there is no doubt."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet

from events.models import SponsoringAccount
from paddock.audit.recording import record
from participants.domain.usage.linking import find_linked, lock_account, merge_profiles
from participants.models import Participant, RacerProfile

Matches = dict[int, int]  # participants by profile, both by id


def match_profiles(*, account: SponsoringAccount, since: datetime) -> int:
    """Link those racers, seen since then, who can be one participant alone. Returns how many.

    By e-mail address where the service gives it; else by alias, where exactly one participant announced it and exactly
    one racer bears it. Who was unlinked or said to be nobody's by a person stays so. A constant number of statements.
    """
    with transaction.atomic():
        lock_account(account.pk)
        seen = RacerProfile.objects.filter(sponsoring_account=account, seen_at__gte=since).exclude(service_id="")
        strangers = list(seen.filter(participant=None, linked_by="", is_ignored=False))
        by_email = _match_emails(account, strangers)
        rest = [profile for profile in strangers if profile.pk not in by_email and not profile.email]
        by_alias = _match_aliases(account, rest, seen, taken=set(by_email.values()))
        for matches, by in ((by_email, RacerProfile.Link.EMAIL), (by_alias, RacerProfile.Link.ALIAS)):
            _link(account, matches, by)
    return len(by_email) + len(by_alias)


def _link(account: SponsoringAccount, matches: Matches, by: RacerProfile.Link) -> None:
    if matches:
        merge_profiles(matches, account_id=account.pk, by=by)
        record(actor=None, action=f"linked racers to participants {by.label.lower()}: {len(matches)}", about=account)


def _match_emails(account: SponsoringAccount, strangers: Sequence[RacerProfile]) -> Matches:
    emails = _find_single({profile.pk: profile.email.lower() for profile in strangers})
    if not emails:
        return {}
    people = Participant.objects.filter(email_key__in=list(emails))
    return _drop_linked(account, {emails[key]: pk for pk, key in people.values_list("id", "email_key")})


def _match_aliases(
    account: SponsoringAccount, strangers: Sequence[RacerProfile], seen: QuerySet[RacerProfile], *, taken: set[int]
) -> Matches:
    wanted = {profile.alias for profile in strangers if profile.alias}
    if not wanted:
        return {}
    bearers = _find_single(dict(seen.filter(alias__in=wanted).values_list("id", "alias")))
    announced = RacerProfile.objects.filter(
        sponsoring_account=account, service_id="", participant__isnull=False, alias__in=wanted
    )
    people = {
        alias: participant_id
        for alias, participant_id in _find_single(dict(announced.values_list("participant", "alias"))).items()
        if participant_id not in taken
    }
    free = {profile.pk for profile in strangers}
    return {bearers[alias]: people[alias] for alias in bearers.keys() & people.keys() if bearers[alias] in free}


def _find_single(names: Mapping[int, str]) -> dict[str, int]:
    """Whoever alone goes by a name, by that name."""
    counts = Counter(names.values())
    return {name: pk for pk, name in names.items() if name and counts[name] == 1}


def _drop_linked(account: SponsoringAccount, matches: Matches) -> Matches:
    """Without participants who are somebody else on this account already."""
    linked = find_linked(account_id=account.pk, participant_ids=list(matches.values()))
    return {profile_id: pk for profile_id, pk in matches.items() if pk not in linked}
