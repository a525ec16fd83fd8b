"""Bulk actions about quotas and groups."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser
from django.db.models import QuerySet

from events.domain.lookup import load_event
from events.models import ParticipantGroup
from participants.admin.confirmation import BulkAction, Change, Preview, Skipped
from participants.admin.quota_forms import GroupForm, QuotaForm
from participants.admin.words import word_move, word_person, word_quota, word_seconds
from participants.domain.quotas.balances import see_balances
from participants.domain.quotas.changing import (
    Planned,
    change_quota,
    follow_policy,
    plan_by_policy,
    plan_own_quota,
)
from participants.domain.quotas.groups import create_group, plan_move, put_in_group
from participants.domain.quotas.policies import load_policies
from participants.models import Operation, Registration

REMOVED = "Everything is being taken back from them."


def read_people(rows: QuerySet[Registration]) -> tuple[list[Registration], list[Skipped]]:
    """Those who are there, and those who are left out because they are on their way out."""
    people = list(rows.select_related("participant", "event", "group").order_by("participant__family_name", "pk"))
    gone = [Skipped(word_person(each), REMOVED) for each in people if each.removed_at]
    return [each for each in people if not each.removed_at], gone


def preview_quotas(planned: Iterable[Planned], skipped: Sequence[Skipped], *, same: str) -> Preview:
    planned = list(planned)
    changing = [each for each in planned if each.changes]
    unchanged = [Skipped(word_person(each.registration), same) for each in planned if not each.changes]
    balances = see_balances(registrations=[each.registration for each in changing])
    return Preview(
        changes=[_show(each, balances[each.registration.pk].used) for each in changing],
        skipped=[*skipped, *unchanged],
        warnings=_warn(changing),
    )


def _show(planned: Planned, used: int) -> Change:
    registration = planned.registration
    return Change(
        row_id=registration.pk,
        who=word_person(registration),
        before=word_quota(planned.before) + (", of their own" if registration.has_own_quota else ""),
        after=word_move(planned.before, planned.after) + (", of their own" if planned.is_own else ", by policy"),
        note=f"{word_seconds(used)} used",
    )


def _warn(planned: Sequence[Planned]) -> list[str]:
    unlimited = sum(1 for each in planned if each.after.minutes is None)
    if not unlimited:
        return []
    return [f"No limit: {unlimited} of them may train for as long as they like, at the sponsor's cost."]


class ChangeQuota(BulkAction):
    name = "change_quota"
    label = "Change quota…"
    title = "Change quotas"
    explanation = (
        "Gives these people a quota of their own, which no policy touches until they follow the policies again. "
        "Minutes are those of the event, however many somebody has used elsewhere before."
    )
    icon = "timer"
    button = "Change quotas"
    form_class = QuotaForm

    def preview(self, *, rows: QuerySet[Any], answers: Mapping[str, Any]) -> Preview:
        people, gone = read_people(rows)
        planned = plan_own_quota(people, minutes=answers["minutes"], models=answers["models"])
        return preview_quotas(planned, gone, same="Has this quota already.")

    def perform(
        self, *, rows: QuerySet[Any], answers: Mapping[str, Any], actor: AbstractBaseUser
    ) -> Sequence[Operation]:
        return change_quota(
            registrations=list(rows.values_list("pk", flat=True)),
            minutes=answers["minutes"],
            models=answers["models"],
            reason=answers["reason"],
            actor=actor,
        )


class FollowPolicy(BulkAction):
    name = "follow_policy"
    label = "Follow the policy…"
    title = "Follow the quota policies"
    explanation = "Takes quotas of their own from these people: what the policies say counts for them again."
    icon = "rule"
    button = "Follow the policies"

    def preview(self, *, rows: QuerySet[Any], answers: Mapping[str, Any]) -> Preview:
        people, gone = read_people(rows)
        policies = load_policies(events={each.event_id for each in people})
        return preview_quotas(plan_by_policy(people, policies=policies), gone, same="Follows the policies already.")

    def perform(
        self, *, rows: QuerySet[Any], answers: Mapping[str, Any], actor: AbstractBaseUser
    ) -> Sequence[Operation]:
        ids = list(rows.values_list("pk", flat=True))
        return follow_policy(registrations=ids, reason=answers["reason"], actor=actor)


class PutInGroup(BulkAction):
    name = "put_in_group"
    label = "Put in group…"
    title = "Put people in a group"
    explanation = "Groups of an event share a quota policy. Who has a quota of their own keeps it."
    icon = "group_add"
    button = "Move"
    form_class = GroupForm

    def preview(self, *, rows: QuerySet[Any], answers: Mapping[str, Any]) -> Preview:
        people, skipped = read_people(rows)
        group: ParticipantGroup | None = answers["group"]
        name = answers["new_group"] or str(group or "")
        strangers = [each for each in people if group and each.event_id != group.event_id]
        there = [each for each in people if not answers["new_group"] and each.group == group and each not in strangers]
        moving = [each for each in people if each not in strangers and each not in there]
        quotas = {each.registration.pk: each for each in plan_move(moving, group=group)}
        return Preview(
            changes=[self._show(each, name, quotas.get(each.pk)) for each in moving],
            skipped=[
                *skipped,
                *(Skipped(word_person(each), "Is in another event than the group.") for each in strangers),
                *(Skipped(word_person(each), "Is there already.") for each in there),
            ],
        )

    def _show(self, registration: Registration, name: str, planned: Planned | None) -> Change:
        had = word_quota(planned.before) if planned else "a quota of their own"
        gets = word_move(planned.before, planned.after) if planned else "a quota of their own"
        return Change(
            row_id=registration.pk,
            who=word_person(registration),
            before=f"{registration.group or 'No group'}: {had}",
            after=f"{name or 'No group'}: {gets}",
        )

    def perform(
        self, *, rows: QuerySet[Any], answers: Mapping[str, Any], actor: AbstractBaseUser
    ) -> Sequence[Operation]:
        operations: list[Operation] = []
        group: ParticipantGroup | None = answers["group"]
        for event_id in sorted(rows.order_by().values_list("event", flat=True).distinct()):
            event = load_event(event_id)
            if answers["new_group"]:
                group = create_group(event=event, name=answers["new_group"], reason=answers["reason"], actor=actor)
            operations += put_in_group(
                event=event,
                registrations=list(rows.filter(event=event).values_list("pk", flat=True)),
                group=group,
                reason=answers["reason"],
                actor=actor,
            )
        return operations
