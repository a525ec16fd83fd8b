"""Secrets do not reach the log: the last look at every line before it is written, its traceback included.

Nothing of ours logs one on purpose. But an address may be a secret, and libraries put what they were given into their
exceptions.
"""

import logging
import re
from typing import NamedTuple

MASK = "•••"
# Names, in forms, queries, JSON and headers, of what nobody may read.
NAMES = (
    "access_key|access_token|api_key|assertion|client_assertion|client_secret|cookie|credential|csrfmiddlewaretoken|"
    "csrftoken|id_token|id_token_hint|password|private_key|refresh_token|samlrequest|samlresponse|secret|"
    "secretaccesskey|sessionid|sessiontoken|set-cookie|signature|token"
)


class Mask(NamedTuple):
    pattern: re.Pattern[str]
    replacement: str


MASKS = [
    # The address of a registration, or of an invitation, opens it.
    Mask(re.compile(r"(/registrations/|/join/[\w-]+/)[^/\s\"'?]{20,}(?=/)"), rf"\1{MASK}"),
    Mask(re.compile(r"\b(bearer|basic)\s+[\w.~+/=:-]{16,}", re.IGNORECASE), rf"\1 {MASK}"),
    Mask(re.compile(rf"(?<![A-Za-z])((?:[\w-]{{0,40}}[_-])?(?:{NAMES})=)[^&\s\"'<>]+", re.IGNORECASE), rf"\1{MASK}"),
    Mask(re.compile(r"([?&](?:code|state)=)[^&\s\"'<>]+"), rf"\1{MASK}"),
    Mask(
        re.compile(rf"([\"'](?:[\w-]{{0,40}}[_-])?(?:{NAMES})[\"']\s*:\s*b?[\"'])(?:\\.|[^\"'\\])+", re.IGNORECASE),
        rf"\1{MASK}",
    ),
    Mask(re.compile(r"(\w://[^:/@\s]*:)[^@/\s]+(?=@)"), rf"\1{MASK}"),
    # Keys of our API, tokens of AWS and of whoever signs JSON, wherever they stand.
    Mask(re.compile(r"\bpdk_[\w-]+"), MASK),
    Mask(re.compile(r"\b(?:AKIA|ASIA)[A-Z0-9]{16}\b"), MASK),
    Mask(re.compile(r"\beyJ[\w-]{10,}\.[\w-]+\.?[\w-]*"), MASK),
]


class MaskingFormatter(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        return mask(super().format(record))


def mask(text: str) -> str:
    for pattern, replacement in MASKS:
        text = pattern.sub(replacement, text)
    return text
