"""How far people of an event came: whether they got in, and whether they trained."""

from typing import Any

from django.db.models import BooleanField, Case, Exists, OuterRef, When

from events.models import Event
from participants.models import Registration, Step, UsageDay


def find_everybody(*, event: Event) -> Any:
    """All registrations that the event ever had, with `has_trained` and `got_in` annotated.

    Whoever was removed took part all the same. Whoever has trained was in, even where their access is being verified
    anew. Typed loosely: the type checker cannot see what is annotated.
    """
    access = Step.objects.filter(registration=OuterRef("pk"), kind="access", state=Step.State.DONE)
    training = UsageDay.objects.filter(
        event=OuterRef("event"), profile__participant=OuterRef("participant"), training_seconds__gt=0
    )
    everybody: Any = Registration.objects.filter(event=event).order_by()
    return everybody.annotate(
        has_trained=Exists(training),
        got_in=Case(
            When(Exists(training), then=True),
            When(Exists(access), then=True),
            default=False,
            output_field=BooleanField(),
        ),
    )
