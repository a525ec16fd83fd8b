"""Usage person by person, for tables and exports."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from events.models import Event, SponsoringAccount
from participants.domain.usage.figures import Spending, sum_ledger
from participants.models import RacerProfile, Registration, UsageDay


@dataclass(frozen=True)
class RacerUsage:
    """What one racer used: for an event where that is asked, else in all. `registration` is missing for strangers."""

    account: SponsoringAccount
    profile: RacerProfile | None
    registration: Registration | None
    spending: Spending

    @property
    def as_of(self) -> datetime | None:
        return self.profile.seen_at if self.profile else None


def list_event_usage(*, event: Event) -> list[RacerUsage]:
    """Everybody who is or was registered, by name. Three queries."""
    spending = sum_ledger(UsageDay.objects.filter(event=event), "profile__participant")
    registrations = Registration.objects.filter(event=event).select_related(
        "participant", "group", "account__sponsoring_account"
    )
    rows = list(registrations.order_by("participant__family_name", "participant__given_name", "id"))
    profiles = _find_profiles(rows)
    return [
        RacerUsage(
            account=row.account.sponsoring_account,
            profile=profiles.get((row.participant_id, row.account.sponsoring_account_id)),
            registration=row,
            spending=spending.get(row.participant_id, Spending()),
        )
        for row in rows
    ]


def list_account_usage(*, account: SponsoringAccount) -> list[RacerUsage]:
    """Every racer whom the service knows or knew, by alias; strangers, too. Two queries."""
    spending = sum_ledger(UsageDay.objects.filter(profile__sponsoring_account=account), "profile")
    profiles = RacerProfile.objects.filter(sponsoring_account=account).exclude(service_id="")
    return [
        RacerUsage(account, profile, None, spending.get(profile.pk, Spending()))
        for profile in profiles.select_related("participant").order_by("alias", "id")
    ]


def _find_profiles(registrations: Sequence[Registration]) -> dict[tuple[int | None, int], RacerProfile]:
    profiles = RacerProfile.objects.filter(participant__in=[each.participant_id for each in registrations])
    return {(profile.participant_id, profile.sponsoring_account_id): profile for profile in profiles}
