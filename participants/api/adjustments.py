"""What becomes of a number that limits, as a call says it."""

from typing import Any

from rest_framework import serializers

from paddock.api.serializers import StrictSerializer
from participants.domain.quotas.adjusting import KEEP, LARGEST, UNLIMIT, Adjustment, add, set_to


class AdjustmentSerializer(StrictSerializer):
    """One of the three."""

    set = serializers.IntegerField(required=False, min_value=0, max_value=LARGEST)
    add = serializers.IntegerField(
        required=False, min_value=-LARGEST, max_value=LARGEST, help_text="Takes away with a minus; nothing below 0."
    )
    unlimited = serializers.BooleanField(required=False, help_text="True: no limit.")

    def validate(self, attrs: Any) -> Any:
        given = [name for name, value in attrs.items() if value is not False]
        if len(given) != 1:
            raise serializers.ValidationError("Give one of set, add and unlimited.")
        return attrs


def read_adjustment(given: Any) -> Adjustment:
    match given:
        case {"set": number}:
            return set_to(number)
        case {"add": number}:
            return add(number)
        case {"unlimited": True}:
            return UNLIMIT
    return KEEP
