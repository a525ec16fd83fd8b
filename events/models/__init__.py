"""What organizers own. Django finds the models of an app here."""

from events.models.account import SponsoringAccount
from events.models.budget import Budget, Firing, Threshold
from events.models.connection import DirectoryConnection, IdentityCenterConnection, MailConnection
from events.models.content import MailTemplate, Material, Question
from events.models.event import ClaimRuleEvent, Event, EventAccess, EventAccount
from events.models.intake import Intake, IntakeAnswer, IntakeShard
from events.models.invitation import Invitation, InvitedEvent
from events.models.key_access import KeyAccess
from events.models.price import Price
from events.models.quota import ParticipantGroup, QuotaPolicy
from events.models.race import Race

__all__ = [
    "Budget",
    "ClaimRuleEvent",
    "DirectoryConnection",
    "Event",
    "EventAccess",
    "EventAccount",
    "Firing",
    "IdentityCenterConnection",
    "Intake",
    "IntakeAnswer",
    "IntakeShard",
    "Invitation",
    "InvitedEvent",
    "KeyAccess",
    "MailConnection",
    "MailTemplate",
    "Material",
    "ParticipantGroup",
    "Price",
    "Question",
    "QuotaPolicy",
    "Race",
    "SponsoringAccount",
    "Threshold",
]
