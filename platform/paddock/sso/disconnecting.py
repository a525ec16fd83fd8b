"""Taking a provider away, and with it what came through it."""

from django.contrib.auth.base_user import AbstractBaseUser
from django.core.exceptions import ValidationError
from django.db import transaction

from paddock.audit.recording import record
from paddock.sso.models import IdentityProvider
from paddock.sso.ways_in import keep_a_way_in
from paddock.tenancy.models import Membership
from paddock.tenancy.owners import leaves_no_owner, lock_members

LAST_OWNERS = (
    "Nothing was disconnected: whoever owns the organization has that role from this provider's claims. "
    "Invite somebody as an owner first, or let another provider's claims make one."
)


def disconnect(*, provider: IdentityProvider, actor: AbstractBaseUser) -> None:
    """Roles that its claims gave end; accounts stay for the records that name them, but nobody comes in by them.

    Raises ValidationError where that would leave the organization without an owner, or its owners without a way in.
    """
    with transaction.atomic():
        lock_members()  # whoever signs in meanwhile gets their role before this, or not at all
        leaving = list(Membership.objects.filter(mapped__provider=provider))
        if leaves_no_owner(leaving):
            raise ValidationError(LAST_OWNERS, code="last_owner")
        keep_a_way_in(before=provider, after=None, actor=actor)
        for membership in leaving:
            record(
                actor=actor,
                action="lost the role of single sign-on",
                about=membership,
                reason=f"{provider} was disconnected",
                changes={"role": [membership.get_role_display(), None]},
            )
            membership.delete()
        provider.delete()
