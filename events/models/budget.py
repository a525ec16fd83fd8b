"""Money that may be spent, and what happens on the way there."""

from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils import timezone

from events.models.account import SponsoringAccount
from events.models.event import Event
from paddock.fields import MicroDollarField
from paddock.tenancy.models import TenantModel


class Budget(TenantModel):
    """Of an event or of a sponsoring account."""

    event = models.OneToOneField(Event, on_delete=models.CASCADE, null=True, blank=True, related_name="budget")
    sponsoring_account = models.OneToOneField(
        SponsoringAccount, on_delete=models.CASCADE, null=True, blank=True, related_name="budget"
    )
    amount = MicroDollarField("amount, USD")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(event=None) ^ models.Q(sponsoring_account=None), name="budget_of_one_thing"
            )
        ]

    def __str__(self) -> str:
        return f"Budget of {self.event or self.sponsoring_account}"

    def clean(self) -> None:
        if bool(self.event) == bool(self.sponsoring_account):
            raise ValidationError("A budget belongs either to an event or to a sponsoring account.")


class Threshold(TenantModel):
    """A share of a budget, and what is done once when spending reaches it."""

    class Action(models.TextChoices):
        ALERT = "alert", "Alert: mail the contacts"
        FREEZE = "freeze", "Freeze: pause everybody"
        STOP = "stop", "Stop: pause everybody and end running jobs"

    budget = models.ForeignKey(Budget, on_delete=models.CASCADE, related_name="thresholds")
    percent = models.PositiveIntegerField(validators=[MinValueValidator(1), MaxValueValidator(200)])
    action = models.CharField(max_length=10, choices=Action, default=Action.ALERT)
    fired_at = models.DateTimeField(null=True, editable=False, help_text="Empty: armed.")
    looked_at = models.DateTimeField(null=True, editable=False)
    finding = models.TextField(blank=True, editable=False, help_text="Why it fired or did not, with the figures.")

    class Meta:
        ordering = ["percent", "id"]
        constraints = [
            models.UniqueConstraint(fields=["budget", "percent", "action"], name="threshold_once_per_budget")
        ]

    def __str__(self) -> str:
        return f"{self.percent} % of {self.budget}"


class Firing(TenantModel):
    """That a threshold fired: with what figures, what was done, and whether the contacts heard of it."""

    class MailState(models.TextChoices):
        QUEUED = "queued", "Queued"
        SENDING = "sending", "Sending"
        SENT = "sent", "Sent"
        FAILED = "failed", "Failed"

    threshold = models.ForeignKey(Threshold, on_delete=models.CASCADE, related_name="firings")
    fired_at = models.DateTimeField(default=timezone.now)
    amount = MicroDollarField()
    spent = MicroDollarField()
    exposure = MicroDollarField()
    explanation = models.TextField()
    mail_state = models.CharField(max_length=10, choices=MailState, default=MailState.QUEUED)
    mail_due_at = models.DateTimeField(default=timezone.now)
    mail_attempts = models.PositiveIntegerField(default=0)
    mail_sent_to = ArrayField(models.EmailField(), default=list, help_text="Who need not be mailed again.")
    mail_error = models.TextField(blank=True)
    rearmed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-fired_at", "-id"]

    def __str__(self) -> str:
        return f"{self.threshold}, {self.fired_at:%Y-%m-%d %H:%M}"
