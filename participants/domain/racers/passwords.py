"""One-time passwords. They are made, set and mailed, and never stored."""

import secrets
import string

# Without letters and digits that look alike.
_KINDS = (
    "".join(sorted(set(string.ascii_uppercase) - set("IO"))),
    "".join(sorted(set(string.ascii_lowercase) - set("lo"))),
    "23456789",
)
_GROUPS, _GROUP_LENGTH = 3, 4
# A symbol, as user pools want one, that a double click takes together with the letters around it.
_JOINT = "_"


def make_password() -> str:
    """With a letter of either case, a digit and a symbol, as the strictest user pool wants: Kf7m_pQ2x_Rt9w."""
    letters = [secrets.choice(kind) for kind in _KINDS]
    letters += [secrets.choice("".join(_KINDS)) for _ in range(_GROUPS * _GROUP_LENGTH - len(letters))]
    secrets.SystemRandom().shuffle(letters)
    groups = ["".join(letters[start : start + _GROUP_LENGTH]) for start in range(0, len(letters), _GROUP_LENGTH)]
    return _JOINT.join(groups)
