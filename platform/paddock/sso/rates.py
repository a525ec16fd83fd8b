"""How often somebody may begin or finish a sign-in from one place."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from paddock.rates import TooManyTries, count_try, find_client_address
from paddock.sso.pages import show_refusal

View = Callable[..., HttpResponse]


def limit_sign_ins(what: str) -> Callable[[View], View]:
    """Each part of a sign-in counts by itself, so that nobody is stopped half-way by their own beginning."""

    def decorate(view: View) -> View:
        @wraps(view)
        def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            try:
                client = find_client_address(request)
                count_try(settings.SINGLE_SIGN_ON_RATE_PER_CLIENT, "single-sign-on", what, client)
            except TooManyTries as limit:
                return _refuse(request, limit)
            return view(request, *args, **kwargs)

        return wrapped

    return decorate


def _refuse(request: HttpRequest, limit: TooManyTries) -> HttpResponse:
    answer = show_refusal(request, f"Too many tries from here. Wait {limit.retry_after} seconds.", status=429)
    answer.headers["Retry-After"] = str(limit.retry_after)
    return answer
