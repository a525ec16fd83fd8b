"""Racers as the racing service of a sponsoring account knows them, and what they leave there."""

from django.db import models
from django.utils import timezone

from events.models import SponsoringAccount
from paddock.tenancy.models import TenantModel
from participants.models.participant import Participant, validate_alias


class RacerProfile(TenantModel):
    """A racer of one sponsoring account: announced by a participant, found at the service, or both.

    Without a `service_id` the service has not been seen to know them yet. Without a participant nobody knows whose it
    is: a person has to decide. Observed values are those of the last look (`seen_at`).
    """

    class Link(models.TextChoices):
        MADE = "made", "Made by Paddock"
        ALIAS = "alias", "By alias"
        EMAIL = "email", "By e-mail address"
        PERSON = "person", "By a person"

    class State(models.TextChoices):
        ACTIVE = "active", "Active"
        PAUSED = "paused", "Paused"

    sponsoring_account = models.ForeignKey(SponsoringAccount, on_delete=models.PROTECT, related_name="racer_profiles")
    participant = models.ForeignKey(
        Participant, on_delete=models.CASCADE, null=True, blank=True, related_name="racer_profiles"
    )
    alias = models.CharField(max_length=64, blank=True, validators=[validate_alias])
    linked_by = models.CharField(max_length=10, choices=Link, blank=True, editable=False)
    is_ignored = models.BooleanField(default=False, help_text="A person said that this is nobody of ours.")

    service_id = models.CharField(max_length=255, blank=True, editable=False)
    email = models.EmailField(blank=True, editable=False, help_text="As the service has it.")
    used_seconds = models.BigIntegerField(default=0, editable=False, help_text="The service's own counter.")
    queued_seconds = models.BigIntegerField(default=0, editable=False, help_text="Running and queued, at worst.")
    queued_since = models.DateTimeField(null=True, editable=False, help_text="Since when that number has not moved.")
    max_minutes = models.IntegerField(null=True, editable=False, help_text="Empty: unlimited.")
    max_models = models.IntegerField(null=True, editable=False, help_text="Empty: unlimited.")
    model_count = models.IntegerField(null=True, editable=False)
    storage_bytes = models.BigIntegerField(default=0, editable=False)
    state = models.CharField(max_length=10, choices=State, blank=True, editable=False)
    joined_at = models.DateTimeField(null=True, editable=False)
    seen_at = models.DateTimeField(null=True, editable=False)
    updated_at = models.DateTimeField(default=timezone.now, editable=False, help_text="Kept by the database.")

    class Meta:
        ordering = ["alias", "id"]
        constraints = [
            models.UniqueConstraint(fields=["participant", "sponsoring_account"], name="one_profile_per_account"),
            models.UniqueConstraint(
                fields=["sponsoring_account", "service_id"],
                name="service_id_once_per_account",
                condition=~models.Q(service_id=""),
            ),
        ]
        indexes = [
            models.Index(fields=["sponsoring_account", "alias"], name="profile_alias"),
            models.Index(fields=["organization", "updated_at"], name="profile_updated"),
        ]

    def __str__(self) -> str:
        return self.alias or str(self.participant or self.service_id)


class TrainedModel(TenantModel):
    """A model that a racer keeps at the service, as the last look found it."""

    class Status(models.TextChoices):
        READY = "ready", "Ready"
        WORKING = "working", "In work"
        FAILED = "failed", "Failed"
        DELETING = "deleting", "Being deleted"

    profile = models.ForeignKey(RacerProfile, on_delete=models.CASCADE, related_name="models")
    service_id = models.CharField(max_length=400, editable=False)
    name = models.CharField(max_length=100, editable=False)
    status = models.CharField(max_length=10, choices=Status, editable=False)
    size_bytes = models.BigIntegerField(null=True, editable=False)
    created_at = models.DateTimeField(null=True, editable=False)
    seen_at = models.DateTimeField(editable=False)
    is_unwanted = models.BooleanField(default=False, editable=False, help_text="A person wants it deleted.")

    class Meta:
        ordering = ["-created_at", "-id"]
        constraints = [models.UniqueConstraint(fields=["profile", "service_id"], name="model_once_per_profile")]

    def __str__(self) -> str:
        return self.name
