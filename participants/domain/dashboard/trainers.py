"""Who trains most."""

from dataclasses import dataclass

from django.db.models import Sum

from events.models import Event
from participants.domain.quotas.balances import Balance, see_balances
from participants.models import Registration, UsageDay


@dataclass(frozen=True)
class Trainer:
    registration: Registration
    balance: Balance


def find_top_trainers(*, event: Event, number: int = 5) -> list[Trainer]:
    """Those who trained longest for the event, the longest first. Four queries."""
    trained = UsageDay.objects.filter(event=event, profile__participant__isnull=False, training_seconds__gt=0)
    sums = trained.order_by().values("profile__participant").annotate(seconds=Sum("training_seconds"))
    longest = [row["profile__participant"] for row in sums.order_by("-seconds", "profile__participant")[:number]]
    rows = Registration.objects.filter(event=event, participant__in=longest).select_related("participant")
    registrations = sorted(rows, key=lambda each: longest.index(each.participant_id))
    balances = see_balances(registrations=registrations)
    return [Trainer(each, balances[each.pk]) for each in registrations]
