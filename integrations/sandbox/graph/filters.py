"""The part of OData's $filter that the directory endpoints understand: ``eq``, ``in`` and ``or``."""

import re
from dataclasses import dataclass

from integrations.sandbox.graph.wire import bad_request

MAX_EXPRESSIONS = 15

_STRING = r"'(?:[^']|'')*'"
_EQUALS = re.compile(rf"(\w+)\s+eq\s+({_STRING})", re.IGNORECASE)
_IN = re.compile(rf"(\w+)\s+in\s*\(\s*({_STRING}(?:\s*,\s*{_STRING})*)\s*\)", re.IGNORECASE)
_OR = re.compile(r"\s+or\s+", re.IGNORECASE)


@dataclass(frozen=True)
class Condition:
    attribute: str
    value: str


def parse_filter(text: str, *, attributes: frozenset[str]) -> list[Condition]:
    """The alternatives of a filter; raises GraphError 400 for syntax, attributes and more than 15 expressions."""
    conditions: list[Condition] = []
    position = 0
    while True:
        found, position = _expression(text, position)
        conditions += found
        if position == len(text.rstrip()):
            break
        joint = _OR.match(text, position)
        if joint is None:
            raise _invalid(text)
        position = joint.end()
    return _checked(conditions, attributes)


def _expression(text: str, position: int) -> tuple[list[Condition], int]:
    position += len(text[position:]) - len(text[position:].lstrip(" ("))
    for pattern in (_EQUALS, _IN):
        if match := pattern.match(text, position):
            values = re.findall(_STRING, match[2])
            end = match.end() + len(text[match.end() :]) - len(text[match.end() :].lstrip(")"))
            return [Condition(match[1], value[1:-1].replace("''", "'")) for value in values], end
    raise _invalid(text)


def _checked(conditions: list[Condition], attributes: frozenset[str]) -> list[Condition]:
    if len(conditions) > MAX_EXPRESSIONS:
        raise bad_request(
            "Too many child clauses specified in search filter expression containing 'OR' operators: "
            f"{len(conditions)}. Max allowed: {MAX_EXPRESSIONS}.",
            code="Request_UnsupportedQuery",
        )
    for condition in conditions:
        if condition.attribute not in attributes:
            raise bad_request(
                f"Unsupported or invalid query filter clause specified for property '{condition.attribute}'.",
                code="Request_UnsupportedQuery",
            )
    return conditions


def _invalid(text: str) -> Exception:
    return bad_request(f"Invalid filter clause: Syntax error in '{text}'.", code="BadRequest")
