"""Items as DynamoDB's wire has them, as text that can be stored, and as plain values."""

import base64
import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

# By the attribute's name: its type, as one of S, N, BOOL, L, M …, and its value.
Item = Mapping[str, Mapping[str, Any]]
Value = None | bool | int | float | str | list["Value"] | dict[str, "Value"]


def read_value(typed: Mapping[str, Any]) -> Value:
    """Sets become sorted lists, and bytes Base64. A type that is not known is its own text."""
    (kind, value), *_ = typed.items()
    match kind:
        case "NULL":
            return None
        case "BOOL" | "S":
            return value  # type: ignore[no-any-return]
        case "N":
            return _read_number(value)
        case "B":
            return _read_bytes(value)
        case "SS":
            return sorted(value)
        case "NS":
            return [_read_number(number) for number in sorted(value, key=Decimal)]
        case "BS":
            return [*sorted(_read_bytes(each) for each in value)]
        case "L":
            return [read_value(each) for each in value]
        case "M":
            return {name: read_value(each) for name, each in value.items()}
    return str(value)


def _read_number(text: str) -> int | float:
    """Up to 38 digits and an exponent of 125; what is whole and fits stays exact."""
    number = Decimal(text)
    whole = number == number.to_integral_value() and abs(number) < 10**38
    return int(number) if whole else float(number)


def _read_bytes(value: bytes | str) -> str:
    return value if isinstance(value, str) else base64.b64encode(value).decode()


def write_item(item: Item) -> str:
    """One line of ASCII, the same for the same item. PostgreSQL's own JSON holds neither NUL nor lone surrogates."""
    return json.dumps(_sorted(item), sort_keys=True, default=_read_bytes)


def parse_item(text: str) -> Item:
    item: Item = json.loads(text)
    return item


def _sorted(value: Any) -> Any:
    """Sets have no order, and come in a different one each time."""
    if not isinstance(value, Mapping):
        return [_sorted(each) for each in value] if isinstance(value, list) else value
    return {
        name: sorted(inner, key=_read_bytes)
        if name in ("SS", "NS", "BS") and isinstance(inner, list)
        else _sorted(inner)
        for name, inner in value.items()
    }
