import zoneinfo
from datetime import datetime

from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils import timezone

from events.models.account import SponsoringAccount
from events.models.connection import DirectoryConnection
from paddock.tenancy.models import Membership, TenantModel, validate_slug


def validate_timezone(name: str) -> None:
    if name not in zoneinfo.available_timezones():
        raise ValidationError(f"“{name}” is no time zone. Use a name such as “Europe/Berlin”.")


class Event(TenantModel):
    """What people register for."""

    title = models.CharField(max_length=200)
    slug = models.CharField(max_length=60, validators=[validate_slug], help_text="Part of the event's address.")
    summary = models.CharField(max_length=300, blank=True, help_text="One sentence under the title.")
    description = models.TextField(blank=True, help_text="What it is about, in Markdown.")
    time_zone = models.CharField(max_length=50, default="UTC", validators=[validate_timezone])
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    registration_opens_at = models.DateTimeField()
    registration_closes_at = models.DateTimeField()
    is_published = models.BooleanField(default=False, help_text="Unpublished events cannot be seen by anyone outside.")
    capacity = models.PositiveIntegerField(null=True, blank=True, help_text="Places; empty: no limit.")
    allowed_email_domains = ArrayField(
        models.CharField(max_length=253),
        default=list,
        blank=True,
        help_text="Such as example.com, example.org; empty: any.",
    )
    allows_guests = models.BooleanField(
        default=False, help_text="Invite addresses that the directory does not know as guests (Microsoft Entra ID)."
    )
    requires_sign_in = models.BooleanField(default=False, help_text="Only people who are signed in may register.")

    directory = models.ForeignKey(DirectoryConnection, on_delete=models.PROTECT, related_name="events")
    group_name = models.CharField(
        max_length=120, blank=True, help_text="The event's group in the directory; empty: made of the addresses' parts."
    )
    permission_set_name = models.CharField(
        max_length=32, default="PaddockRacer", help_text="The permission set that racers take on."
    )
    session_minutes = models.PositiveIntegerField(
        default=120,
        validators=[MinValueValidator(60), MaxValueValidator(720)],
        help_text="How long a sign-in lasts; also how long a removed racer may stay.",
    )
    expected_participants = models.PositiveIntegerField(
        null=True, blank=True, help_text="For the forecast; empty: the places, or else who has registered."
    )
    contacts = ArrayField(
        models.EmailField(),
        default=list,
        blank=True,
        help_text="Who is told of the event's budget; empty: the organization's owners.",
    )
    frozen_at = models.DateTimeField(null=True, editable=False, help_text="Set by the budget guard: all are paused.")
    offboarding_at = models.DateTimeField(
        null=True, editable=False, help_text="Since when everything is being taken back."
    )
    updated_at = models.DateTimeField(default=timezone.now, editable=False, help_text="Kept by the database.")

    class Meta:
        ordering = ["-starts_at"]
        indexes = [models.Index(fields=["organization", "updated_at"], name="event_updated")]
        constraints = [
            models.UniqueConstraint(fields=["organization", "slug"], name="event_slug_once_per_tenant"),
            models.CheckConstraint(
                condition=models.Q(ends_at__gt=models.F("starts_at")), name="event_ends_after_start"
            ),
            models.CheckConstraint(
                condition=models.Q(registration_closes_at__gt=models.F("registration_opens_at")),
                name="registration_closes_after_opening",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def clean(self) -> None:
        self.allowed_email_domains = [domain.strip().lower().removeprefix("@") for domain in self.allowed_email_domains]
        for early, late in (("starts_at", "ends_at"), ("registration_opens_at", "registration_closes_at")):
            first, last = getattr(self, early), getattr(self, late)
            if first and last and last <= first:
                raise ValidationError({late: f"Must be later than “{early.replace('_', ' ')}”."})

    @property
    def zone(self) -> zoneinfo.ZoneInfo:
        return zoneinfo.ZoneInfo(self.time_zone)

    def is_over(self, now: datetime | None = None) -> bool:
        return (now or timezone.now()) >= self.ends_at


class EventAccount(TenantModel):
    """A sponsoring account of an event. Each has a group of its own, so that a racer gets into one account alone."""

    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="accounts")
    sponsoring_account = models.ForeignKey(SponsoringAccount, on_delete=models.PROTECT, related_name="event_accounts")
    share = models.PositiveIntegerField(
        default=1,
        validators=[MinValueValidator(1)],
        help_text="With several accounts: how many of the people it takes, against the others' shares.",
    )
    # What convergence found or made outside.
    directory_group_id = models.CharField(max_length=100, blank=True, editable=False)
    identity_center_group_id = models.CharField(max_length=100, blank=True, editable=False)
    permission_set_arn = models.CharField(max_length=200, blank=True, editable=False)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["event", "sponsoring_account"], name="account_once_per_event"),
        ]

    def __str__(self) -> str:
        return f"{self.event}: {self.sponsoring_account}"


class EventAccess(TenantModel):
    """An event chosen for a membership that is not for all events."""

    membership = models.ForeignKey(Membership, on_delete=models.CASCADE, related_name="chosen_events")
    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="+")

    class Meta:
        verbose_name_plural = "event access"
        constraints = [models.UniqueConstraint(fields=["membership", "event"], name="event_chosen_once")]

    def __str__(self) -> str:
        return f"{self.membership}: {self.event}"


class ClaimRuleEvent(TenantModel):
    """An event chosen for a role by claim that is not for all events."""

    rule = models.ForeignKey("sso.ClaimRule", on_delete=models.CASCADE, related_name="chosen_events")
    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["rule", "event"], name="event_chosen_once_per_rule")]

    def __str__(self) -> str:
        return f"{self.rule}: {self.event}"
