from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models

from events.models.account import SponsoringAccount
from events.models.event import Event
from integrations.racing.protocol import RaceType, Timing
from paddock.fields import EncryptedTextField
from paddock.tenancy.models import TenantModel

RACE_TYPES = [(RaceType.TIME_TRIAL.value, "Time trial"), (RaceType.OBJECT_AVOIDANCE.value, "Object avoidance")]
TIMINGS = [
    (Timing.BEST_LAP.value, "Best lap"),
    (Timing.AVERAGE_LAP.value, "Average lap"),
    (Timing.TOTAL_TIME.value, "Total time"),
]


class Race(TenantModel):
    """A leaderboard of an event: made in a sponsoring account by Paddock, or linked by its address."""

    class State(models.TextChoices):
        LINKED = "linked", "Linked"
        OWED = "owed", "Under way"
        READY = "ready", "Ready"
        FAILED = "failed", "Failed"

    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="races")
    name = models.CharField(max_length=200)
    description = models.CharField(max_length=255, blank=True)
    sponsoring_account = models.ForeignKey(
        SponsoringAccount,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="races",
        help_text="Where Paddock makes the race. Empty: it is linked by its URL.",
    )
    url = models.URLField("URL", max_length=500, blank=True, help_text="Where racers submit their models.")
    opens_at = models.DateTimeField(null=True, blank=True)
    closes_at = models.DateTimeField(null=True, blank=True)
    track = models.CharField(max_length=300, blank=True)
    race_type = models.CharField(max_length=20, choices=RACE_TYPES, default=RaceType.TIME_TRIAL.value)
    timing = models.CharField(max_length=20, choices=TIMINGS, default=Timing.BEST_LAP.value)
    laps = models.PositiveIntegerField(default=3, validators=[MinValueValidator(1), MaxValueValidator(10)])
    submissions_per_racer = models.PositiveIntegerField(default=50, validators=[MinValueValidator(1)])
    in_welcome_mail = models.BooleanField(default=False, help_text="The access mail names this race and its address.")

    # Intent, and what convergence found or made outside.
    state = models.CharField(max_length=10, choices=State, default=State.LINKED, editable=False)
    problem = models.TextField(blank=True, editable=False)
    wants_closed = models.BooleanField(default=False, editable=False)
    wants_token = models.BooleanField(default=False, editable=False, help_text="A new invitation is owed.")
    service_id = models.CharField(max_length=300, blank=True, editable=False)
    service_name = models.CharField(max_length=64, blank=True, editable=False)
    token = EncryptedTextField(blank=True, editable=False)
    token_made_at = models.DateTimeField(null=True, editable=False)
    results_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        ordering = ["opens_at", "id"]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        if self.sponsoring_account_id is None:
            missing = {} if self.url else {"url": "A race that was made elsewhere needs its URL."}
        else:
            missing = {
                name: "Paddock needs this to make the race."
                for name in ("opens_at", "closes_at", "track")
                if not getattr(self, name)
            }
        if missing:
            raise ValidationError(missing)
        if self.opens_at and self.closes_at and self.closes_at <= self.opens_at:
            raise ValidationError({"closes_at": "Must be later than the opening."})
