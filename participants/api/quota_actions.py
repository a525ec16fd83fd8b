"""Quotas and groups of people."""

from typing import Any

from rest_framework import serializers

from events.models import Event, ParticipantGroup
from paddock.api.scopes import PEOPLE, RACING
from participants.api.adjustments import AdjustmentSerializer, read_adjustment
from participants.api.choosing import ChoiceSerializer
from participants.api.examples import CHANGE_QUOTA, FOLLOW_POLICY, PUT_IN_GROUP
from participants.api.people_actions import PeopleAction, described, tell
from participants.domain.quotas.adjusting import How
from participants.domain.quotas.changing import change_quota, follow_policy
from participants.domain.quotas.groups import create_group, put_in_group


class QuotaSerializer(ChoiceSerializer):
    minutes = AdjustmentSerializer(required=False, help_text="Of training, in this event.")
    models = AdjustmentSerializer(required=False, help_text="Kept at once.")

    def validate(self, attrs: Any) -> Any:
        attrs = super().validate(attrs)
        attrs |= {name: read_adjustment(attrs.get(name)) for name in ("minutes", "models")}
        if {attrs["minutes"].how, attrs["models"].how} == {How.KEEP}:
            raise serializers.ValidationError({"minutes": ["Say what becomes of the minutes or of the models."]})
        return attrs


@described(
    "Give people a quota of their own",
    description="No policy touches it until they follow the policies again.",
    request=QuotaSerializer,
    examples=CHANGE_QUOTA,
)
class ChangeQuotaView(PeopleAction):
    area = RACING
    serializer_class = QuotaSerializer

    def act(self, event: Event, people: list[int], answers: Any) -> Any:
        limits = {name: answers[name] for name in ("minutes", "models")}
        return tell(*change_quota(registrations=people, reason=answers["reason"], actor=None, **limits))


@described("Let people follow the quota policies again", examples=FOLLOW_POLICY)
class FollowPolicyView(PeopleAction):
    area = RACING

    def act(self, event: Event, people: list[int], answers: Any) -> Any:
        return tell(*follow_policy(registrations=people, reason=answers["reason"], actor=None))


class GroupSerializer(ChoiceSerializer):
    group = serializers.CharField(
        max_length=100, allow_null=True, help_text="The group's name; made where the event has none of it. Null: none."
    )


@described(
    "Put people in a group",
    description="Groups share a quota policy. Who has a quota of their own keeps it.",
    request=GroupSerializer,
    examples=PUT_IN_GROUP,
)
class PutInGroupView(PeopleAction):
    area = PEOPLE
    serializer_class = GroupSerializer

    def act(self, event: Event, people: list[int], answers: Any) -> Any:
        reason, name = answers["reason"], answers["group"]
        group: ParticipantGroup | None = None
        if name is not None:
            group = create_group(event=event, name=name, reason=reason, actor=None)
        return tell(*put_in_group(event=event, registrations=people, group=group, reason=reason, actor=None))
