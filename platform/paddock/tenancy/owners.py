"""An organization never loses its last owner, whoever changes the members and however many do so at once."""

from collections.abc import Iterable

from django.core.exceptions import ValidationError

from paddock.tenancy.models import Membership, Organization
from paddock.tenancy.scope import current_organization_id

LAST_OWNER = "This is the last owner. Make somebody else an owner first."


def keep_an_owner(*, without: Membership) -> None:
    """Called before a member is demoted or removed. Raises ValidationError where nobody else owns the organization."""
    if leaves_no_owner([without]):
        raise ValidationError(LAST_OWNER, code="last_owner")


def leaves_no_owner(leaving: Iterable[Membership]) -> bool:
    """Whether owners leave and none stays. Until the transaction ends, nobody else changes who owns the organization.

    Owners whose accounts are inactive don't count: they could let nobody in.
    """
    lock_members()
    owners, keys = Membership.objects.filter(role=Membership.Role.OWNER), [each.pk for each in leaving]
    stay = owners.filter(user__is_active=True).exclude(pk__in=keys)
    return owners.filter(pk__in=keys).exists() and not stay.exists()


def lock_members() -> None:
    """Rows that only refer to the organization are added all the same."""
    Organization.objects.select_for_update(no_key=True).get(pk=current_organization_id())
