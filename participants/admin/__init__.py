"""The admin of people and of what is owed to them. Django finds it here."""

from participants.admin import messages, registrations, steps

__all__ = ["messages", "registrations", "steps"]
