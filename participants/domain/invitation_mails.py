"""Mailing invitations of staff. The row is the queue: a sweep finds what is due, and one worker claims it.

A mail whose worker died while the provider had it goes out again, with the same link: a duplicate is better than none.
"""

import logging
from datetime import datetime, timedelta
from typing import NamedTuple

from django.conf import settings
from django.db.models import F, Q
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone

from events.domain.connections import open_mail
from events.domain.invitations.inviting import name_events
from events.models import Invitation
from integrations.errors import IntegrationError
from integrations.mail.protocol import Mail, Template
from participants.convergence.schedule import retry_at

# What a person has to mend is tried again until the invitation expires, because they may have mended it.
REFUSED_AGAIN_SECONDS = 300

logger = logging.getLogger(__name__)


class DueInvitation(NamedTuple):
    organization_id: int
    invitation_id: int


def find_due_invitations() -> list[DueInvitation]:
    due = Invitation.objects.filter(_is_due()).order_by("mail_due_at", "id")
    return [DueInvitation(*row) for row in due.values_list("organization_id", "id")]


def _is_due() -> Q:
    """Open ones, whose mail is still to go, to be tried again, or claimed by a worker who died."""
    now = timezone.now()
    is_open = Q(accepted_at=None, withdrawn_at=None, expires_at__gt=now)
    return is_open & Q(mail_due_at__lte=now) & ~Q(mail_state=Invitation.MailState.SENT)


def mail_invitation(*, invitation_id: int) -> None:
    """Unless another worker is at it."""
    invitation = _claim(invitation_id)
    if invitation is not None:
        _note(invitation, _send(invitation))


def _claim(invitation_id: int) -> Invitation | None:
    """Take it for as long as a claim lasts. The number of the attempt is the token."""
    due_again = timezone.now() + timedelta(seconds=settings.CLAIM_SECONDS)
    claimed = Invitation.objects.filter(_is_due(), pk=invitation_id).update(
        mail_state=Invitation.MailState.SENDING, mail_due_at=due_again, mail_attempts=F("mail_attempts") + 1
    )
    if not claimed:
        return None
    full = Invitation.objects.select_related("organization", "invited_by").prefetch_related("chosen_events__event")
    return full.get(pk=invitation_id)


def _send(invitation: Invitation) -> str | IntegrationError:
    """Whatever goes wrong is an answer too, so that it can be seen."""
    key = f"invitation-{invitation.pk}"
    try:
        answers = open_mail(invitation).send(_word(invitation), [Mail(key=key, to=invitation.email, substitutions={})])
    except IntegrationError as error:
        return error
    except Exception:
        logger.exception("The mail of invitation %s broke", invitation.pk)
        return IntegrationError("Paddock ran into an error of its own and tries again; its log has the details.")
    return answers.get(key) or IntegrationError("The mail provider's answer left this mail out.")


def _note(invitation: Invitation, answer: str | IntegrationError) -> None:
    """A late answer, to a claim that has lapsed or to a link that was replaced, belongs to nobody."""
    mine = Invitation.objects.filter(
        pk=invitation.pk, mail_attempts=invitation.mail_attempts, token_hash=invitation.token_hash
    )
    if isinstance(answer, str):
        mine.update(mail_state=Invitation.MailState.SENT, mail_error="", token="")
        return
    state = Invitation.MailState.FAILED if answer.permanent else Invitation.MailState.QUEUED
    mine.update(mail_state=state, mail_error=str(answer), mail_due_at=_find_next_try(invitation, answer))


def _find_next_try(invitation: Invitation, error: IntegrationError) -> datetime:
    if error.permanent:
        return timezone.now() + timedelta(seconds=REFUSED_AGAIN_SECONDS)
    return retry_at(timezone.now(), attempts=invitation.mail_attempts, after=error.retry_after)


def _word(invitation: Invitation) -> Template:
    organization = invitation.organization
    address = reverse("participants:invitation", args=[organization.slug, invitation.token])
    context = {
        "event": {"title": "You are invited", "organization": organization},  # what the head of every mail names
        "invitation": invitation,
        "organization": organization,
        "events": "" if invitation.all_events else name_events(invitation),
        "address": settings.SITE_URL + address,
    }
    return Template(
        subject=_disarm(f"{organization.name} invites you to its pit wall"),
        text=_disarm(render_to_string("mail/invitation.txt", context)),
        html=_disarm(render_to_string("mail/invitation.html", context)),
    )


def _disarm(text: str) -> str:
    """A name that looks like a mark must not be filled in as one."""
    return text.replace("{{", "{ {")
