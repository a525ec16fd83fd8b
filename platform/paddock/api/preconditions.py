"""Entity tags: nobody overwrites what they have not seen, and nobody is sent what they have."""

import hashlib
from typing import Any

from django.utils.http import parse_etags
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request

from paddock.api.problems import Problem


def make_etag(data: Any) -> str:
    """A strong one: it is made of every letter of the object's whole representation, and changes with any of them."""
    return f'"{hashlib.sha256(JSONRenderer().render(data)).hexdigest()[:32]}"'


def check_unchanged(request: Request, etag: str) -> None:
    """Raises where `If-Match` names other versions than this one, by strong comparison. Belongs under a lock."""
    header = request.headers.get("If-Match")
    if header is None or header.strip() == "*" or etag in parse_etags(header):
        return
    sentence = "Read it again, look at what has changed, and send your change with the new ETag as If-Match."
    raise Problem(sentence, status_code=412, code="precondition_failed")


def has_current(request: Request, etag: str) -> bool:
    """Whether `If-None-Match` says that the caller has this version, by weak comparison."""
    header = request.headers.get("If-None-Match", "")
    return header.strip() == "*" or etag in [each.removeprefix("W/") for each in parse_etags(header)]
