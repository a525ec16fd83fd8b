"""MaxResults and NextToken over records that are keyed by id."""

import base64
import binascii
from bisect import bisect_right
from collections.abc import Mapping
from typing import Any

from integrations.sandbox.aws.identities import invalid

MAX_RESULTS = 100


def page(
    records: Mapping[str, dict[str, Any]], *, max_results: int | None, next_token: str | None
) -> tuple[list[dict[str, Any]], str | None]:
    """One page in the order of ids. The token names the last id shown, so pages stay right while records change."""
    size = MAX_RESULTS if max_results is None else max_results
    if not 1 <= size <= MAX_RESULTS:
        raise invalid(f"MaxResults must be between 1 and {MAX_RESULTS}")
    keys = sorted(records)
    start = bisect_right(keys, _decode(next_token)) if next_token else 0
    shown = keys[start : start + size]
    more = start + size < len(keys)
    return [records[key] for key in shown], _encode(shown[-1]) if more else None


def _encode(key: str) -> str:
    return base64.urlsafe_b64encode(key.encode()).decode()


def _decode(token: str) -> str:
    try:
        return base64.urlsafe_b64decode(token.encode()).decode()
    except (binascii.Error, UnicodeDecodeError) as error:
        raise invalid("NextToken is invalid") from error
