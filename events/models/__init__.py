"""What organizers own. Django finds the models of an app here."""

from events.models.account import SponsoringAccount
from events.models.connection import DirectoryConnection, IdentityCenterConnection, MailConnection
from events.models.content import MailTemplate, Material, Question
from events.models.event import Event, EventAccess
from events.models.race import Race

__all__ = [
    "DirectoryConnection",
    "Event",
    "EventAccess",
    "IdentityCenterConnection",
    "MailConnection",
    "MailTemplate",
    "Material",
    "Question",
    "Race",
    "SponsoringAccount",
]
