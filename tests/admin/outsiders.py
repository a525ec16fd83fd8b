"""Outsiders whose rows bear a word: where it shows, a page tells of somebody else's."""

from typing import Any

MARK = "Zebra"
WORD = MARK.lower()
# Operators see which organizations and accounts there are.
OF_THE_DEPLOYMENT = (
    *("/admin/tenancy/organization", "/admin/tenancy/operatorsession", "/admin/accounts/user", "/admin/search"),
)


def tells(answer: Any, *words: str) -> bool:
    """Whether the word, or one of those given, stands on the page."""
    content = b"".join(answer).decode() if answer.streaming else answer.content.decode()
    return any(word.lower() in content.lower() for word in words or [WORD])


def may_tell(role: str, address: str) -> bool:
    return role == "operator" and address.startswith(OF_THE_DEPLOYMENT)
