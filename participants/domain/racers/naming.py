"""Who a service is told to make: racers' ids and aliases, for services where profiles are made before anybody comes."""

from collections.abc import Collection, Iterable, Mapping

from django.db import transaction

from events.models import SponsoringAccount
from integrations.racing.deepracer_on_aws.names import LONGEST_ALIAS, make_service_id, shape_alias
from paddock.bulk import write_values
from participants.domain.usage.linking import lock_account
from participants.models import Participant, RacerProfile


def name_racers(*, account: SponsoringAccount, people: Collection[Participant]) -> dict[int, RacerProfile]:
    """These people's racers, by the people's ids, each with an id and an alias that nobody else has on the account.

    Stored before anybody is made: whatever a crash leaves at the service is found again by whoever tries once more,
    or takes it back. People whose id a stranger bears, because a person unlinked them, are left out.
    """
    with transaction.atomic():
        lock_account(account.pk)
        rows = find_racers(account=account, people=people)
        nameless = [person for person in people if not rows[person.pk].service_id]
        ids = _find_free_ids(account, nameless)
        named = [person for person in nameless if person.pk in ids]
        aliases = _choose_aliases(account, named, rows)
        for person in named:
            row = rows[person.pk]
            row.service_id, row.alias, row.linked_by = ids[person.pk], aliases[person.pk], RacerProfile.Link.MADE
        _save([rows[person.pk] for person in named])
    return {pk: row for pk, row in rows.items() if row.service_id}


def find_racers(*, account: SponsoringAccount, people: Collection[Participant]) -> dict[int, RacerProfile]:
    """By the people's ids. Everybody who registered has one on the account."""
    rows = RacerProfile.objects.filter(sponsoring_account=account, participant__in=people)
    return {row.participant_id: row for row in rows if row.participant_id}


def _find_free_ids(account: SponsoringAccount, people: Iterable[Participant]) -> dict[int, str]:
    ids = {each.pk: make_service_id(f"{account.account_id}/{each.pk}/{each.email_key}") for each in people}
    taken = RacerProfile.objects.filter(sponsoring_account=account, service_id__in=ids.values())
    strangers = set(taken.values_list("service_id", flat=True))
    return {pk: service_id for pk, service_id in ids.items() if service_id not in strangers}


def _choose_aliases(
    account: SponsoringAccount, people: Iterable[Participant], rows: Mapping[int, RacerProfile]
) -> dict[int, str]:
    """What they typed, else their names; a number tells those apart who would be called the same."""
    bearers = RacerProfile.objects.filter(sponsoring_account=account).exclude(service_id="")
    taken = {alias.lower() for alias in bearers.values_list("alias", flat=True)}
    aliases: dict[int, str] = {}
    for person in people:
        alias = _number(shape_alias(rows[person.pk].alias or str(person)), taken)
        taken.add(alias.lower())
        aliases[person.pk] = alias
    return aliases


def _number(alias: str, taken: set[str]) -> str:
    candidate, number = alias, 1
    while candidate.lower() in taken:
        number += 1
        candidate = f"{alias[: LONGEST_ALIAS - len(f'-{number}')].rstrip('-_')}-{number}"
    return candidate


def _save(rows: Collection[RacerProfile]) -> None:
    for name in ("service_id", "alias", "linked_by"):
        write_values(RacerProfile, name, {row.pk: getattr(row, name) for row in rows})
