"""An organization keeps a way in for somebody who owns it: whoever closed the last one could not open it again."""

from allauth.socialaccount.models import SocialAccount
from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.core.exceptions import ValidationError

from paddock.accounts.models import User
from paddock.sso.lookup import find_provider_of
from paddock.sso.models import IdentityProvider
from paddock.tenancy.models import Membership
from paddock.tenancy.owners import lock_members

NO_WAY_IN = (
    "No owner of the organization could sign in after this, so nobody could undo it. "
    "Let an owner come in by another provider first, or ask the operators of this Paddock."
)


def keep_a_way_in(*, before: IdentityProvider, after: IdentityProvider | None, actor: AbstractBaseUser) -> None:
    """Called before a provider is changed, or disconnected (None). Operators come in by themselves, and let others in.

    Raises ValidationError where that would shut out every owner who can come in now.
    """
    if isinstance(actor, User) and actor.is_superuser:
        return
    lock_members()
    owners = Membership.objects.filter(role=Membership.Role.OWNER, user__is_active=True).select_related("user")
    users = [each.user for each in owners]
    can_now = any(_comes_in(user, before, before) for user in users)
    if can_now and not any(_comes_in(user, before, after) for user in users):
        raise ValidationError(NO_WAY_IN, code="no_way_in")


def _comes_in(user: User, before: IdentityProvider, after: IdentityProvider | None) -> bool:
    """Whether somebody can sign in once the one provider has become the other."""
    if user.is_local:
        return user.is_superuser or bool(settings.PASSWORD_SIGN_IN)
    own = find_provider_of(user)
    provider = after if own == before else own
    return provider is not None and provider.is_active and _knows(provider, user)


def _knows(provider: IdentityProvider, user: User) -> bool:
    """Another issuer means other people, and an address of a domain that is not claimed is refused."""
    account = SocialAccount.objects.filter(user=user).first()
    issuer = provider.issuer if provider.is_oidc else provider.entity_id
    domain = user.email.rpartition("@")[2].lower()
    return account is not None and account.extra_data.get("issuer") == issuer and domain in provider.domains
