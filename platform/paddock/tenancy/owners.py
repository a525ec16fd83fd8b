"""An organization never loses its last owner, whoever changes the members and however many do so at once."""

from django.core.exceptions import ValidationError

from paddock.tenancy.models import Membership, Organization
from paddock.tenancy.scope import current_organization_id

LAST_OWNER = "This is the last owner. Make somebody else an owner first."


def keep_an_owner(*, without: Membership) -> None:
    """Called before a member is demoted or removed. Raises ValidationError where nobody else owns the organization."""
    if is_last_owner(without):
        raise ValidationError(LAST_OWNER, code="last_owner")


def is_last_owner(membership: Membership) -> bool:
    """Until the transaction ends, nobody else changes who owns the organization.

    Owners whose accounts are inactive don't count: they could let nobody in.
    """
    lock_members()
    owners = Membership.objects.filter(organization=membership.organization_id, role=Membership.Role.OWNER)
    others = owners.filter(user__is_active=True).exclude(pk=membership.pk)
    return owners.filter(pk=membership.pk).exists() and not others.exists()


def lock_members() -> None:
    """Rows that only refer to the organization are added all the same."""
    Organization.objects.select_for_update(no_key=True).get(pk=current_organization_id())
