"""What providers send people and messages to. Every one runs in the scope of the provider's organization."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from allauth.core.exceptions import ImmediateHttpResponse
from allauth.core.internal.httpkit import deserialize_request, serialize_request
from allauth.socialaccount.helpers import complete_social_login
from allauth.socialaccount.internal import statekit
from allauth.socialaccount.providers.oauth2.views import OAuth2CallbackView
from allauth.socialaccount.sessions import LoginSession
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from paddock.sso import saml
from paddock.sso.adapters import make_app, refuse
from paddock.sso.lookup import find_provider
from paddock.sso.models import IdentityProvider
from paddock.sso.oidc import UNREACHABLE, StrictAdapter
from paddock.sso.rates import limit_sign_ins
from paddock.sso.refusals import CANCELLED, NOT_PROVEN, REFUSED_THERE, SignInRefused
from paddock.sso.replays import use_assertion
from paddock.sso.sessions import sign_out_of
from paddock.tenancy.scope import organization_scope

View = Callable[..., HttpResponse]
ACS_COOKIE = "saml-acs-session"


def of_provider(kind: IdentityProvider.Kind, *, active: bool = True) -> Callable[[View], View]:
    """The address names a provider by its key; the view gets the row, and acts for its organization alone."""

    def decorate(view: View) -> View:
        @wraps(view)
        def wrapped(request: HttpRequest, key: str) -> HttpResponse:
            provider = find_provider(key)
            if provider is None or provider.kind != kind or (active and not provider.is_active):
                raise Http404
            with organization_scope(provider.organization.pk):
                try:
                    return view(request, provider)
                except ImmediateHttpResponse as answer:
                    stopped: HttpResponse = answer.response
                    return stopped

        return never_cache(wrapped)

    return decorate


@limit_sign_ins("finish")
@of_provider(IdentityProvider.Kind.OIDC)
def oidc_callback(request: HttpRequest, provider: IdentityProvider) -> HttpResponse:
    if "error" in request.GET:
        # Some providers send no state along with a refusal, and allauth would not get as far as reading it.
        sentence = CANCELLED if request.GET["error"] == "access_denied" else REFUSED_THERE.format(provider=provider)
        refuse(request, provider, SignInRefused(sentence, detail=request.GET.get("error_description", "")))
    view = OAuth2CallbackView.adapter_view(StrictAdapter(request, provider.key))
    try:
        answer: HttpResponse = view(request)
    except UNREACHABLE as error:
        refuse(request, provider, SignInRefused(NOT_PROVEN, detail=str(error)))
    return answer


@csrf_exempt
@require_POST
@limit_sign_ins("post")
@of_provider(IdentityProvider.Kind.SAML)
def saml_acs(request: HttpRequest, provider: IdentityProvider) -> HttpResponse:
    """The provider's form comes from another site, so without our session: it is put aside for the next request."""
    answer = redirect("saml_finish_acs", provider.key)
    waiting = LoginSession(request, "saml_acs_session", ACS_COOKIE)
    waiting.store.update({"request": serialize_request(request)})
    waiting.save(answer)
    answer.cookies[ACS_COOKIE]["httponly"] = True
    return answer


@require_safe
@limit_sign_ins("finish")
@of_provider(IdentityProvider.Kind.SAML)
def saml_finish(request: HttpRequest, provider: IdentityProvider) -> HttpResponse:
    try:
        auth, state = _take_answer(request, provider)
    except SignInRefused as refusal:
        refuse(request, provider, refusal)
    claims = saml.read_claims(auth, provider)
    login = make_app(provider).get_provider(request).sociallogin_from_response(request, claims)
    login.state, login.name_id, login.session_index = state, auth.get_nameid(), auth.get_session_index()
    answer: HttpResponse = complete_social_login(request, login)
    return answer


@require_safe
@of_provider(IdentityProvider.Kind.SAML)
def saml_sign_out(request: HttpRequest, provider: IdentityProvider) -> HttpResponse:
    """The provider's answer to a sign-out of ours, or its own wish to end this browser's session."""
    if "SAMLRequest" not in request.GET or "SAMLResponse" in request.GET:
        return redirect("sso:signed_out")
    if "Signature" not in request.GET:
        raise Http404  # anybody could have written it
    try:
        auth = saml.build_auth(request, provider)
        address = auth.process_slo(delete_session_cb=lambda: sign_out_of(request, provider))
    except saml.UNREADABLE as error:
        refuse(request, provider, SignInRefused(NOT_PROVEN, detail=str(error)))
    if auth.get_errors():
        refuse(request, provider, SignInRefused(NOT_PROVEN, detail=str(auth.get_last_error_reason())))
    return HttpResponseRedirect(address)


@require_safe
@of_provider(IdentityProvider.Kind.SAML, active=False)
def saml_metadata(request: HttpRequest, provider: IdentityProvider) -> HttpResponse:
    """Also of a connection that is not finished: the provider's administrator needs it to begin with."""
    return HttpResponse(saml.write_metadata(provider), content_type="application/samlmetadata+xml")


def _take_answer(request: HttpRequest, provider: IdentityProvider) -> tuple[saml.StrictAuth, dict[str, Any]]:
    """What waits in this browser, and what its sign-in was begun with; neither can be taken twice."""
    posted = _take_posted(request)
    if posted is None:
        raise SignInRefused(NOT_PROVEN, detail="No response waits in this browser.")
    auth = saml.read_response(posted, provider)
    asked = auth.get_last_response_in_response_to()
    state = statekit.unstash_state(request, provider_id=provider.key, state_id=asked)
    if state is None:
        raise SignInRefused(NOT_PROVEN, detail="It answers no sign-in of this browser.")
    use_assertion(provider, auth.get_last_assertion_id(), auth.get_last_assertion_not_on_or_after())
    return auth, state


def _take_posted(request: HttpRequest) -> HttpRequest | None:
    waiting = LoginSession(request, "saml_acs_session", ACS_COOKIE)
    stored = waiting.store.get("request")
    waiting.delete()
    return deserialize_request(stored, HttpRequest()) if stored else None
