import uuid
from datetime import datetime
from typing import Self

from django.db import models
from django.db.models import Case, Exists, F, Max, OuterRef, Q, Subquery, Value, When
from django.db.models.functions import Greatest
from django.utils import timezone

from events.models import Event, EventAccount, ParticipantGroup
from paddock.tenancy.models import TenantModel
from participants.models.participant import Participant

# How the names of all steps begin that take something back.
TAKES_BACK = "remove_"
# How many rows are worth collecting before the first page is known. Of more than that a page is soon full.
MANY = 2500


class RegistrationQuerySet(models.QuerySet["Registration"]):
    def with_status(self) -> Self:
        """Annotate `status`. It is read from the steps each time, so that it cannot disagree with them."""
        from participants.models.step import Step

        # A message that cannot be delivered says nothing about access.
        steps = Step.objects.filter(registration=OuterRef("pk"), announcement=None)
        kept = steps.filter(kind__startswith=TAKES_BACK).exclude(state=Step.State.DONE)
        return self.annotate(
            status=Case(
                When(Q(removed_at__isnull=False) & Exists(kept), then=Value(Registration.Status.REMOVING)),
                When(removed_at__isnull=False, then=Value(Registration.Status.REMOVED)),
                When(Exists(steps.filter(kind="access", state=Step.State.DONE)), then=Value(Registration.Status.READY)),
                When(Exists(steps.filter(state=Step.State.FAILED)), then=Value(Registration.Status.FAILED)),
                When(Exists(steps.filter(attempts__gt=0)), then=Value(Registration.Status.PREPARING)),
                default=Value(Registration.Status.REGISTERED),
                output_field=models.CharField(),
            )
        )

    def with_change(self) -> Self:
        """Annotate `changed_at`: when the row or one of its steps, and so its status, became different last."""
        from participants.models.step import Step

        steps = Step.objects.filter(registration=OuterRef("pk"), announcement=None).order_by().values("registration")
        last = steps.annotate(last=Max("updated_at")).values("last")
        # PostgreSQL's greatest() passes over nothing.
        return self.annotate(changed_at=Greatest(F("updated_at"), Subquery(last)))

    def changed_since(self, moment: datetime) -> Self:
        """Few changes are found by two indexes, of the rows and of their steps; many by looking at people in order."""
        from participants.models.step import Step

        steps = Step.objects.filter(updated_at__gte=moment, announcement=None).exclude(registration=None).order_by()
        rows = self.model.objects.filter(updated_at__gte=moment).order_by()
        if steps[MANY:].exists() or rows[MANY:].exists():
            return self.with_change().filter(changed_at__gte=moment)
        return self.filter(pk__in=steps.values("registration").union(rows.values("pk")))

    def having(self, status: "Registration.Status") -> Self:
        """Only those are asked for their steps who can have it at all: the rare ones are found by an index."""
        from participants.models.step import Step

        is_removed = status in (Registration.Status.REMOVING, Registration.Status.REMOVED)
        rows = self.filter(removed_at__isnull=not is_removed)
        failed = Step.objects.filter(state=Step.State.FAILED, announcement=None).exclude(registration=None).order_by()
        if status == Registration.Status.FAILED and not failed[MANY:].exists():
            rows = rows.filter(pk__in=failed.values("registration"))
        return rows.with_status().filter(status=status)


class Registration(TenantModel):
    """A participant in one event."""

    class Status(models.TextChoices):
        REGISTERED = "registered", "Registered"
        PREPARING = "preparing", "Preparing access"
        READY = "ready", "Ready"
        FAILED = "failed", "Failed"
        REMOVING = "removing", "Being removed"
        REMOVED = "removed", "Removed"

    reference = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="registrations")
    participant = models.ForeignKey(Participant, on_delete=models.CASCADE, related_name="registrations")
    account = models.ForeignKey(
        EventAccount,
        on_delete=models.PROTECT,
        related_name="registrations",
        help_text="The account that sponsors them.",
    )
    group = models.ForeignKey(
        ParticipantGroup, on_delete=models.SET_NULL, null=True, blank=True, related_name="registrations"
    )
    answers = models.JSONField(default=dict, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    # Intent: how much they may train and keep, and whether they are sponsored. Empty: no limit.
    quota_minutes = models.PositiveIntegerField(null=True, blank=True, editable=False)
    quota_models = models.PositiveIntegerField(null=True, blank=True, editable=False)
    has_own_quota = models.BooleanField(default=False, editable=False, help_text="Set for this person alone.")
    paused_at = models.DateTimeField(null=True, editable=False)
    removed_at = models.DateTimeField(null=True, editable=False, help_text="Since when everything is being taken back.")
    keeps_models = models.BooleanField(default=False, editable=False, help_text="Their models outlive their access.")
    # What convergence found or made outside.
    directory_user_id = models.CharField(max_length=100, blank=True, editable=False)
    identity_center_user_id = models.CharField(max_length=100, blank=True, editable=False)
    updated_at = models.DateTimeField(default=timezone.now, editable=False, help_text="Kept by the database.")
    status: str  # annotated by `with_status`
    changed_at: datetime  # annotated by `with_change`

    objects = RegistrationQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-id"]
        constraints = [models.UniqueConstraint(fields=["event", "participant"], name="registered_once_per_event")]
        indexes = [
            models.Index(fields=["organization", "updated_at"], name="registration_updated"),
            models.Index(fields=["event", "id"], name="registration_page"),
            models.Index(
                fields=["organization", "id"], name="registration_removed", condition=models.Q(removed_at__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.participant} · {self.event}"
