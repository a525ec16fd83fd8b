"""Telling the contacts of what fired. The row is the queue: a sweep finds what is due, and one worker claims it.

A mail whose worker died while the provider had it goes out again: a duplicate is better than none.
"""

import logging
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from django.conf import settings
from django.db.models import F, Q
from django.utils import timezone

from events.domain.connections import open_mail
from events.models import Budget, Firing
from integrations.errors import IntegrationError
from integrations.mail.protocol import Mail
from participants.convergence.schedule import retry_at
from participants.domain.guard.contacts import find_contacts
from participants.domain.guard.wording import word_mail

# What a person has to mend is tried again now and then, because they may have mended it: a budget is not a newsletter.
REFUSED_AGAIN_SECONDS = 1800
GIVE_UP_AFTER = timedelta(days=2)

logger = logging.getLogger(__name__)

Answers = Mapping[str, str | IntegrationError]


class DueFiring(NamedTuple):
    organization_id: int
    firing_id: int


def find_due_firings() -> list[DueFiring]:
    """Mails to be sent, to be tried again, or claimed by a worker who died."""
    due = Firing.objects.filter(_is_due()).order_by("mail_due_at", "id")
    return [DueFiring(*row) for row in due.values_list("organization_id", "id")]


def _is_due() -> Q:
    now = timezone.now()
    given_up = Q(mail_state=Firing.MailState.FAILED, fired_at__lt=now - GIVE_UP_AFTER)
    return Q(mail_due_at__lte=now) & ~Q(mail_state=Firing.MailState.SENT) & ~given_up


def mail_firing(*, firing_id: int) -> None:
    """Mail everybody who has not heard of it yet, unless another worker is at it."""
    firing = claim_firing(firing_id)
    if firing is None:
        return
    contacts = find_contacts(budget=firing.threshold.budget)
    unheard = [address for address in contacts if address not in firing.mail_sent_to]
    _note_answers(firing, contacts, _send(firing, unheard))


def claim_firing(firing_id: int) -> Firing | None:
    """Take it for as long as a claim lasts. The number of the attempt is the token."""
    due_again = timezone.now() + timedelta(seconds=settings.CLAIM_SECONDS)
    claimed = Firing.objects.filter(_is_due(), pk=firing_id).update(
        mail_state=Firing.MailState.SENDING, mail_due_at=due_again, mail_attempts=F("mail_attempts") + 1
    )
    if not claimed:
        return None
    related = ("threshold__budget__organization", "threshold__budget__event", "threshold__budget__sponsoring_account")
    return Firing.objects.select_related(*related).get(pk=firing_id)


def _send(firing: Firing, addresses: Sequence[str]) -> Answers:
    """By address. Whatever goes wrong is everybody's answer, so that it can be seen."""
    try:
        return _ask_provider(firing, addresses)
    except IntegrationError as error:
        return dict.fromkeys(addresses, error)
    except Exception:
        logger.exception("The mail about firing %s broke", firing.pk)
        sentence = "Paddock ran into an error of its own and tries again; its log has the details."
        return dict.fromkeys(addresses, IntegrationError(sentence))


def _ask_provider(firing: Firing, addresses: Sequence[str]) -> Answers:
    provider, template = open_mail(firing), word_mail(firing)
    left_out = IntegrationError("The mail provider's answer left this mail out; Paddock sends it again.")
    answers: dict[str, str | IntegrationError] = dict.fromkeys(addresses, left_out)
    for start in range(0, len(addresses), provider.batch_size):
        batch = {f"firing-{firing.pk}-{n}": addresses[n] for n in range(start, len(addresses))[: provider.batch_size]}
        mails = [Mail(key=key, to=address, substitutions={}) for key, address in batch.items()]
        answers |= {batch[key]: answer for key, answer in provider.send(template, mails).items()}
    return answers


def _note_answers(firing: Firing, contacts: Sequence[str], answers: Answers) -> None:
    """A late answer to a claim that has lapsed belongs to nobody."""
    heard = [*firing.mail_sent_to, *(each for each, answer in answers.items() if isinstance(answer, str))]
    refusals = {each: answer for each, answer in answers.items() if isinstance(answer, IntegrationError)}
    passing = [error for error in refusals.values() if not error.permanent]
    if passing:
        state, due_at = Firing.MailState.QUEUED, _find_next_try(firing, passing)
    elif heard:
        state, due_at = Firing.MailState.SENT, firing.mail_due_at
    else:
        state, due_at = Firing.MailState.FAILED, timezone.now() + timedelta(seconds=REFUSED_AGAIN_SECONDS)
    Firing.objects.filter(pk=firing.pk, mail_state=Firing.MailState.SENDING, mail_attempts=firing.mail_attempts).update(
        mail_state=state,
        mail_due_at=due_at,
        mail_sent_to=heard,
        mail_error=_say_refusals(refusals) if contacts else _say_nobody(firing.threshold.budget),
    )


def _find_next_try(firing: Firing, errors: Sequence[IntegrationError]) -> datetime:
    asked_for = [error.retry_after for error in errors if error.retry_after is not None]
    return retry_at(timezone.now(), attempts=firing.mail_attempts, after=max(asked_for, default=None))


def _say_refusals(refusals: Mapping[str, IntegrationError]) -> str:
    return " ".join(f"{address}: {error}" for address, error in refusals.items())


def _say_nobody(budget: Budget) -> str:
    where = "event" if budget.event_id else "sponsoring account"
    return f"There is nobody to tell. Enter contacts at the {where}, or make somebody an owner of the organization."
