"""Where allauth asks Paddock: for providers, for people, and for what to say."""

import logging
from typing import Any, NoReturn

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialApp
from django.http import HttpRequest, HttpResponse

from paddock.outgoing import OutgoingSession
from paddock.sso.addresses import keep_own_path
from paddock.sso.admission import admit
from paddock.sso.lookup import find_provider
from paddock.sso.models import IdentityProvider
from paddock.sso.pages import show_refusal
from paddock.sso.refusals import NOT_PROVEN, SignInRefused
from paddock.sso.sessions import remember_provider_session
from paddock.tenancy.middleware import SESSION_KEY as CHOSEN_ORGANIZATION

logger = logging.getLogger(__name__)

INACTIVE = "This account has been deactivated. Ask whoever runs this Paddock."


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Of allauth's accounts only what a sign-in needs; nobody signs up, and nothing is mailed."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def is_safe_url(self, url: str) -> bool:
        return bool(keep_own_path(url))

    def add_message(self, *args: Any, **kwargs: Any) -> None:
        """Pages say who is signed in."""

    def logout(self, request: HttpRequest) -> None:
        """Whoever shows anew who they are goes on where they were. A choice that is not theirs counts for nothing."""
        chosen = request.session.get(CHOSEN_ORGANIZATION)
        super().logout(request)
        if chosen:
            request.session[CHOSEN_ORGANIZATION] = chosen

    def post_login(self, request: HttpRequest, user: Any, **kwargs: Any) -> HttpResponse:
        """Only now has the session got its new key, and lost what was of somebody before."""
        remember_provider_session(request, kwargs["signal_kwargs"]["sociallogin"])
        answer: HttpResponse = super().post_login(request, user, **kwargs)
        return answer

    def respond_user_inactive(self, request: HttpRequest, user: Any) -> HttpResponse:
        return show_refusal(request, INACTIVE)


class SingleSignOnAdapter(DefaultSocialAccountAdapter):  # type: ignore[misc]
    def list_apps(
        self, request: HttpRequest | None, provider: str | None = None, client_id: str | None = None
    ) -> list[SocialApp]:
        """Secrets stay in our own, encrypted column: allauth's rows are made for the moment and never saved."""
        key = client_id or provider
        found = find_provider(key) if key else None
        return [make_app(found)] if found and found.is_active else []

    def get_requests_session(self) -> OutgoingSession:
        return OutgoingSession()

    def is_open_for_signup(self, request: HttpRequest, sociallogin: Any) -> bool:
        """`admit` makes accounts; nobody gets as far as signing up."""
        return False

    def can_authenticate_by_email(self, login: Any, email: str) -> bool:
        return False

    def pre_social_login(self, request: HttpRequest, sociallogin: Any) -> None:
        """The person is known or made known here, so that allauth has nobody left to look for."""
        row: IdentityProvider = sociallogin.provider.app.provider_row
        try:
            account = admit(provider=row, claims=sociallogin.claims)
        except SignInRefused as refusal:
            refuse(request, row, refusal)
        sociallogin.account, sociallogin.user = account, account.user

    def on_authentication_error(
        self,
        request: HttpRequest,
        provider: Any,
        error: Any = None,
        exception: Exception | None = None,
        extra_context: dict[str, Any] | None = None,
    ) -> NoReturn:
        refuse(request, provider.app.provider_row, SignInRefused(NOT_PROVEN, detail=str(exception or error)))


def refuse(request: HttpRequest, provider: IdentityProvider, refusal: SignInRefused) -> NoReturn:
    # The sentence is for the person; what exactly was wrong is for whoever runs this, and not for an attacker.
    logger.warning("Sign-in through provider %s refused: %s %.300s", provider.key, refusal, refusal.detail)
    raise ImmediateHttpResponse(show_refusal(request, str(refusal), provider))


def make_app(provider: IdentityProvider) -> SocialApp:
    is_oidc = provider.kind == IdentityProvider.Kind.OIDC
    app = SocialApp(
        provider="openid_connect" if is_oidc else "saml",
        provider_id=provider.key,
        name=provider.name,
        client_id=provider.client_id if is_oidc else provider.key,
        secret=provider.client_secret,
        settings={
            "server_url": provider.issuer.rstrip("/"),
            "issuer": provider.issuer,
            "scope": provider.scopes.split(),
        },
    )
    app.provider_row = provider
    return app
