"""A portal that the organization runs itself, with AppSync and DynamoDB: where its table is, and how it is read."""

from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models

from events.models.account import AwsRoleModel
from events.models.content import Question
from events.models.event import Event
from paddock.tenancy.models import TenantModel

validate_table_name = RegexValidator(
    r"^[a-zA-Z0-9_.-]{3,255}\Z", "A table's name has 3 to 255 letters, digits, underscores, dots and hyphens."
)
validate_region = RegexValidator(r"^[a-z]{2}(-[a-z]+)+-\d\Z", "A region looks like “us-east-1”.")


class Intake(AwsRoleModel):
    """An event's people come from a table: all of it once, and from then on what its stream tells."""

    event = models.OneToOneField(Event, on_delete=models.CASCADE, related_name="intake")
    table_name = models.CharField(
        "table", max_length=255, validators=[validate_table_name], help_text="The name of the DynamoDB table."
    )
    # Which attribute of an item says what. The defaults are those of deploy/dynamodb-portal.yaml.
    email_attribute = models.CharField("e-mail address", max_length=255, default="email")
    given_name_attribute = models.CharField("given name", max_length=255, default="firstName", blank=True)
    family_name_attribute = models.CharField("family name", max_length=255, default="lastName", blank=True)
    full_name_attribute = models.CharField(
        "whole name",
        max_length=255,
        default="name",
        blank=True,
        help_text="Where an item lacks the two: “Ann Archer” and “Archer, Ann” are split.",
    )
    alias_attribute = models.CharField("racer's alias", max_length=255, default="racerAlias", blank=True)
    names_from_address = models.BooleanField(
        "make missing names of the address",
        default=True,
        help_text="ann.archer@… becomes Ann Archer, and aarcher@… becomes Aarcher Aarcher. Otherwise such an item is "
        "listed for you to mend.",
    )

    is_enabled = models.BooleanField(default=False, editable=False)
    # How far the reader is.
    stream_arn = models.CharField(max_length=400, blank=True, editable=False)
    scan_started_at = models.DateTimeField(null=True, editable=False)
    scan_position = models.TextField(blank=True, editable=False, help_text="The key of the last item that was taken.")
    scanned_at = models.DateTimeField(null=True, editable=False, help_text="When the whole table had been read.")
    scan_count = models.PositiveIntegerField(default=0, editable=False)
    item_estimate = models.PositiveIntegerField(default=0, editable=False, help_text="AWS's own, a few hours old.")
    scan_reason = models.CharField(max_length=500, blank=True, editable=False, help_text="Why it is read once more.")
    streamed_at = models.DateTimeField(null=True, editable=False, help_text="Everything before has been read.")
    last_written_at = models.DateTimeField(null=True, editable=False, help_text="Of the last record that was read.")
    record_count = models.PositiveBigIntegerField(default=0, editable=False)
    read_error = models.TextField(blank=True, editable=False)
    claimed_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.event}: {self.table_name}"

    def clean(self) -> None:
        if self.region:
            validate_region_of(self.region)


def validate_region_of(region: str) -> None:
    try:
        validate_region(region)
    except ValidationError as error:
        raise ValidationError({"region": error.messages}) from error


class IntakeAnswer(TenantModel):
    """An attribute that answers one of the event's questions."""

    intake = models.ForeignKey(Intake, on_delete=models.CASCADE, related_name="answers")
    attribute = models.CharField(max_length=255, help_text="Of a map within the item: profile.team.")
    question = models.ForeignKey(Question, on_delete=models.CASCADE, related_name="+")
    words = models.JSONField(
        default=dict, blank=True, help_text="What the portal stores, and what it means here: {“Y”: “yes”}."
    )

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["intake", "question"], name="question_answered_once")]

    def __str__(self) -> str:
        return f"{self.attribute} → {self.question}"

    def clean(self) -> None:
        question: Any = getattr(self, "question", None)
        if question and self.intake_id and question.event_id != self.intake.event_id:
            raise ValidationError({"question": "This is a question of another event."})


class IntakeShard(TenantModel):
    """How far a shard of the stream has been read: up to and including `position`."""

    intake = models.ForeignKey(Intake, on_delete=models.CASCADE, related_name="shards")
    shard_id = models.CharField(max_length=65)
    position = models.CharField(max_length=40, blank=True)
    is_finished = models.BooleanField(default=False)

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["intake", "shard_id"], name="shard_once_per_intake")]

    def __str__(self) -> str:
        return self.shard_id
