"""Whose rows the database audits, and whose it does not, because. Every model of a tenant is on one of the lists."""

from typing import Any

from django.db import connections
from django.db.models import Model

from events.models import (
    Budget,
    ClaimRuleEvent,
    DirectoryConnection,
    Event,
    EventAccess,
    EventAccount,
    Firing,
    IdentityCenterConnection,
    Intake,
    IntakeAnswer,
    IntakeShard,
    Invitation,
    InvitedEvent,
    KeyAccess,
    MailConnection,
    MailTemplate,
    Material,
    ParticipantGroup,
    Price,
    Question,
    QuotaPolicy,
    Race,
    SponsoringAccount,
    Threshold,
)
from paddock.api.models import ApiKey, StoredAnswer
from paddock.audit.models import AuditEntry, RowChange
from paddock.audit.triggers import Rows, install_triggers
from paddock.sso.models import ClaimRule, IdentityProvider, MappedMembership, UsedAssertion
from paddock.tenancy.models import Membership, OperatorSession, Organization
from paddock.tenancy.scope import works_as_owner
from participants.models import (
    Announcement,
    EventInvitation,
    IntakeItem,
    Message,
    Operation,
    Participant,
    PreflightRun,
    QuotaChange,
    RaceResult,
    RacerProfile,
    Registration,
    Step,
    TrainedModel,
    UsageDay,
    WebhookAttempt,
    WebhookDelivery,
    WebhookEndpoint,
    WebhookMessage,
    WebhookNotice,
)

OF_MEMBER = "(select email from accounts_user where id = {})"
OF_PARTICIPANT = "(select given_name || ' ' || family_name from participants_participant where id = {})"
OF_ACCOUNT = "(select name from events_sponsoringaccount where id = {})"
OF_EVENT = "(select title from events_event where id = {})"
OF_GROUP = "(select name from events_participantgroup where id = seen.group_id)"
OF_ORGANIZATION = "(select name from tenancy_organization where id = seen.organization_id)"
OF_MEMBERSHIP = "(select user_id from tenancy_membership where id = seen.membership_id)"
OF_BUDGET = "(select event_id from events_budget where id = seen.budget_id)"
NAME_OF_BUDGET = f"coalesce({OF_EVENT.format('seen.event_id')}, {OF_ACCOUNT.format('seen.sponsoring_account_id')})"
OF_INTAKE = "(select event_id from events_intake where id = seen.intake_id)"
INTAKE_READER = (
    *("stream_arn", "scan_started_at", "scan_position", "scanned_at", "scan_count", "item_estimate", "scan_reason"),
    *("streamed_at", "last_written_at", "record_count", "read_error", "claimed_at"),
)

