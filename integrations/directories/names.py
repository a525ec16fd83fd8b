"""People's names in the form that AWS IAM Identity Center accepts, whichever directory they come from."""

import re
import unicodedata

# Identity Center refuses a user whose names hold any of these, or a control character.
_REFUSED = re.compile(r"[<>;:%]")


def presentable_name(text: str) -> str:
    printable = "".join(" " if unicodedata.category(character).startswith("C") else character for character in text)
    return " ".join(_REFUSED.sub(" ", printable).split())
