"""People and what is owed to them. Django finds the models of an app here."""

from participants.models.announcement import Announcement
from participants.models.event_invitation import EventInvitation
from participants.models.intake import IntakeItem
from participants.models.message import Message
from participants.models.operation import Operation
from participants.models.participant import Participant
from participants.models.preflight import PreflightRun
from participants.models.quota import QuotaChange
from participants.models.racer import RacerProfile, TrainedModel
from participants.models.registration import Registration
from participants.models.result import RaceResult
from participants.models.step import Step
from participants.models.usage import UsageDay
from participants.models.webhook import (
    WebhookAttempt,
    WebhookDelivery,
    WebhookEndpoint,
    WebhookMessage,
    WebhookNotice,
)

__all__ = [
    "Announcement",
    "EventInvitation",
    "IntakeItem",
    "Message",
    "Operation",
    "Participant",
    "PreflightRun",
    "QuotaChange",
    "RaceResult",
    "RacerProfile",
    "Registration",
    "Step",
    "TrainedModel",
    "UsageDay",
    "WebhookAttempt",
    "WebhookDelivery",
    "WebhookEndpoint",
    "WebhookMessage",
    "WebhookNotice",
]
