"""Changing a policy: for those who come, or for those who are there as well."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import transaction
from django.db.models import QuerySet

from events.models import Event, ParticipantGroup, QuotaPolicy
from paddock.audit.recording import record
from paddock.tenancy.models import Organization
from participants.domain.quotas.changing import Planned, carry_out, plan_by_policy
from participants.domain.quotas.policies import Level, Quota, load_policies
from participants.models import Operation, Registration


@dataclass(frozen=True)
class Place:
    """Whose policy: the organization's where neither is named, else an event's, or that of a group of an event."""

    organization: Organization
    event: Event | None = None
    group: ParticipantGroup | None = None

    @property
    def level(self) -> Level:
        return (self.event.pk if self.event else None, self.group.pk if self.group else None)

    def __str__(self) -> str:
        return str(self.group or self.event or self.organization)


def find_governed(place: Place) -> QuerySet[Registration]:
    """Those who are there now and have no quota of their own: whom a change of this policy may reach."""
    rows = Registration.objects.filter(removed_at=None, has_own_quota=False)
    if place.group:
        return rows.filter(group=place.group)
    return rows.filter(event=place.event) if place.event else rows


def plan_policy_change(*, place: Place, quota: Quota) -> list[Planned]:
    """What would become of those who are there, were the policy this and theirs, too. Only those who change."""
    registrations = list(find_governed(place).select_related("participant", "event", "group").order_by("pk"))
    return [each for each in _plan(registrations, place, quota) if each.changes]


def change_policy(
    *, place: Place, quota: Quota, existing: bool, reason: str, actor: AbstractBaseUser | None
) -> list[Operation]:
    """Write the policy, and with `existing` change those who are there. Returns an operation for each of their events.

    An empty quota says nothing any more: the next level decides.
    """
    with transaction.atomic():
        _hold_registrations_back(place)
        policy = _lock_policy(place)
        before = Quota(policy.minutes, policy.model_count)
        policy.minutes, policy.model_count = quota
        policy.save(update_fields=["minutes", "model_count"])
        record(
            actor=actor,
            action="changed a quota policy",
            about=policy,
            event_id=place.event.pk if place.event else None,
            reason=reason,
            changes={
                "training minutes": [before.minutes, quota.minutes],
                "models": [before.models, quota.models],
                "existing participants": ["", "changed, too" if existing else "left as they are"],
            },
        )
        if not existing:
            return []
        governed = list(find_governed(place).values_list("pk", flat=True))
        return carry_out(
            lambda rows: _plan(list(rows), place, quota), registrations=governed, reason=reason, actor=actor
        )


def _plan(registrations: Sequence[Registration], place: Place, quota: Quota) -> list[Planned]:
    policies = load_policies(events={each.event_id for each in registrations}).replacing(place.level, quota)
    return plan_by_policy(_without_own(registrations), policies=policies)


def _without_own(registrations: Iterable[Registration]) -> list[Registration]:
    """Somebody may have got a quota of their own while this waited for the lock."""
    return [each for each in registrations if not each.has_own_quota]


def _hold_registrations_back(place: Place) -> None:
    """Whoever registers holds the event: they come before this and are reached by it, or after it and find it."""
    events = Event.objects.filter(pk=place.event.pk) if place.event else Event.objects.all()
    list(events.order_by("pk").select_for_update(no_key=True).values_list("pk", flat=True))


def _lock_policy(place: Place) -> QuotaPolicy:
    QuotaPolicy.objects.get_or_create(organization=place.organization, event=place.event, group=place.group)
    return QuotaPolicy.objects.select_for_update().get(event=place.event, group=place.group)