AUDITED: dict[type[Model], Rows] = {
    Organization: Rows(),
    Membership: Rows(name=OF_MEMBER.format("seen.user_id")),
    OperatorSession: Rows(name=OF_MEMBER.format("seen.user_id")),
    Event: Rows(machine=("updated_at",), event="seen.id"),
    IdentityProvider: Rows(machine=("key", "metadata_read_at")),
    ClaimRule: Rows(name="seen.claim || ': ' || seen.value"),
    ClaimRuleEvent: Rows(name=OF_EVENT.format("seen.event_id")),
    EventAccess: Rows(name=OF_MEMBER.format(OF_MEMBERSHIP)),
    EventAccount: Rows(
        machine=("directory_group_id", "identity_center_group_id", "permission_set_arn"),
        name=OF_ACCOUNT.format("seen.sponsoring_account_id"),
    ),
    Question: Rows(),
    Material: Rows(),
    MailTemplate: Rows(),
    ParticipantGroup: Rows(),
    QuotaPolicy: Rows(name=f"coalesce({OF_GROUP}, {OF_EVENT.format('seen.event_id')}, {OF_ORGANIZATION})"),
    SponsoringAccount: Rows(
        machine=("mode_is_on", "sync_claimed_at", "synced_at", "sync_error"), secret=("external_id",)
    ),
    IdentityCenterConnection: Rows(secret=("external_id",)),
    DirectoryConnection: Rows(),
    MailConnection: Rows(secret=("external_id",)),
    Budget: Rows(name=NAME_OF_BUDGET),
    Threshold: Rows(machine=("looked_at", "finding"), event=OF_BUDGET, name="seen.percent || ' %'"),
    Price: Rows(name=OF_ACCOUNT.format("seen.sponsoring_account_id")),
    Race: Rows(machine=("state", "problem", "service_id", "service_name", "token_made_at", "results_at")),
    Participant: Rows(machine=("updated_at",), name="seen.given_name || ' ' || seen.family_name"),
    Registration: Rows(
        machine=("reference", "directory_user_id", "identity_center_user_id", "updated_at"),
        name=OF_PARTICIPANT.format("seen.participant_id"),
    ),
    # Racers that a sync finds are nobody's intent, until somebody says whose they are; neither are listed models.
    RacerProfile: Rows(
        machine=(
            "service_id",
            "email",
            "used_seconds",
            "queued_seconds",
            "queued_since",
            "max_minutes",
            "max_models",
            "model_count",
            "storage_bytes",
            "state",
            "joined_at",
            "seen_at",
            "updated_at",
        ),
        name=f"coalesce(nullif(seen.alias, ''), {OF_PARTICIPANT.format('seen.participant_id')}, seen.service_id)",
        condition="tg_op <> 'INSERT' or seen.participant_id is not null",
    ),
    TrainedModel: Rows(
        machine=("profile_id", "service_id", "name", "status", "size_bytes", "created_at", "seen_at"),
        condition="tg_op = 'UPDATE'",
    ),
    Announcement: Rows(machine=("created_by_id",)),
    WebhookEndpoint: Rows(machine=("rests_until",)),
    ApiKey: Rows(machine=("prefix", "digest", "last_used_at"), name="seen.name"),
    KeyAccess: Rows(name=OF_EVENT.format("seen.event_id")),
    Invitation: Rows(
        machine=("mail_state", "mail_due_at", "mail_attempts", "mail_error", "token_hash", "token"), name="seen.email"
    ),
    InvitedEvent: Rows(name=OF_EVENT.format("seen.event_id")),
    Intake: Rows(machine=INTAKE_READER, secret=("external_id",), name="seen.table_name"),
    IntakeAnswer: Rows(event=OF_INTAKE, name="seen.attribute"),
}

NOT_AUDITED: dict[type[Model], str] = {
    AuditEntry: "is the trail",
    RowChange: "is the trail",
    Step: "is the engine's bookkeeping; what owes it is audited",
    UsageDay: "is a ledger that a sync writes, and only ever adds to",
    RaceResult: "is a leaderboard as it was last read",
    Message: "is the engine's bookkeeping; what is mailed to many is an announcement",
    MappedMembership: "follows from a membership and a role by claim",
    StoredAnswer: "is what a program was answered, for a day",
    UsedAssertion: "is what a sign-in leaves, so that it counts once",
    IntakeShard: "is how far a table's reader is",
    IntakeItem: "is what a table's reader found",
    EventInvitation: "is the engine's bookkeeping; inviting is an entry",
    WebhookMessage: "is what happened, in the words that it is told in",
    WebhookAttempt: "is the log of a delivery",
    WebhookNotice: "is the engine's bookkeeping, with its mail",
    WebhookDelivery: "is the engine's bookkeeping, with a log of its own",
    Operation: "is the record of a deed, with its entry",
    QuotaChange: "is a history itself",
    PreflightRun: "is what a look found",
    Firing: "is the record of what the budget guard did, with its entry",
}


def keep_triggers(sender: Any, using: str, **kwargs: Any) -> None:
    """After every migration. Tests that empty the tables migrate nothing, and own nothing."""
    if works_as_owner(connections[using]):
        install_triggers(connections[using], AUDITED)
