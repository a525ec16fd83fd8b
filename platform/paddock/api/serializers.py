"""What serializers of requests share."""

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError as DomainError
from rest_framework import serializers

from paddock.api.problems import Problem


class StrictSerializer(serializers.Serializer[Any]):
    """Refuses what it would ignore: a field that is misspelt, or that nobody can change."""

    def to_internal_value(self, data: Any) -> Any:
        known = self.fields
        if isinstance(data, Mapping):
            errors = {
                str(name): ["This cannot be changed here." if name in known else "There is no such field."]
                for name in data
                if name not in known or known[name].read_only
            }
            if errors:
                raise serializers.ValidationError(errors)
        return super().to_internal_value(data)


def as_problem(error: DomainError) -> Problem:
    """What the domain refuses, with its sentences under the names of the fields."""
    errors = error.message_dict if hasattr(error, "error_dict") else {"non_field_errors": error.messages}
    return Problem("", status_code=400, errors=errors)
