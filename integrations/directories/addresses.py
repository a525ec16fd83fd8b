"""When two e-mail addresses are the same."""

import string

_LOWER = str.maketrans(string.ascii_uppercase, string.ascii_lowercase)


def address_key(email: str) -> str:
    """Directories ignore case. Only ASCII letters are folded: full Unicode folding turns the Kelvin sign into a k and
    would take one person's address for another's."""
    return email.strip().translate(_LOWER)
