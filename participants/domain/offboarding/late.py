"""Racers who were found only after they had been removed: a sign-in may outlast the access that it came by."""

from collections import defaultdict

from django.db import transaction
from django.db.models import Exists, OuterRef

from events.domain.lookup import load_event
from events.models import SponsoringAccount
from participants.domain.offboarding.kinds import NEVER_SIGNED_IN, REGISTRATION_KINDS
from participants.domain.owing import owe_steps
from participants.models import RacerProfile, Registration, Step


def owe_late_arrivals(*, account: SponsoringAccount) -> int:
    """Take back from those whom the service knows by now, though they had never signed in when they went.

    Returns how many. One query where there are none.
    """
    known = RacerProfile.objects.filter(sponsoring_account=account, participant=OuterRef("participant"))
    unseen = Step.objects.filter(
        registration=OuterRef("pk"), kind="remove_profile", state=Step.State.DONE, detail=NEVER_SIGNED_IN
    )
    removed = Registration.objects.filter(account__sponsoring_account=account, removed_at__isnull=False)
    late = removed.filter(Exists(unseen), Exists(known.exclude(service_id=""))).order_by("pk")
    people: dict[int, list[int]] = defaultdict(list)
    for event_id, pk in late.values_list("event", "id"):
        people[event_id].append(pk)
    with transaction.atomic():
        for event_id, found in sorted(people.items()):
            owe_steps(event=load_event(event_id), registrations=found, kinds=REGISTRATION_KINDS)
    return sum(len(found) for found in people.values())
