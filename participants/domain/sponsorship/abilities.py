"""What the accounts of people can do."""

from collections.abc import Collection

from events.domain.connections import open_racing
from events.models import SponsoringAccount


def find_unstoppable(*, registrations: Collection[int]) -> list[str]:
    """Names of these people's accounts that cannot end jobs. Calls nobody."""
    accounts = SponsoringAccount.objects.filter(event_accounts__registrations__in=registrations).distinct()
    return sorted(account.name for account in accounts if not open_racing(account).capabilities.stops_jobs)
