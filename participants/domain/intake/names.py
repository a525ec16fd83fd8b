"""Given and family names, from whatever a portal has."""

import re

_SEPARATORS = re.compile(r"[._\s]+")
_NOT_IN_NAMES = re.compile(r"[^\w\s'-]|_")


def split_name(text: str) -> tuple[str, str]:
    """“Ann Archer” and “Archer, Ann”. A single word stands for both."""
    family, _, given = (part.strip() for part in text.partition(","))
    if family and given:
        return given, family
    given, _, family = text.strip().rpartition(" ")
    return given.strip() or family, family


def name_by_address(email: str) -> tuple[str, str]:
    """ann.archer@… → Ann, Archer. What stands behind a + names a mailbox, not a person."""
    local = email.partition("@")[0].partition("+")[0]
    parts = [_NOT_IN_NAMES.sub("", part) for part in _SEPARATORS.split(local)]
    words = [part.title() for part in parts if part.strip("-'")]
    return split_name(" ".join(words)) if words else ("", "")
