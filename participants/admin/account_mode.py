"""Switching multi-user mode of sponsoring accounts, with the question why and what it leaves behind."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser
from django.db.models import QuerySet
from django.http import HttpRequest
from django.template.defaultfilters import filesizeformat
from django.utils import timezone

from events.models import Event, SponsoringAccount
from paddock.money import show_dollars
from paddock.tenancy.models import Membership
from participants.admin.actions import find_object
from participants.admin.confirmation import BulkAction, Change, Preview, Skipped
from participants.admin.confirmation_pages import BulkActionsMixin, offer
from participants.domain.mode.wanting import Leftovers, want_mode, weigh_leftovers
from participants.models import Operation

NO_MODE = "DeepRacer on AWS has no mode that could be switched."


def is_on(account: SponsoringAccount) -> bool | None:
    """As it will be once an open wish has come true."""
    return account.mode_is_on if account.wants_mode is None else account.wants_mode


class SwitchMode(BulkAction):
    role = Membership.Role.OWNER
    is_on_list = False
    counted = ("account", "accounts")
    wanted: bool

    def preview(self, *, rows: QuerySet[Any], answers: Mapping[str, Any]) -> Preview:
        accounts = list(rows.order_by("pk"))
        changing = [each for each in accounts if each.is_multi_user and is_on(each) is not self.wanted]
        return Preview(
            [Change(each.pk, str(each), _word(is_on(each)), _word(self.wanted)) for each in changing],
            [
                Skipped(str(each), f"It is {_word(self.wanted).lower()} already." if each.is_multi_user else NO_MODE)
                for each in accounts
                if each not in changing
            ],
            [warning for each in changing for warning in self.find_warnings(each)],
            number=self.weigh(changing),
        )

    def find_warnings(self, account: SponsoringAccount) -> list[str]:
        return []

    def weigh(self, accounts: Sequence[SponsoringAccount]) -> int | None:
        return None

    def perform(
        self, *, rows: QuerySet[Any], answers: Mapping[str, Any], actor: AbstractBaseUser
    ) -> Sequence[Operation]:
        for account in rows:
            want_mode(account=account, wanted=self.wanted, actor=actor, reason=answers["reason"])
        return []


class Activate(SwitchMode):
    name = "activate_mode"
    label = "Activate multi-user mode…"
    title = "Activate multi-user mode"
    explanation = (
        "Racers can then train at the account's cost, as soon as they sign in and have a quota. Paddock asks AWS for "
        "it and reads back that it is so."
    )
    icon = "toggle_on"
    button = "Activate"
    wanted = True


class Deactivate(SwitchMode):
    name = "deactivate_mode"
    label = "Deactivate multi-user mode…"
    title = "Deactivate multi-user mode"
    explanation = (
        "Nobody can train in the account any more. Racers and their models stay where they are, out of everybody's "
        "sight, and their storage goes on costing until somebody activates the mode again and deletes them."
    )
    icon = "toggle_off"
    button = "Deactivate"
    wanted = False
    is_destructive = True
    caution = "Nobody can train in the account from then on."
    counted = ("racer", "racers")

    def find_warnings(self, account: SponsoringAccount) -> list[str]:
        return [*_warn_of_leftovers(weigh_leftovers(account=account)), *_warn_of_events(account)]

    def weigh(self, accounts: Sequence[SponsoringAccount]) -> int | None:
        """How many people it shuts out, so that nobody confirms it by habit."""
        return sum(weigh_leftovers(account=account).racers for account in accounts)


def _word(mode: bool | None) -> str:
    return "Unknown" if mode is None else "On" if mode else "Off"


def _warn_of_leftovers(left: Leftovers) -> list[str]:
    if not left.bytes and not left.models:
        return []
    racers = "1 racer" if left.racers == 1 else f"{left.racers:,} racers"
    models = "Models" if left.models is None else "1 model" if left.models == 1 else f"{left.models:,} models"
    size, cost = filesizeformat(left.bytes), show_dollars(left.monthly_cost)
    return [
        (
            f"{models} of {racers} remain, {size} together. Storing them goes on costing {cost} a month. End the event "
            "with “Delete them” first if nobody needs them."
        )
    ]


def _warn_of_events(account: SponsoringAccount) -> list[str]:
    running = Event.objects.filter(
        accounts__sponsoring_account=account, ends_at__gt=timezone.now(), offboarding_at=None
    )
    return [f"“{event}” has not ended yet and needs this account." for event in running.order_by("starts_at")]


ACTIVATE, DEACTIVATE = Activate(), Deactivate()


class AccountModeMixin(BulkActionsMixin):
    """Buttons on the page of a sponsoring account: the one of the two that would change something."""

    bulk_actions = [ACTIVATE, DEACTIVATE]
    activate_mode = offer(ACTIVATE, model=SponsoringAccount, choose="id")
    deactivate_mode = offer(DEACTIVATE, model=SponsoringAccount, choose="id")

    def get_actions_detail(self, request: HttpRequest, object_id: int) -> list[Any]:
        actions: list[Any] = super().get_actions_detail(request, object_id)
        account: SponsoringAccount | None = self.get_object(request, str(object_id))
        hidden = _find_idle(account) if account else ()
        return [each for each in actions if each.action_name.rpartition("events_sponsoringaccount_")[2] not in hidden]

    def _find_rows(self, request: HttpRequest) -> QuerySet[Any]:
        """One account at a time: no event has accounts of its own."""
        rows: QuerySet[Any] = self.get_queryset(request)
        chosen = request.GET.get("id")
        return rows.filter(pk=find_object(self, request, chosen).pk) if chosen else rows.none()


def _find_idle(account: SponsoringAccount) -> tuple[str, ...]:
    if not account.is_multi_user:
        return (ACTIVATE.name, DEACTIVATE.name)
    match is_on(account):
        case True:
            return (ACTIVATE.name,)
        case False:
            return (DEACTIVATE.name,)
        case None:
            return ()
