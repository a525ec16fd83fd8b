"""What it costs to keep the models of people who go."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass

from django.utils import timezone

from events.models import SponsoringAccount
from participants.domain.usage.pricing import MONTH_SECONDS, cost_of, load_price_lists
from participants.models import RacerProfile, Registration


@dataclass(frozen=True)
class Storage:
    """What the last look at the accounts found; `monthly_cost` in micro-dollars."""

    bytes: int
    monthly_cost: int


def weigh_models(*, registrations: Collection[Registration]) -> Storage:
    """Needs the registrations' accounts. Three queries, however many people there are."""
    sponsored = {(each.participant_id, each.account.sponsoring_account_id) for each in registrations}
    sizes: dict[int, int] = defaultdict(int)
    rows = RacerProfile.objects.filter(
        participant__in={participant for participant, _ in sponsored},
        sponsoring_account__in={account for _, account in sponsored},
    )
    for participant, account, size in rows.values_list("participant", "sponsoring_account", "storage_bytes"):
        sizes[account] += size if (participant, account) in sponsored else 0
    prices = load_price_lists(SponsoringAccount.objects.filter(pk__in=list(sizes)))
    today = timezone.now().date()
    cost = sum(
        cost_of(byte_second_prices=size * MONTH_SECONDS * prices[pk].find(today).storage_gigabyte_month)
        for pk, size in sizes.items()
    )
    return Storage(bytes=sum(sizes.values()), monthly_cost=cost)
