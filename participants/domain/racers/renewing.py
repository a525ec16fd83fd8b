"""Mailing racers a way in once more, with a new one-time password."""

from collections.abc import Collection

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import transaction

from events.models import Event, SponsoringAccount
from paddock.audit.recording import record
from participants.domain.operations import start_operation
from participants.models import Message, Operation, Registration


def send_new_passwords(
    *, event: Event, registrations: Collection[int], actor: AbstractBaseUser | None, reason: str
) -> Operation:
    """Owe those who are in their access mail once more: whatever one-time password they have is void from then on.

    Whoever has chosen a password is told to use it. People of accounts without passwords of their own are left out.
    """
    with transaction.atomic():
        ids = _lock(event, registrations)
        # The step would take the first mail for this one and send nothing.
        Message.objects.filter(registration__in=ids, announcement=None).delete()
        racers = "1 racer" if len(ids) == 1 else f"{len(ids)} racers"
        record(actor=actor, action=f"sent new passwords to {racers}", about=event, event_id=event.pk, reason=reason)
        return start_operation(
            event=event,
            title=f"New passwords for {racers}",
            reason=reason,
            actor=actor,
            registrations=ids,
            kinds=["welcome"],
        )


def _lock(event: Event, registrations: Collection[int]) -> list[int]:
    rows = Registration.objects.filter(event=event, pk__in=registrations, removed_at=None)
    rows = rows.exclude(account__sponsoring_account__kind=SponsoringAccount.Kind.MULTI_USER)
    return list(rows.order_by("pk").select_for_update(no_key=True, of=("self",)).values_list("pk", flat=True))
