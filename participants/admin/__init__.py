"""The admin of people and of what is owed to them. Django finds it here."""

from participants.admin import (
    budgets,
    components,
    events,
    messages,
    operations,
    participants,
    quota_policies,
    registrations,
    steps,
)

__all__ = [
    "budgets",
    "components",
    "events",
    "messages",
    "operations",
    "participants",
    "quota_policies",
    "registrations",
    "steps",
]
