"""Values with their types, as DynamoDB's wire has them."""

import json
from typing import Any


def to_typed(value: Any) -> dict[str, Any]:
    if value is None:
        return {"NULL": True}
    if isinstance(value, bool):
        return {"BOOL": value}
    if isinstance(value, str):
        return {"S": str(value)}
    if isinstance(value, int | float):
        return {"N": json.dumps(value)}
    if isinstance(value, dict):
        return {"M": {name: to_typed(inner) for name, inner in value.items()}}
    return {"L": [to_typed(inner) for inner in value]}
