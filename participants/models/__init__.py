"""People and what is owed to them. Django finds the models of an app here."""

from participants.models.message import Message
from participants.models.participant import Participant, RacerProfile
from participants.models.registration import Registration
from participants.models.step import Step

__all__ = ["Message", "Participant", "RacerProfile", "Registration", "Step"]
