"""Sparse answers: only the fields that somebody asked for."""

from typing import Any

from rest_framework.exceptions import ValidationError
from rest_framework.request import Request

PARAMETER = "fields"


def narrow(request: Request, data: Any, *, known: list[str]) -> Any:
    """`data` is an object or a list of them, as a serializer made it; `known` are the names it has."""
    wanted = request.query_params.get(PARAMETER)
    if wanted is None:
        return data
    names = [name.strip() for name in wanted.split(",") if name.strip()]
    if not names:
        raise ValidationError({PARAMETER: [f"Name at least one field. Choose from: {', '.join(known)}."]})
    if unknown := [name for name in names if name not in known]:
        sentence = f"There is no field “{unknown[0][:100]}”. Choose from: {', '.join(known)}."
        raise ValidationError({PARAMETER: [sentence]})
    if isinstance(data, list):
        return [_pick(row, names) for row in data]
    return _pick(data, names)


def _pick(row: dict[str, Any], names: list[str]) -> dict[str, Any]:
    return {name: row[name] for name in names}
