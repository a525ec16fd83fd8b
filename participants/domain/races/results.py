"""Reading a race's leaderboard back from the service."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

from django.db import connection, transaction
from django.utils import timezone

from events.domain.connections import open_racing
from events.models import Race, SponsoringAccount
from integrations.errors import IntegrationError
from integrations.racing.protocol import RaceResult as Place
from paddock.bulk import upsert_rows
from participants.models import RaceResult, RacerProfile


class Owner(NamedTuple):
    """Whose place it is. Nobody's, or of one of several who go by the alias, where there is no profile."""

    profile_id: int | None
    is_ambiguous: bool = False


NOBODY = Owner(None)


def refresh_results(*, race_id: int) -> None:
    """Read the leaderboard, and say at the race where that was refused: what it shows is old then."""
    settled = Race.objects.filter(pk=race_id, state=Race.State.READY)
    try:
        read_results(race_id=race_id)
    except IntegrationError as error:
        settled.update(problem=f"The leaderboard could not be read. {error}")
    else:
        settled.update(problem="")


def read_results(*, race_id: int) -> int:
    """Write down the leaderboard as it is now. Returns how many places it has. Raises IntegrationError.

    All of it is read before any of it is written, so that a failure half-way leaves the last whole one.
    """
    if connection.in_atomic_block:
        raise RuntimeError("Results are read from a provider, and so not inside a transaction.")
    race = Race.objects.select_related("sponsoring_account").get(pk=race_id)
    account = race.sponsoring_account
    if account is None or not race.service_id:
        return 0
    read_at = timezone.now()
    pages = list(open_racing(account).list_race_results(race.service_id))
    with transaction.atomic():
        latest = Race.objects.select_for_update(no_key=True).get(pk=race.pk)
        if latest.results_at is None or latest.results_at < read_at:
            kept = [pk for page in pages for pk in _write_page(race, account, page)]
            RaceResult.objects.filter(race=race).exclude(pk__in=kept).delete()
            Race.objects.filter(pk=race.pk).update(results_at=read_at)
    return sum(len(page) for page in pages)


def _write_page(race: Race, account: SponsoringAccount, page: Sequence[Place]) -> list[int]:
    """Takes three statements, however many places. Returns the ids of the rows."""
    places = list({(place.rank, place.alias): place for place in page}.values())
    if not places:
        return []
    owners = find_owners(account_id=account.pk, places=places)
    observed: dict[str, Sequence[object]] = {
        "profile_id": [owner.profile_id for owner in owners],
        "is_ambiguous": [owner.is_ambiguous for owner in owners],
        "time_milliseconds": [place.time_milliseconds for place in places],
        "submissions": [place.submissions for place in places],
        "submitted_at": [place.submitted_at for place in places],
    }
    rows = upsert_rows(
        RaceResult,
        {
            "organization_id": [race.organization_id] * len(places),
            "race_id": [race.pk] * len(places),
            "rank": [place.rank for place in places],
            "alias": [place.alias for place in places],
            **observed,
        },
        unique=["race_id", "rank", "alias"],
        update=list(observed),
    )
    return [pk for (pk,) in rows]


def find_owners(*, account_id: int, places: Sequence[Place]) -> list[Owner]:
    """Of each place, in their order: by the service's id where it is told, else by an alias that one racer bears.

    An id that is nobody's of ours is a guest's, whatever alias they go by.
    """
    profiles = RacerProfile.objects.filter(sponsoring_account=account_id)
    told = {place.profile_id for place in places if place.profile_id}
    nameless = {place.alias for place in places if not place.profile_id and place.alias}
    by_id = dict(profiles.filter(service_id__in=told).values_list("service_id", "pk")) if told else {}
    by_alias = (
        _find_bearers(nameless, profiles.filter(alias__in=nameless).values_list("alias", "pk")) if nameless else {}
    )
    return [
        Owner(by_id.get(place.profile_id)) if place.profile_id else by_alias.get(place.alias, NOBODY)
        for place in places
    ]


def _find_bearers(aliases: Collection[str], rows: Collection[tuple[str, int]]) -> Mapping[str, Owner]:
    bearers: dict[str, list[int]] = defaultdict(list)
    for alias, pk in rows:
        bearers[alias].append(pk)
    return {
        alias: Owner(found[0]) if len(found) == 1 else Owner(None, is_ambiguous=True)
        for alias, found in bearers.items()
        if alias in aliases
    }
