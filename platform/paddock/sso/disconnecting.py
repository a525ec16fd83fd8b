"""Taking a provider away, and with it what came through it."""

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import transaction

from paddock.audit.recording import record
from paddock.sso.models import IdentityProvider
from paddock.tenancy.models import Membership


def disconnect(*, provider: IdentityProvider, actor: AbstractBaseUser) -> None:
    """Roles that its claims gave end; accounts stay for the records that name them, but nobody comes in by them."""
    with transaction.atomic():
        for membership in Membership.objects.filter(mapped__provider=provider):
            record(
                actor=actor,
                action="lost the role of single sign-on",
                about=membership,
                reason=f"{provider} was disconnected",
                changes={"role": [membership.get_role_display(), None]},
            )
            membership.delete()
        provider.delete()
