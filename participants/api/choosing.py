"""Which people of an event a call is about: those that it names, or everybody who takes part."""

from typing import Any

from rest_framework import serializers

from events.models import Event
from paddock.api.problems import Problem
from paddock.api.serializers import StrictSerializer
from participants.models import Registration

MOST = 1000


class ChoiceSerializer(StrictSerializer):
    """Either `registrations` or `everybody`; and why it is done."""

    registrations = serializers.ListField(
        child=serializers.UUIDField(), required=False, min_length=1, max_length=MOST, help_text="Ids of registrations."
    )
    everybody = serializers.BooleanField(default=False, help_text="Everybody who takes part in the event.")
    reason = serializers.CharField(max_length=300, help_text="Kept with the operation and in the audit trail.")

    def validate(self, attrs: Any) -> Any:
        if bool(attrs.get("registrations")) == attrs["everybody"]:
            sentence = "Name registrations, or say that everybody is meant; one of the two."
            raise serializers.ValidationError({"registrations": [sentence]})
        return attrs


def choose_people(event: Event, answers: Any) -> list[int]:
    """Their registrations' ids. Raises Problem where one that is named is not of the event; then nobody is chosen."""
    present = Registration.objects.filter(event=event, removed_at=None).order_by("pk")
    if answers["everybody"]:
        return list(present.values_list("pk", flat=True))
    named = set(answers["registrations"])
    found = dict(present.filter(reference__in=named).values_list("reference", "pk"))
    if missing := sorted(str(each) for each in named - set(found)):
        sentences = [f"Nobody who takes part in this event has the registration {each}." for each in missing]
        raise Problem("Nothing was done.", status_code=400, errors={"registrations": sentences})
    return sorted(found.values())
