"""That somebody wants multi-user mode on or off, and what its models go on costing while it is off."""

from dataclasses import dataclass

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import transaction
from django.db.models import Sum
from django.utils import timezone

from events.models import SponsoringAccount
from paddock.audit.recording import record
from participants.domain.mode.schedule import request_mode
from participants.domain.usage.pricing import MONTH_SECONDS, cost_of, load_price_lists
from participants.models import RacerProfile, TrainedModel


def want_mode(*, account: SponsoringAccount, wanted: bool, actor: AbstractBaseUser | None, reason: str) -> None:
    """The wish is open until the service was read to have it so. What others switch after that is theirs: whoever
    runs the account may switch the mode off by hand, and Paddock does not fight them.
    """
    with transaction.atomic():
        found = SponsoringAccount.objects.select_for_update(no_key=True).get(pk=account.pk)
        before = found.mode_is_on if found.wants_mode is None else found.wants_mode
        SponsoringAccount.objects.filter(pk=account.pk).update(wants_mode=wanted)
        record(
            actor=actor,
            action="activated multi-user mode" if wanted else "deactivated multi-user mode",
            about=found,
            reason=reason,
            changes={"multi-user mode": [_word(before), _word(wanted)]},
        )
        request_mode(organization_id=found.organization.pk, account_id=found.pk)


def _word(is_on: bool | None) -> str:
    return "unknown" if is_on is None else "on" if is_on else "off"


@dataclass(frozen=True)
class Leftovers:
    """What stays in an account, as the last look found it. `models` is None where the service does not tell;
    `monthly_cost` is in micro-dollars.
    """

    racers: int
    models: int | None
    bytes: int
    monthly_cost: int


def weigh_leftovers(*, account: SponsoringAccount) -> Leftovers:
    profiles = RacerProfile.objects.filter(sponsoring_account=account).exclude(service_id="")
    sums = profiles.aggregate(models=Sum("model_count"), stored=Sum("storage_bytes", default=0))
    rates = load_price_lists([account])[account.pk].find(timezone.now().date())
    return Leftovers(
        racers=profiles.count(),
        models=TrainedModel.objects.filter(profile__in=profiles).count() or sums["models"],
        bytes=sums["stored"],
        monthly_cost=cost_of(byte_second_prices=sums["stored"] * MONTH_SECONDS * rates.storage_gigabyte_month),
    )
