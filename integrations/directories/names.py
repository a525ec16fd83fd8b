"""People's names in the form that AWS IAM Identity Center accepts, whichever directory they come from."""

import re

# Identity Center refuses a user whose names hold one of < > ; : % or a control character.
_REFUSED = re.compile(r"[<>;:%\x00-\x1f\x7f-\x9f\u2028\u2029]")


def presentable_name(text: str) -> str:
    return " ".join(_REFUSED.sub(" ", text).split())
