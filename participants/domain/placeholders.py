"""Checking the marks that organizers write into mail."""

import difflib
import re
from collections.abc import Sequence

from django.core.exceptions import ValidationError

from integrations.mail.rendering import PLACEHOLDER


def check_placeholders(text: str, known: Sequence[str]) -> str:
    """The text with its placeholders written alike. Raises ValidationError for what Paddock cannot fill in."""
    unknown = sorted(set(PLACEHOLDER.findall(text)) - set(known))
    if unknown:
        raise ValidationError([f"Paddock cannot fill in {{{{{name}}}}}.{_suggest(name, known)}" for name in unknown])
    if re.search(r"\{\{|\}\}", PLACEHOLDER.sub("", text)):
        raise ValidationError("A placeholder is written like {{given_name}}, with two braces on each side.")
    return PLACEHOLDER.sub(r"{{\1}}", text)


def _suggest(name: str, known: Sequence[str]) -> str:
    close = difflib.get_close_matches(name, known, n=1, cutoff=0.5)
    if close:
        return f" Did you mean {{{{{close[0]}}}}}?"
    return f" It knows {', '.join(f'{{{{{each}}}}}' for each in known)}."
