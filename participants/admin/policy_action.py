"""The bulk action that changes one quota policy, and with it, where that is wanted, the people who are there."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser
from django.db.models import QuerySet

from events.models import QuotaPolicy
from participants.admin.confirmation import BulkAction, Change, Preview, Skipped
from participants.admin.quota_forms import PolicyForm
from participants.admin.words import word_move, word_person, word_quota
from participants.domain.quotas.policies import Quota
from participants.domain.quotas.policy_changes import Place, change_policy, plan_policy_change
from participants.models import Operation, Registration

UNLIMITED = "No limit: {} of those who are there may then train for as long as they like, at the sponsor's cost."


def word_rule(quota: Quota) -> str:
    """What one level says; what it leaves open is not "no limit"."""
    minutes = None if quota.minutes is None else f"{quota.minutes:,} min"
    models = None if quota.models is None else f"{quota.models:,} models"
    return ", ".join(word for word in (minutes, models) if word) or "no word"


def place_of(policy: QuotaPolicy) -> Place:
    return Place(policy.organization, policy.event, policy.group)


class ChangePolicy(BulkAction):
    name = "change_policy"
    label = "Change…"
    title = "Change a quota policy"
    explanation = (
        "The nearest policy wins: of a group before that of its event, and that before the organization's. "
        "What is empty here is decided one level up; with no word on any level there is no limit."
    )
    icon = "rule"
    button = "Change the policy"
    form_class = PolicyForm
    counted = ("person who is there", "people who are there")
    is_on_list = False

    def preview(self, *, rows: QuerySet[Any], answers: Mapping[str, Any]) -> Preview:
        policy: QuotaPolicy = rows.select_related("organization", "event", "group").get()
        place, quota = place_of(policy), Quota(answers["minutes"], answers["models"])
        before = Quota(policy.minutes, policy.model_count)
        people = plan_policy_change(place=place, quota=quota)
        reached = people if answers["existing"] else []
        rule = Change(policy.pk, f"Policy of “{policy}”", word_rule(before), word_rule(quota))
        moves = [
            Change(
                policy.pk, word_person(each.registration), word_quota(each.before), word_move(each.before, each.after)
            )
            for each in reached
        ]
        unlimited = sum(1 for each in reached if each.after.minutes is None)
        return Preview(
            changes=[rule, *moves],
            skipped=self._list_skipped(place, people, reaches=answers["existing"]),
            warnings=[UNLIMITED.format(unlimited)] if unlimited else [],
            number=len(reached),
        )

    def _list_skipped(self, place: Place, people: Sequence[Any], *, reaches: bool) -> list[Skipped]:
        if not reaches:
            return [
                Skipped(word_person(each.registration), "Is there already, and keeps what they have.")
                for each in people
            ]
        own = find_with_own_quota(place).select_related("participant")
        return [Skipped(word_person(each), "Has a quota of their own.") for each in own]

    def perform(
        self, *, rows: QuerySet[Any], answers: Mapping[str, Any], actor: AbstractBaseUser
    ) -> Sequence[Operation]:
        policy: QuotaPolicy = rows.select_related("organization", "event", "group").get()
        return change_policy(
            place=place_of(policy),
            quota=Quota(answers["minutes"], answers["models"]),
            existing=answers["existing"],
            reason=answers["reason"],
            actor=actor,
        )


def find_with_own_quota(place: Place) -> QuerySet[Registration]:
    own = Registration.objects.filter(removed_at=None, has_own_quota=True)
    if place.group:
        return own.filter(group=place.group)
    return own.filter(event=place.event) if place.event else own


CHANGE_POLICY = ChangePolicy()
