"""The events of a membership that came from claims."""

from typing import Any

from events.models import ClaimRuleEvent, EventAccess
from paddock.sso.models import ClaimRule
from paddock.tenancy.models import Membership


def choose_events(*, membership: Membership, rules: list[ClaimRule], **kwargs: Any) -> None:
    """Exactly those of the rules that gave the role, each time anew."""
    wanted = set(ClaimRuleEvent.objects.filter(rule__in=rules).values_list("event_id", flat=True))
    chosen = set(membership.chosen_events.values_list("event_id", flat=True))
    membership.chosen_events.filter(event_id__in=chosen - wanted).delete()
    EventAccess.objects.bulk_create(
        EventAccess(membership=membership, event_id=event_id) for event_id in sorted(wanted - chosen)
    )
