"""Asking somebody to work for the organization, asking again, and taking that back."""

import hashlib
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from events.models import Event, Invitation, InvitedEvent
from paddock.accounts.models import User
from paddock.audit.recording import record
from paddock.rates import count_try
from paddock.tenancy.models import Membership, Organization


class InvitationError(Exception):
    """A sentence for whoever invites or accepts."""


def count_invitation(*, organization: Organization, inviter: User) -> None:
    """Raises TooManyTries. To be called before any transaction, for the count is kept elsewhere."""
    count_try(settings.INVITATION_RATE_PER_ORGANIZATION, "invitation", "organization", str(organization.pk))
    count_try(settings.INVITATION_RATE_PER_INVITER, "invitation", "inviter", str(inviter.pk))


def invite(*, inviter: User, email: str, role: Membership.Role, events: Sequence[Event] | None = None) -> Invitation:
    """Ask whoever has this address. `events` limits them to chosen ones; a mail goes out as soon as it can."""
    email = email.strip().lower()
    if obstacle := find_obstacle(email=email, role=role, has_all_events=events is None):
        raise InvitationError(obstacle)
    with transaction.atomic():
        invitation = Invitation(email=email, role=role, all_events=events is None, invited_by=inviter)
        _renew(invitation)
        InvitedEvent.objects.bulk_create(InvitedEvent(invitation=invitation, event=event) for event in events or ())
        changes = {"role": [None, invitation.get_role_display()], "events": [None, name_events(invitation)]}
        record(actor=inviter, action="invited somebody to the organization", about=invitation, changes=changes)
    return invitation


def find_obstacle(*, email: str, role: str, has_all_events: bool) -> str:
    """Why this address cannot be invited like that; empty where it can."""
    if role == Membership.Role.OWNER and not has_all_events:
        return "An owner looks after the whole organization, so after all its events."
    if Membership.objects.filter(user__email__iexact=email).exists():
        return "Somebody with this address is a member already."
    if Invitation.objects.filter(email=email, accepted_at=None, withdrawn_at=None).exists():
        return "This address is invited already. Open that invitation to send it again or to withdraw it."
    return ""


def send_again(*, invitation: Invitation, actor: User) -> None:
    """A new link for as long as the first one had. The old one is void, also where it had expired."""
    with transaction.atomic():
        locked = _lock_open(invitation)
        _renew(locked)
        record(actor=actor, action="sent an invitation again", about=locked)


def withdraw(*, invitation: Invitation, actor: User) -> None:
    with transaction.atomic():
        locked = _lock_open(invitation)
        locked.withdrawn_at, locked.token = timezone.now(), ""
        locked.save(update_fields=["withdrawn_at", "token"])
        record(actor=actor, action="withdrew an invitation", about=locked)


def hash_token(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def name_events(invitation: Invitation) -> str:
    if invitation.all_events:
        return "All"
    return ", ".join(str(chosen.event) for chosen in invitation.chosen_events.all()) or "None"


def _renew(invitation: Invitation) -> None:
    invitation.token = secrets.token_urlsafe(32)
    invitation.token_hash = hash_token(invitation.token)
    invitation.expires_at = _find_end(timezone.now())
    invitation.mail_state, invitation.mail_due_at = Invitation.MailState.QUEUED, timezone.now()
    invitation.mail_error = ""
    invitation.save()


def _find_end(now: datetime) -> datetime:
    return now + timedelta(days=settings.INVITATION_DAYS)


def _lock_open(invitation: Invitation) -> Invitation:
    locked = Invitation.objects.select_for_update().get(pk=invitation.pk)
    if locked.accepted_at or locked.withdrawn_at:
        raise InvitationError(f"This invitation is {locked.state.label.lower()} already.")
    return locked
