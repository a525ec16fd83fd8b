"""The admin of people and of what is owed to them. Django finds it here."""

from participants.admin import (
    accounts,
    audit_trail,
    budgets,
    components,
    events,
    invitations,
    messages,
    operations,
    participants,
    quota_policies,
    racer_profiles,
    registrations,
    steps,
    trained_models,
    usage_panel,
)

__all__ = [
    "accounts",
    "audit_trail",
    "budgets",
    "components",
    "events",
    "invitations",
    "messages",
    "operations",
    "participants",
    "quota_policies",
    "racer_profiles",
    "registrations",
    "steps",
    "trained_models",
    "usage_panel",
]
