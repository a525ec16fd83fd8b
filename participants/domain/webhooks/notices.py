"""Mailing the owners that an endpoint was switched off: convergence once more, over one mail."""

from collections.abc import Sequence
from datetime import timedelta
from typing import NamedTuple

from django.conf import settings
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone

from events.domain.connections import open_mail
from integrations.errors import IntegrationError
from integrations.mail.protocol import Mail, Template
from participants.convergence.claims import refuse_transaction, take
from participants.convergence.outcomes import Done, Failed, Outcome, judge
from participants.convergence.patience import Patience
from participants.convergence.sweeping import free_stale_claims
from participants.convergence.working import Manner, work_off
from participants.domain.guard.contacts import find_owners
from participants.models import WebhookNotice

PATIENCE = Patience(attempts=200, wait=timedelta(days=2))
NOBODY = "The organization has no owner whom Paddock could tell."


class DueNotice(NamedTuple):
    organization_id: int
    notice_id: int


def find_due_notices() -> list[DueNotice]:
    free_stale_claims(WebhookNotice)
    due = WebhookNotice.objects.filter(state=WebhookNotice.State.READY, due_at__lte=timezone.now())
    return [DueNotice(*row) for row in due.values_list("organization_id", "id")]


def mail_notice(*, notice_id: int) -> None:
    """Unless another worker is at it."""
    refuse_transaction()
    due = WebhookNotice.objects.filter(pk=notice_id, state=WebhookNotice.State.READY)
    with transaction.atomic():
        ids = take(due, limit=1)
    if ids:
        notices = WebhookNotice.objects.filter(pk__in=ids).select_related("endpoint__organization")
        work_off(list(notices), Manner("webhook notice", _send, patience=PATIENCE))


def _send(notices: Sequence[WebhookNotice]) -> dict[int, Outcome]:
    return {notice.pk: _mail_owners(notice) for notice in notices}


def _mail_owners(notice: WebhookNotice) -> Outcome:
    owners = find_owners(notice.organization_id)
    unheard = [address for address in owners if address not in notice.sent_to]
    if not owners:
        return Failed(NOBODY)
    provider, template = open_mail(notice), word_mail(notice)
    refusals: list[IntegrationError] = []
    for address in unheard:
        key = f"webhook-notice-{notice.pk}-{owners.index(address)}"
        answer = provider.send(template, [Mail(key=key, to=address, substitutions={})]).get(key)
        if isinstance(answer, str):
            notice.sent_to.append(address)
            WebhookNotice.objects.filter(pk=notice.pk).update(sent_to=notice.sent_to)
        else:
            refusals.append(answer or IntegrationError("The mail provider's answer left this mail out."))
    passing = next((error for error in refusals if not error.permanent), None)
    if passing or (refusals and not notice.sent_to):
        return judge(passing or refusals[0])
    return Done(f"Mailed to {', '.join(notice.sent_to)}.")


def word_mail(notice: WebhookNotice) -> Template:
    endpoint = notice.endpoint
    name = str(endpoint)
    context = {
        "event": {"title": name, "organization": endpoint.organization},  # what the head of every mail names
        "headline": f"The webhook “{name}” is switched off",
        "endpoint": endpoint,
        "because": notice.because,
        "page": settings.SITE_URL + reverse("admin:participants_webhookendpoint_change", args=[endpoint.pk]),
    }
    return Template(
        subject=_disarm(f"The webhook “{name}” is switched off"),
        text=_disarm(render_to_string("mail/webhook_off.txt", context)),
        html=_disarm(render_to_string("mail/webhook_off.html", context)),
    )


def _disarm(text: str) -> str:
    """A name that looks like a mark must not be filled in as one."""
    return text.replace("{{", "{ {")
