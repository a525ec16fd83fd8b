"""What a key may do: read or write, area by area."""

from dataclasses import dataclass

READ, WRITE = "read", "write"


@dataclass(frozen=True)
class Area:
    name: str
    title: str
    about: str  # what is in it, for whoever chooses

    def scope(self, verb: str) -> str:
        return f"{self.name}:{verb}"


EVENTS = Area("events", "Events", "events and their settings")
PEOPLE = Area("people", "People", "registrations and participants")
RACING = Area("racing", "Racing", "racer profiles, usage, quotas, sponsorship and races")
MESSAGES = Area("messages", "Messages", "mails to participants")
OPERATIONS = Area("operations", "Operations", "what was asked for many people at once")
ACCOUNTS = Area("accounts", "Accounts", "sponsoring accounts and preflights")
AUDIT = Area("audit", "Audit", "who did what, and why")
AREAS = [EVENTS, PEOPLE, RACING, MESSAGES, OPERATIONS, ACCOUNTS, AUDIT]

# Nothing writes into the audit trail but what is done.
SCOPES = [
    (area.scope(verb), f"{area.title}: {verb}")
    for area in AREAS
    for verb in (READ, WRITE)
    if (area, verb) != (AUDIT, WRITE)
]


def grants(scopes: list[str], *, area: Area, verb: str) -> bool:
    """Whether these scopes allow it; whoever may write may read."""
    return area.scope(verb) in scopes or (verb == READ and area.scope(WRITE) in scopes)
