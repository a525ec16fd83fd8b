"""Who is invited, sorted out of what an organizer pasted."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from email.utils import parseaddr

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils import timezone

from events.models import Event
from participants.models import EventInvitation, Registration

LONGEST_ADDRESS = 254
DAY = timedelta(days=1)


@dataclass(frozen=True)
class Address:
    """`again`: they were invited before, and have not registered."""

    email: str
    again: bool = False


@dataclass(frozen=True)
class Plan:
    """`left_out` says why of each line, as it was typed."""

    recipients: Sequence[Address]
    left_out: Sequence[tuple[str, str]]


def plan(*, event: Event, lines: str, reminds: bool) -> Plan:
    """One address a line, or several with commas or semicolons between them; names before them are passed over.

    Three queries, however many there are. Whoever was invited before is asked once more only where `reminds` says so,
    and nobody twice a day.
    """
    typed = list(_split(lines))
    keys = {email.lower() for _, email in typed}
    here = Registration.objects.filter(event=event, removed_at=None, participant__email_key__in=keys)
    registered = set(here.values_list("participant__email_key", flat=True))
    invited = dict(EventInvitation.objects.filter(event=event, email_key__in=keys).values_list("email_key", "sent_at"))
    yesterday, room = timezone.now() - DAY, _find_room()
    recipients: dict[str, Address] = {}
    left_out: list[tuple[str, str]] = []
    for text, email in typed:
        key = email.lower()
        if why := _find_reason(event, email, recipients, registered):
            left_out.append((text, why))
        elif key in invited and not reminds:
            left_out.append((text, "Was invited before."))
        elif (sent_at := invited.get(key)) and sent_at > yesterday:
            left_out.append((text, "Was written to less than a day ago."))
        elif len(recipients) >= room:
            left_out.append((text, f"Your organization invites {settings.EVENT_INVITATIONS_PER_DAY:,} people a day."))
        else:
            recipients[key] = Address(email, again=key in invited)
    return Plan(list(recipients.values()), left_out)


def _find_room() -> int:
    """How many more the organization may invite today, to all of its events: a mail to strangers is easily abused."""
    today = EventInvitation.objects.filter(announcement__created_at__gt=timezone.now() - DAY).count()
    return max(int(settings.EVENT_INVITATIONS_PER_DAY) - today, 0)


def _split(lines: str) -> Iterator[tuple[str, str]]:
    """What was typed, with the address in it."""
    for number, line in enumerate(lines.splitlines(), start=1):
        for part in line.replace(";", ",").split(","):
            text = part.strip()
            if text:
                yield f"Line {number}: {text[:100]}", (parseaddr(text)[1] or text).strip()


def _find_reason(event: Event, email: str, before: Iterable[str], registered: set[str]) -> str:
    if not _is_address(email):
        return "Is no e-mail address."
    if email.lower() in before:
        return "Stands here twice."
    if email.lower() in registered:
        return "Has registered already."
    domains, domain = event.allowed_email_domains, email.rpartition("@")[2].lower()
    if domains and domain not in domains:
        return f"The event takes addresses at {', '.join(domains)} alone."
    return ""


def _is_address(email: str) -> bool:
    try:
        validate_email(email)
    except ValidationError:
        return False
    return len(email) <= LONGEST_ADDRESS
