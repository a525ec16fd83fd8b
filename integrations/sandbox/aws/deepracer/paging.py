"""MaxResults and NextToken over records that are numbered in the order of their creation."""

import base64
import binascii
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

from integrations.sandbox.aws.deepracer.errors import invalid

LONGEST_PAGE = 100

Record = TypeVar("Record")
Numbered = Sequence[tuple[int, Record]]


def page(records: Numbered[Record], request: Mapping[str, Any]) -> tuple[list[Record], dict[str, str]]:
    """(one page, {"NextToken"} unless it is the last). The numbers ascend.

    The token names the last number shown, so that pages stay right while records come and go.
    """
    size = request.get("MaxResults", LONGEST_PAGE)
    after = _decode(request["NextToken"]) if request.get("NextToken") else None
    start = 0 if after is None else bisect_right(records, after, key=lambda record: record[0])
    shown = records[start : start + size]
    more = {"NextToken": _encode(shown[-1][0])} if start + size < len(records) else {}
    return [record for _, record in shown], more


def _encode(number: int) -> str:
    return base64.b64encode(str(number).encode()).decode()


def _decode(token: str) -> int:
    try:
        return int(base64.b64decode(token, validate=True))
    except (binascii.Error, ValueError) as error:
        raise invalid("NextToken is not valid.") from error
