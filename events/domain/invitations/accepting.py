"""Following an invitation. The link alone is not enough: the account must have the address that was invited.

Links are forwarded, and read by machines that look through mail. So whoever accepts shows two things: that they got
the link, and, by how they signed in, that the invited address is theirs.
"""

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import transaction
from django.utils import timezone

from events.domain.invitations.inviting import InvitationError, hash_token, name_events
from events.models import EventAccess, Invitation
from paddock.accounts.models import User
from paddock.audit.recording import record
from paddock.sso.identities import find_identity
from paddock.sso.lookup import list_active_providers
from paddock.tenancy.models import Membership

OVER = {
    Invitation.State.ACCEPTED: "This invitation was accepted already. Its link works once.",
    Invitation.State.WITHDRAWN: "This invitation was withdrawn. Ask whoever invited you.",
    Invitation.State.EXPIRED: "This invitation has expired. Ask whoever invited you to send it again.",
}

FOREIGN = (
    "The sign-in of another organization says that this address is yours. Sign out, and sign in with {organization}."
)


def find_by_token(*, token: str) -> Invitation | None:
    """Of this organization alone. A link that was replaced by a newer one finds nothing."""
    found = Invitation.objects.select_related("organization", "invited_by").filter(token_hash=hash_token(token))
    return found.prefetch_related("chosen_events__event").first()


def find_hindrance(*, invitation: Invitation, user: AbstractBaseUser) -> str:
    """Why this account cannot accept; empty where it can."""
    if invitation.state in OVER:
        return OVER[invitation.state]
    if not isinstance(user, User) or user.is_superuser:
        return "Operators of this Paddock enter an organization by a session, not as a member."
    if user.email.lower() != invitation.email:
        return (
            f"This invitation is for {invitation.email}, and you are signed in as {user.email}. "
            "Sign out, and sign in with the invited address."
        )
    return "" if _is_vouched_for(user) else FOREIGN.format(organization=invitation.organization)


def _is_vouched_for(user: User) -> bool:
    """Where the organization claims the address's domain, its own identity providers alone say whose it is.

    Those of other organizations can say anything. Addresses of local accounts were entered by operators.
    """
    domain = user.email.rpartition("@")[2].lower()
    claiming = [each.key for each in list_active_providers() if domain in each.domains]
    identity = find_identity(user)
    return user.is_local or not claiming or (identity is not None and identity.provider.key in claiming)


def accept(*, invitation: Invitation, user: User) -> Membership:
    """Make the membership, once, and only while the invitation is open."""
    with transaction.atomic():
        locked = Invitation.objects.select_for_update().get(pk=invitation.pk)
        if hindrance := find_hindrance(invitation=locked, user=user):
            raise InvitationError(hindrance)
        if Membership.objects.filter(user=user).exists():
            raise InvitationError("You work for this organization already.")
        membership = _join(locked, user)
        locked.accepted_at, locked.accepted_by, locked.token = timezone.now(), user, ""
        locked.save(update_fields=["accepted_at", "accepted_by", "token"])
        changes = {"role": [None, membership.get_role_display()], "events": [None, name_events(locked)]}
        record(actor=user, action="accepted an invitation", about=membership, changes=changes)
    return membership


def _join(invitation: Invitation, user: User) -> Membership:
    membership = Membership.objects.create(user=user, role=invitation.role, all_events=invitation.all_events)
    chosen = invitation.chosen_events.values_list("event_id", flat=True)
    EventAccess.objects.bulk_create(EventAccess(membership=membership, event_id=event_id) for event_id in chosen)
    return membership
