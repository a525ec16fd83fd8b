"""When somebody last proved who they are, and how: what a session remembers of it."""

import time
from typing import Any

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.http import HttpRequest

from paddock.sso.sessions import AUTHENTICATED_AT

SIGNED_IN_AT = "signed_in_at"
PROVED_AT = "proved_at"
SECOND_FACTOR = "second_factor"


def note_sign_in(sender: Any, request: HttpRequest, user: AbstractBaseUser, **kwargs: Any) -> None:
    request.session[SIGNED_IN_AT] = request.session[PROVED_AT] = time.time()


def note_proof(request: HttpRequest) -> None:
    """The person has just shown again who they are."""
    request.session[PROVED_AT] = time.time()


def is_fresh(request: HttpRequest) -> bool:
    """Whether the last proof is recent enough for what cannot be undone."""
    told = request.session.get(AUTHENTICATED_AT)  # by an identity provider, which may have let them in without asking
    age = time.time() - float(told or request.session.get(PROVED_AT, 0))
    return age < float(settings.REAUTHENTICATION_SECONDS)
