"""What the racing service was seen to hold and should not: owed again, in batches."""

from collections import defaultdict
from collections.abc import Sequence

from django.db import transaction
from django.db.models import Exists, OuterRef

from events.domain.connections import open_racing
from events.domain.lookup import load_event
from events.models import SponsoringAccount
from integrations.racing.protocol import Limits
from participants.domain.owing import owe_steps
from participants.domain.sponsorship.aiming import aim_at, is_reached
from participants.domain.sponsorship.wanted import find_wanted
from participants.models import RacerProfile, Registration, Step

UNDER_WAY = (Step.State.BLOCKED, Step.State.READY, Step.State.CLAIMED)


def owe_what_drifted(*, account: SponsoringAccount) -> int:
    """Owe `sponsorship` for racers whose limits or state were seen to differ from what is wanted. Returns how many.

    What is under way already is left alone, and what has failed waits for a person. The number of queries depends on
    the number of events.
    """
    drifted = _find_drifted(account)
    owed: dict[int, list[int]] = defaultdict(list)
    for registration_id, event_id in _choose_registrations(account, drifted):
        owed[event_id].append(registration_id)
    with transaction.atomic():
        for event_id, registrations in sorted(owed.items()):
            owe_steps(event=load_event(event_id), registrations=registrations, kinds=["sponsorship"])
    return sum(len(registrations) for registrations in owed.values())


def _find_drifted(account: SponsoringAccount) -> list[RacerProfile]:
    """Those who were seen at the service, and whose they are is known."""
    seen = RacerProfile.objects.filter(sponsoring_account=account, participant__isnull=False, seen_at__isnull=False)
    profiles = list(seen.exclude(service_id=""))
    wanted, capabilities = find_wanted(profiles=profiles), open_racing(account).capabilities
    return [
        each
        for each in profiles
        if each.pk in wanted
        and not is_reached(
            aim_at(wanted[each.pk], capabilities),
            limits=Limits(each.max_minutes, each.max_models),
            state=each.state,
        )
    ]


def _choose_registrations(account: SponsoringAccount, profiles: Sequence[RacerProfile]) -> list[tuple[int, int]]:
    """One registration each carries the step: (its id, its event's id). Whoever takes part in nothing has none."""
    if not profiles:
        return []
    present = Registration.objects.filter(
        participant__in={each.participant_id for each in profiles},
        account__sponsoring_account=account,
        removed_at=None,
    )
    steps = Step.objects.filter(registration=OuterRef("pk"), kind="sponsorship")
    answered_for = present.filter(Exists(steps.filter(state__in=[*UNDER_WAY, Step.State.FAILED])))
    rows = present.exclude(participant__in=answered_for.values("participant")).order_by("participant_id", "-id")
    return list(rows.distinct("participant_id").values_list("id", "event_id"))
