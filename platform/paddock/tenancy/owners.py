"""An organization never loses its last owner, whoever changes the members and however many do so at once."""

from django.core.exceptions import ValidationError

from paddock.tenancy.models import Membership, Organization

LAST_OWNER = "This is the last owner. Make somebody else an owner first."


def keep_an_owner(*, without: Membership) -> None:
    """Called before a member is demoted or removed. Raises ValidationError where nobody else owns the organization.

    Until the transaction ends, nobody else changes who owns it. Owners whose accounts are inactive don't count: they
    could let nobody in.
    """
    lock_members(without.organization_id)
    owners = Membership.objects.filter(organization=without.organization_id, role=Membership.Role.OWNER)
    others = owners.filter(user__is_active=True).exclude(pk=without.pk)
    if owners.filter(pk=without.pk).exists() and not others.exists():
        raise ValidationError(LAST_OWNER, code="last_owner")


def lock_members(organization_id: int) -> None:
    Organization.objects.select_for_update().get(pk=organization_id)
