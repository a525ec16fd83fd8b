"""Whose a participant is: whoever has signed in with the organization's own provider and the participant's address.

Until then anybody may have typed the address. From then on nobody changes the participant who has not signed in.
"""

from dataclasses import dataclass

from django.db import transaction

from events.models import Event
from paddock.accounts.models import User
from paddock.audit.recording import record
from paddock.sso.identities import find_identity
from participants.domain.applicants import InvalidRegistration
from participants.domain.people import make_email_key
from participants.models import Participant


@dataclass(frozen=True)
class Visitor:
    """Somebody who has signed in with a provider of the organization. A name that it does not tell is empty."""

    user: User
    email: str
    given_name: str
    family_name: str

    @property
    def name(self) -> str:
        return f"{self.given_name} {self.family_name}".strip() or self.email


OTHERS_ADDRESS = "Another account of your company came with this address first. Ask the event's organizers."


def find_own_key(*, event: Event, visitor: Visitor, email_key: str) -> str:
    """The address, as the database knows it again, that the visitor takes part in the event by: the one that they come
    with, or another one that they are registered by already. Raises InvalidRegistration where it is somebody else's.
    """
    take_ownership(visitor=visitor)
    own = Participant.objects.filter(user=visitor.user, registrations__event=event).first()
    found = own or Participant.objects.filter(email_key=email_key).first()
    if found and found.user_id != visitor.user.pk:
        raise InvalidRegistration({"email": [OTHERS_ADDRESS]}, {})
    return found.email_key if found else email_key


def is_owned(*, email: str) -> bool:
    return Participant.objects.filter(email_key=make_email_key(email), user__isnull=False).exists()


def take_ownership(*, visitor: Visitor) -> None:
    """Give somebody what was registered with their address before. What has an owner stays theirs.

    Costs one look where there is nothing to give. A name that a stranger may have typed gives way to the provider's.
    """
    found = _find_others(visitor)
    if found is None or not _is_free(found):
        return
    names = {"given_name": visitor.given_name, "family_name": visitor.family_name}
    told = {name: value for name, value in names.items() if value}
    with transaction.atomic():
        # As it was seen, because several accounts may come with the address at one moment.
        if Participant.objects.filter(pk=found.pk, user=found.user).update(user=visitor.user, **told):
            record(actor=visitor.user, action="signed in as this person for the first time", about=found)


def _find_others(visitor: Visitor) -> Participant | None:
    """With the visitor's address, and not theirs yet."""
    others = Participant.objects.filter(email_key=make_email_key(visitor.email)).exclude(user=visitor.user)
    return others.select_related("user").first()


def _is_free(participant: Participant) -> bool:
    """Nobody's, or of an account by which nobody comes in any more, because its provider was disconnected."""
    return participant.user is None or find_identity(participant.user) is None
