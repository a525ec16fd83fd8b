"""Paddock's own pages of single sign-on: choosing the provider, leaving for it, signing out."""

import logging
from typing import Any
from urllib.parse import urlsplit

from allauth.socialaccount.adapter import get_adapter
from allauth.socialaccount.providers.base import AuthProcess
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.utils.decorators import method_decorator
from django.views import View
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from paddock.sso.addresses import absolute, keep_own_path, sign_in_path
from paddock.sso.forms import AddressForm
from paddock.sso.lookup import find_organization_by_domain, list_active_providers
from paddock.sso.models import IdentityProvider
from paddock.sso.oidc import UNREACHABLE
from paddock.sso.pages import show_refusal
from paddock.sso.rates import limit_sign_ins
from paddock.sso.refreshing import refresh_metadata
from paddock.sso.refusals import NO_ANSWER
from paddock.sso.sessions import sign_out

logger = logging.getLogger(__name__)

UNKNOWN_DOMAIN = "No sign-in of this organization is for addresses at {domain}."
UNKNOWN = (
    "We know no single sign-on for this address. Ask whoever invited you for the link to your organization's sign-in."
)


@method_decorator(never_cache, name="dispatch")
class SignInView(View):
    """With one provider a button; with several the e-mail domain decides."""

    def get(self, request: HttpRequest, organization: str) -> HttpResponse:
        providers = self._find(request)
        chosen = providers if len(providers) == 1 else []
        return _show(request, chosen, AddressForm() if len(providers) > 1 else None)

    def post(self, request: HttpRequest, organization: str) -> HttpResponse:
        providers, form = self._find(request), AddressForm(request.POST)
        if not form.is_valid():
            return _show(request, [], form, status=400)
        domain = form.cleaned_data["email"].rpartition("@")[2]
        chosen = [each for each in providers if domain in each.domains]
        if not chosen:
            form.add_error("email", UNKNOWN_DOMAIN.format(domain=domain))
        return _show(request, chosen, form, status=200 if chosen else 400)

    def _find(self, request: HttpRequest) -> list[IdentityProvider]:
        """Whether an organization exists is nobody's business where it has nobody sign in."""
        providers = list_active_providers() if getattr(request, "organization", None) else []
        if not providers:
            raise Http404
        return providers


@never_cache
@require_safe
@limit_sign_ins("start")
def start(request: HttpRequest, organization: str, key: str) -> HttpResponse:
    """Leave for the provider. A plain link, because a form may lead to no other host."""
    provider = next((each for each in list_active_providers() if each.key == key), None)
    if getattr(request, "organization", None) is None or provider is None:
        raise Http404
    if request.get_host() != urlsplit(settings.SITE_URL).netloc:
        # The provider sends people back to this name, and only there will their session be found again.
        return HttpResponseRedirect(absolute(request.get_full_path()))
    refresh_metadata(provider)
    next_path = keep_own_path(request.GET.get("next"))
    protocol = get_adapter(request).get_provider(request, provider=provider.key)
    try:
        answer: HttpResponse = protocol.redirect(request, AuthProcess.LOGIN, next_url=next_path or None)
    except UNREACHABLE as error:
        logger.warning("Provider %s cannot be asked where to sign in: %.300s", provider.key, error)
        return show_refusal(request, NO_ANSWER.format(provider=provider), provider, status=503)
    return answer


@never_cache
@require_POST
@limit_sign_ins("find")
def find(request: HttpRequest) -> HttpResponse:
    """From an e-mail address to the organization's own page, for whoever stands at the admin's door."""
    form = AddressForm(request.POST)
    next_path = keep_own_path(request.POST.get("next"))
    if form.is_valid():
        found = find_organization_by_domain(form.cleaned_data["email"].rpartition("@")[2])
        if found:
            return redirect(sign_in_path(found.slug, next_path))
        form.add_error("email", UNKNOWN)
    return render(request, "sso/find.html", {"form": form, "next": next_path}, status=400)


@never_cache
@require_POST
def leave(request: HttpRequest) -> HttpResponse:
    provider, address = sign_out(request)
    return render(request, "sso/signed_out.html", {"provider": provider, "address": address})


@never_cache
@require_safe
def signed_out(request: HttpRequest) -> HttpResponse:
    return render(request, "sso/signed_out.html")


def _show(request: HttpRequest, chosen: list[IdentityProvider], form: Any, status: int = 200) -> HttpResponse:
    context = {
        "organization": request.organization,  # type: ignore[attr-defined]
        "providers": chosen,
        "form": form,
        "next": keep_own_path(request.GET.get("next")),
    }
    return render(request, "sso/sign_in.html", context, status=status)
