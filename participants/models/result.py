from django.db import models

from events.models import Race
from paddock.tenancy.models import TenantModel
from participants.models.racer import RacerProfile


class RaceResult(TenantModel):
    """One place on a race's leaderboard, as last read. Without a profile nobody knows whose it is."""

    race = models.ForeignKey(Race, on_delete=models.CASCADE, related_name="results")
    rank = models.PositiveIntegerField()
    alias = models.CharField(max_length=64)
    profile = models.ForeignKey(RacerProfile, on_delete=models.SET_NULL, null=True, related_name="results")
    is_ambiguous = models.BooleanField(default=False, help_text="Several racers go by this alias.")
    time_milliseconds = models.PositiveBigIntegerField()
    submissions = models.PositiveIntegerField(default=0)
    submitted_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["rank", "id"]
        constraints = [models.UniqueConstraint(fields=["race", "rank", "alias"], name="result_once_per_place")]

    def __str__(self) -> str:
        return f"{self.rank}. {self.alias}"
