"""What is done to races, one or several, after a question."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser
from django.db.models import QuerySet

from events.models import Race
from paddock.tenancy.admin_base import show_time
from participants.admin.confirmation import BulkAction, Change, Preview, Skipped
from participants.domain.races.checking import find_obstacle_to_closing, find_obstacle_to_renewing
from participants.domain.races.intent import close_races, renew_invitations
from participants.models import Operation


class RaceAction(BulkAction):
    counted = ("race", "races")

    def preview(self, *, rows: QuerySet[Any], answers: Mapping[str, Any]) -> Preview:
        races = list(rows.select_related("event", "sponsoring_account"))
        obstacles = {race.pk: self._find_obstacle(race) for race in races}
        return Preview(
            changes=[Change(race.pk, str(race), *self._word(race)) for race in races if not obstacles[race.pk]],
            skipped=[Skipped(str(race), obstacles[race.pk]) for race in races if obstacles[race.pk]],
        )

    def _find_obstacle(self, race: Race) -> str:
        raise NotImplementedError

    def _word(self, race: Race) -> tuple[str, str]:
        raise NotImplementedError


class CloseRaces(RaceAction):
    name = "close_race"
    label = "Close now…"
    title = "Close races"
    explanation = (
        "Nobody can submit any more. The results stay. "
        "A deployment of DeepRacer on AWS refuses this to a race that has opened."
    )
    icon = "flag"
    button = "Close"

    def _find_obstacle(self, race: Race) -> str:
        return find_obstacle_to_closing(race)

    def _word(self, race: Race) -> tuple[str, str]:
        return f"open until {show_time(race.closes_at, race.event.zone)}", "closed at once"

    def perform(
        self, *, rows: QuerySet[Any], answers: Mapping[str, Any], actor: AbstractBaseUser
    ) -> Sequence[Operation]:
        return close_races(races=_load(rows), actor=actor, reason=answers["reason"])


class RenewInvitations(RaceAction):
    name = "renew_invitation"
    label = "New invitation…"
    title = "Make new invitations"
    explanation = (
        "The old link leads nowhere from then on, also in mails that were sent: mail the race again afterwards. "
        "A race that was prolonged needs a new one too, because an invitation ends when the race was to end."
    )
    icon = "key"
    button = "Make"

    def _find_obstacle(self, race: Race) -> str:
        return find_obstacle_to_renewing(race)

    def _word(self, race: Race) -> tuple[str, str]:
        made = f"made {show_time(race.token_made_at, race.event.zone)}" if race.token_made_at else "none"
        return made, "a new one"

    def perform(
        self, *, rows: QuerySet[Any], answers: Mapping[str, Any], actor: AbstractBaseUser
    ) -> Sequence[Operation]:
        return renew_invitations(races=_load(rows), actor=actor, reason=answers["reason"])


def _load(rows: QuerySet[Any]) -> list[Race]:
    return list(rows.select_related("event__organization"))


CLOSE_RACES = CloseRaces()
RENEW_INVITATIONS = RenewInvitations()
