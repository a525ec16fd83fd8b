"""The bulk action that mails racers a way in once more."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser
from django.db.models import QuerySet

from events.domain.lookup import load_event
from participants.admin.confirmation import BulkAction, Change, Preview, Skipped
from participants.admin.quotas import REMOVED
from participants.admin.words import word_person
from participants.domain.racers.renewing import send_new_passwords
from participants.models import Operation, Registration

# More people than one whose mail got lost.
MANY = 5


class SendPasswords(BulkAction):
    name = "send_passwords"
    label = "Send a new password…"
    title = "Send new passwords"
    explanation = (
        "Mails these people the way in once more, with a new one-time password; one that was mailed before is void "
        "from then on. Whoever has chosen a password of their own keeps it, and the mail says so."
    )
    icon = "password"
    button = "Send"
    headings = ("Status", "Gets")

    def preview(self, *, rows: QuerySet[Any], answers: Mapping[str, Any]) -> Preview:
        chosen = rows.select_related("participant", "event", "account__sponsoring_account")
        people = list(chosen.order_by("participant__family_name", "pk"))
        left_out = {each.pk: why for each in people if (why := _find_obstacle(each))}
        changes = [
            Change(each.pk, word_person(each), Registration.Status(each.status).label, "A mail with the way in")
            for each in people
            if each.pk not in left_out
        ]
        skipped = [Skipped(word_person(each), left_out[each.pk]) for each in people if each.pk in left_out]
        many = [f"{len(changes)} people get a mail, and what they were mailed before stops working."]
        return Preview(changes, skipped, many if len(changes) > MANY else [])

    def perform(
        self, *, rows: QuerySet[Any], answers: Mapping[str, Any], actor: AbstractBaseUser
    ) -> Sequence[Operation]:
        return [
            send_new_passwords(
                event=load_event(event_id),
                registrations=list(rows.filter(event=event_id).values_list("pk", flat=True)),
                actor=actor,
                reason=answers["reason"],
            )
            for event_id in sorted(rows.order_by().values_list("event", flat=True).distinct())
        ]


def _find_obstacle(registration: Registration) -> str:
    if registration.removed_at:
        return REMOVED
    if registration.account.sponsoring_account.is_multi_user:
        return "Signs in with the company account, which has a password that Paddock does not know."
    return "" if registration.status == Registration.Status.READY else "Is not in yet: the first mail is still to come."


SEND_PASSWORDS = SendPasswords()
