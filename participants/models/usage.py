from django.db import models

from events.models import Event
from paddock.fields import MicroDollarField
from paddock.tenancy.models import TenantModel
from participants.models.racer import RacerProfile


class UsageDay(TenantModel):
    """The ledger: what one racer used on one day (UTC) for one event, at the prices of that day.

    Only ever added to. An event is missing where the racer was linked to nobody, or to nobody's running event.
    """

    profile = models.ForeignKey(RacerProfile, on_delete=models.PROTECT, related_name="usage")
    event = models.ForeignKey(Event, on_delete=models.PROTECT, null=True, related_name="usage")
    day = models.DateField()
    training_seconds = models.BigIntegerField(default=0)
    storage_byte_seconds = models.BigIntegerField(default=0)
    training_hour_price = MicroDollarField()
    storage_gigabyte_month_price = MicroDollarField()
    as_of = models.DateTimeField()

    class Meta:
        ordering = ["-day", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["profile", "event", "day", "training_hour_price", "storage_gigabyte_month_price"],
                name="usage_once_per_day_and_price",
                nulls_distinct=False,
            ),
        ]
        indexes = [models.Index(fields=["event", "day"], name="usage_of_event")]

    def __str__(self) -> str:
        return f"{self.profile}, {self.day}"
