from django.db import models

from events.models.account import SponsoringAccount
from paddock.fields import MicroDollarField
from paddock.tenancy.models import TenantModel


class Price(TenantModel):
    """What training costs in a sponsoring account, from a day on."""

    sponsoring_account = models.ForeignKey(SponsoringAccount, on_delete=models.CASCADE, related_name="prices")
    valid_from = models.DateField(help_text="The first day (UTC) that it holds for.")
    training_hour = MicroDollarField("an hour of training, USD")
    storage_gigabyte_month = MicroDollarField("a gigabyte stored for a month, USD")

    class Meta:
        ordering = ["-valid_from"]
        constraints = [
            models.UniqueConstraint(fields=["sponsoring_account", "valid_from"], name="price_once_per_day"),
        ]

    def __str__(self) -> str:
        return f"{self.sponsoring_account}, from {self.valid_from}"
