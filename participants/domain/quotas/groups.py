"""Groups of an event's people: who is in which, and what that changes for them."""

from collections.abc import Collection, Iterable, Sequence

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import transaction

from events.models import Event, ParticipantGroup
from paddock.audit.recording import record
from participants.domain.quotas.changing import Planned, carry_out, lock_present
from participants.domain.quotas.policies import load_policies
from participants.models import Operation, Registration


def create_group(*, event: Event, name: str, reason: str, actor: AbstractBaseUser | None) -> ParticipantGroup:
    """The group of that name, made where the event has none."""
    with transaction.atomic():
        group, is_new = ParticipantGroup.objects.get_or_create(
            event=event, name=name, defaults={"organization_id": event.organization_id}
        )
        if is_new:
            record(actor=actor, action="made a group", about=group, event_id=event.pk, reason=reason)
    return group


def plan_move(registrations: Iterable[Registration], *, group: ParticipantGroup | None) -> list[Planned]:
    """Everybody's quota in that group, or in none: by the policies, but for those who have one of their own."""
    registrations = list(registrations)
    policies = load_policies(events={each.event_id for each in registrations})
    group_id = group.pk if group else None
    return [
        Planned(each, policies.resolve(event_id=each.event_id, group_id=group_id), is_own=False)
        for each in registrations
        if not each.has_own_quota
    ]


def put_in_group(
    *,
    event: Event,
    registrations: Collection[int],
    group: ParticipantGroup | None,
    reason: str,
    actor: AbstractBaseUser | None,
) -> list[Operation]:
    """Move people of the event into one of its groups, or out of theirs. Quotas follow, but for those of their own.

    Returns the operation that carries the new quotas; none where nobody's changes.
    """
    with transaction.atomic():
        moved = _move(event, registrations, group)
        people = "1 person" if len(moved) == 1 else f"{len(moved)} people"
        record(
            actor=actor,
            action=f"put {people} into a group" if group else f"took {people} out of their groups",
            about=group or event,
            event_id=event.pk,
            reason=reason,
        )
        return carry_out(lambda rows: plan_move(rows, group=group), registrations=moved, reason=reason, actor=actor)


def _move(event: Event, registrations: Collection[int], group: ParticipantGroup | None) -> Sequence[int]:
    """Those who were moved. A group is of one event, so people of others stay where they are."""
    present = lock_present(registrations).filter(event=event)
    ids = [each.pk for each in present if each.group_id != (group.pk if group else None)]
    Registration.objects.filter(pk__in=ids).update(group=group)
    return ids
