"""Letting somebody in whom an organization's provider vouches for."""

from allauth.socialaccount.models import SocialAccount
from django.contrib.auth.hashers import make_password
from django.db import transaction

from paddock.accounts.models import User
from paddock.sso.claims import Claims
from paddock.sso.models import IdentityProvider
from paddock.sso.refusals import SignInRefused
from paddock.sso.roles import map_roles


def admit(*, provider: IdentityProvider, claims: Claims) -> SocialAccount:
    """Runs inside the organization's scope. The account is found by issuer and subject, never by an address.

    Raises:
        SignInRefused: for whoever the organization has not claimed.
    """
    _check_address(provider, claims)
    with transaction.atomic():
        account = _ensure_account(provider, claims)
        _refresh(account.user, claims)
        map_roles(provider=provider, user=account.user, claims=claims)
    return account


def _check_address(provider: IdentityProvider, claims: Claims) -> None:
    if not claims.subject:
        raise SignInRefused(f"{provider.name} did not say who you are. Ask whoever administers it.")
    if not claims.email:
        raise SignInRefused(
            f"{provider.name} told Paddock no verified e-mail address for you. Ask whoever administers it."
        )
    if claims.domain not in provider.domains:
        raise SignInRefused(
            f"{provider.organization.name} lets nobody in with an address at {claims.domain}."
            " Sign in with your work account there, or ask an owner to add the domain."
        )


def _ensure_account(provider: IdentityProvider, claims: Claims) -> SocialAccount:
    """Two first sign-ins at one moment meet at the unique login."""
    user, _ = User.objects.get_or_create(
        login=f"{provider.key}:{claims.uid}", defaults={"email": claims.email, "password": make_password(None)}
    )
    account, _ = SocialAccount.objects.update_or_create(
        provider=provider.key, uid=claims.uid, defaults={"user": user, "extra_data": claims.as_data()}
    )
    return account


def _refresh(user: User, claims: Claims) -> None:
    """What the provider says last is true."""
    wanted = {"email": claims.email, "name": claims.full_name or user.name}
    changed = [name for name, value in wanted.items() if getattr(user, name) != value]
    for name in changed:
        setattr(user, name, wanted[name])
    if changed:
        user.save(update_fields=changed)
