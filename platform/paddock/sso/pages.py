"""Pages of a sign-in that did not work."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from paddock.sso.addresses import sign_in_path
from paddock.sso.models import IdentityProvider


def show_refusal(
    request: HttpRequest, sentence: str, provider: IdentityProvider | None = None, status: int = 403
) -> HttpResponse:
    again = sign_in_path(provider.organization.slug) if provider else ""
    return render(request, "sso/refused.html", {"sentence": sentence, "again": again}, status=status)
