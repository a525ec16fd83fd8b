"""Addresses at which something breaks, beside all that are real, with secrets at hand."""

from typing import NoReturn

from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.http import HttpRequest
from django.urls import path

from paddock.urls import urlpatterns as real

SECRET = "vZ3planted8Qe1secretK7"


def break_down(request: HttpRequest, token: str = "") -> NoReturn:
    client_secret = SECRET
    raise RuntimeError(f"The provider said no to client_secret={client_secret}, Authorization: Bearer {client_secret}")


def refuse(request: HttpRequest) -> NoReturn:
    raise PermissionDenied(f"password={SECRET}")


def suspect(request: HttpRequest) -> NoReturn:
    raise SuspiciousOperation(f"token={SECRET}")


urlpatterns = [
    path("e/contoso/cup/registrations/<str:token>/", break_down),
    path("refused/", refuse),
    path("suspicious/", suspect),
    *real,
]
