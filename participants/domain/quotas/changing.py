"""Changing what people may use: who would change from what to what, and then doing it, with its history.

Plans and changes are two steps, so that a page can show the one before it does the other. Whatever changes a quota
locks the registrations first: of two organizers who change the same people, the later one starts from what the earlier
one left.
"""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import transaction
from django.db.models import QuerySet

from events.domain.lookup import load_event
from paddock.audit.recording import record
from paddock.bulk import write_values
from participants.domain.operations import start_operation
from participants.domain.quotas.adjusting import Adjustment
from participants.domain.quotas.policies import Policies, Quota, load_policies
from participants.domain.webhooks.telling import tell_quotas
from participants.models import Operation, QuotaChange, Registration


@dataclass(frozen=True)
class Planned:
    """One registration's quota, before and after, and whether it becomes theirs alone."""

    registration: Registration
    after: Quota
    is_own: bool

    @property
    def before(self) -> Quota:
        return Quota(self.registration.quota_minutes, self.registration.quota_models)

    @property
    def changes(self) -> bool:
        return self.before != self.after or self.is_own != self.registration.has_own_quota


Plan = Callable[[Iterable[Registration]], list[Planned]]


def plan_own_quota(registrations: Iterable[Registration], *, minutes: Adjustment, models: Adjustment) -> list[Planned]:
    """Quotas of these people alone, which no policy touches any more."""
    return [
        Planned(each, Quota(minutes.apply(each.quota_minutes), models.apply(each.quota_models)), is_own=True)
        for each in registrations
    ]


def plan_by_policy(registrations: Iterable[Registration], *, policies: Policies) -> list[Planned]:
    """What the policies say of these people's events and groups, whatever they had."""
    return [
        Planned(each, policies.resolve(event_id=each.event_id, group_id=each.group_id), is_own=False)
        for each in registrations
    ]


def change_quota(
    *,
    registrations: Collection[int],
    minutes: Adjustment,
    models: Adjustment,
    reason: str,
    actor: AbstractBaseUser | None,
) -> list[Operation]:
    """Give these people a quota of their own. Returns an operation for each of their events."""

    def plan(rows: Iterable[Registration]) -> list[Planned]:
        return plan_own_quota(rows, minutes=minutes, models=models)

    return carry_out(plan, registrations=registrations, reason=reason, actor=actor)


def follow_policy(*, registrations: Collection[int], reason: str, actor: AbstractBaseUser | None) -> list[Operation]:
    """Let these people have what the policies say again."""

    def plan(rows: Iterable[Registration]) -> list[Planned]:
        rows = list(rows)
        return plan_by_policy(rows, policies=load_policies(events={row.event_id for row in rows}))

    return carry_out(plan, registrations=registrations, reason=reason, actor=actor)


def carry_out(
    plan: Plan, *, registrations: Collection[int], reason: str, actor: AbstractBaseUser | None
) -> list[Operation]:
    """Write what the plan says of these people as they are now, and owe it to the racing services.

    People from whom everything is taken back are left out. The number of statements depends on the number of events.
    """
    with transaction.atomic():
        planned = [each for each in plan(lock_present(registrations)) if each.changes]
        _write(planned)
        _note_history(planned, reason, actor)
        return [_start(some, reason, actor) for some in _by_event(planned)]


def lock_present(registrations: Collection[int]) -> QuerySet[Registration]:
    """In one order for everybody, so that two who change the same people wait for each other and not for ever."""
    rows = Registration.objects.filter(pk__in=registrations, removed_at=None).select_related("participant", "event")
    return rows.order_by("pk").select_for_update(of=("self",), no_key=True)


def _write(planned: Sequence[Planned]) -> None:
    write_values(Registration, "quota_minutes", {each.registration.pk: each.after.minutes for each in planned})
    write_values(Registration, "quota_models", {each.registration.pk: each.after.models for each in planned})
    write_values(Registration, "has_own_quota", {each.registration.pk: each.is_own for each in planned})


def _note_history(planned: Sequence[Planned], reason: str, actor: AbstractBaseUser | None) -> None:
    QuotaChange.objects.bulk_create(
        [
            QuotaChange(
                organization_id=each.registration.organization_id,
                registration=each.registration,
                minutes_before=each.before.minutes,
                minutes_after=each.after.minutes,
                models_before=each.before.models,
                models_after=each.after.models,
                reason=reason,
                changed_by_id=actor.pk if actor else None,
            )
            for each in planned
        ],
        batch_size=1000,
    )


def _by_event(planned: Iterable[Planned]) -> list[list[Planned]]:
    def key(each: Planned) -> int:
        return each.registration.event_id

    return [list(some) for _, some in groupby(sorted(planned, key=key), key)]


def _start(planned: Sequence[Planned], reason: str, actor: AbstractBaseUser | None) -> Operation:
    event = load_event(planned[0].registration.event_id)
    _tell(planned)
    people = "1 person" if len(planned) == 1 else f"{len(planned)} people"
    record(
        actor=actor,
        action=f"changed the quota of {people}",
        about=event if len(planned) > 1 else planned[0].registration,
        event_id=event.pk,
        reason=reason,
        changes={
            "training minutes": _word_both([(each.before.minutes, each.after.minutes) for each in planned]),
            "models": _word_both([(each.before.models, each.after.models) for each in planned]),
        },
    )
    return start_operation(
        event=event,
        title=f"Change the quota of {people}",
        reason=reason,
        actor=actor,
        registrations=[each.registration.pk for each in planned],
        kinds=["sponsorship"],
    )


def _tell(planned: Sequence[Planned]) -> None:
    """Not of those whose numbers stay as they were."""
    changes = {
        each.registration.pk: {
            "minutes_before": each.before.minutes,
            "minutes": each.after.minutes,
            "models_before": each.before.models,
            "models": each.after.models,
        }
        for each in planned
        if each.before != each.after
    }
    if changes:
        tell_quotas(changes=changes)


def _word_both(pairs: Sequence[tuple[int | None, int | None]]) -> list[str]:
    return [_word_range([before for before, _ in pairs]), _word_range([after for _, after in pairs])]


def _word_range(limits: Sequence[int | None]) -> str:
    """All that many people had in few words: the least and the most."""
    known = sorted({limit for limit in limits if limit is not None})
    words = [str(known[0]) if len(known) == 1 else f"{known[0]} to {known[-1]}"] if known else []
    return " or ".join([*words, "no limit"] if None in limits else words)
