"""Wanting models deleted. What a person chose is what goes, and nothing that was made since."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import transaction
from django.db.models import Count
from django.utils import timezone

from events.domain.connections import open_racing
from events.domain.lookup import load_event
from paddock.audit.recording import record
from participants.domain.operations import start_operation
from participants.domain.usage.attribution import find_deciding
from participants.models import Operation, RacerProfile, Registration, TrainedModel

NAMED = 20


def delete_models(
    *,
    models: Sequence[TrainedModel],
    carriers: Mapping[int, Registration],
    actor: AbstractBaseUser | None,
    reason: str,
) -> list[Operation]:
    """Mark these models as unwanted and owe their deletion: one operation for each event.

    `carriers` are the registrations that the steps belong to, by the racers' ids.
    """
    by_event: dict[int, list[TrainedModel]] = defaultdict(list)
    for model in models:
        by_event[carriers[model.profile_id].event_id].append(model)
    with transaction.atomic():
        TrainedModel.objects.filter(pk__in=[model.pk for model in models]).update(is_unwanted=True)
        return [_start(event_id, chosen, carriers, actor, reason) for event_id, chosen in sorted(by_event.items())]


def _start(
    event_id: int,
    models: Sequence[TrainedModel],
    carriers: Mapping[int, Registration],
    actor: AbstractBaseUser | None,
    reason: str,
) -> Operation:
    event, words = load_event(event_id), count_models(models)
    names = sorted(model.name for model in models)
    shown = ", ".join(names[:NAMED]) + (f" and {len(names) - NAMED} more" if len(names) > NAMED else "")
    record(
        actor=actor,
        action=f"deleted {words}",
        about=event,
        event_id=event_id,
        reason=reason,
        changes={"models": [shown, "to be deleted"]},
    )
    return start_operation(
        event=event,
        title=f"Delete {words}",
        reason=reason,
        actor=actor,
        registrations=sorted({carriers[model.profile_id].pk for model in models}),
        kinds=["models"],
    )


def count_models(models: Collection[TrainedModel]) -> str:
    """How many they are, and of how many racers."""
    racers = len({model.profile_id for model in models})
    many = "1 model" if len(models) == 1 else f"{len(models):,} models"
    return f"{many} of {'1 racer' if racers == 1 else f'{racers:,} racers'}"


def find_carriers(models: Collection[TrainedModel]) -> dict[int, Registration]:
    """The registration that each racer's models belong to, by the racer's id. One query.

    Needs the models' profiles. Those of nobody who ever took part are left out.
    """
    racers = {model.profile_id: model.profile for model in models}
    found = find_deciding(timezone.now()).filter(
        participant__in={racer.participant_id for racer in racers.values()},
        account__sponsoring_account__in={racer.sponsoring_account_id for racer in racers.values()},
    )
    by_person = {
        (row.participant_id, row.account.sponsoring_account_id): row for row in found.select_related("account")
    }
    people = {pk: (racer.participant_id, racer.sponsoring_account_id) for pk, racer in racers.items()}
    return {pk: by_person[person] for pk, person in people.items() if person in by_person}


def find_incomplete(models: Collection[TrainedModel]) -> dict[int, int]:
    """Racers whose account deletes all of their models or none, while some of theirs are not among these.

    How many models they have, by the racers' ids. Needs the models' profiles with their sponsoring accounts.
    """
    accounts = {model.profile.sponsoring_account_id: model.profile.sponsoring_account for model in models}
    whole = {pk for pk, account in accounts.items() if not open_racing(account).capabilities.deletes_single_models}
    chosen: dict[int, int] = defaultdict(int)
    for model in models:
        if model.profile.sponsoring_account_id in whole:
            chosen[model.profile_id] += 1
    racers = RacerProfile.objects.filter(pk__in=list(chosen)).annotate(number=Count("models"))
    numbers: dict[int, int] = dict(racers.order_by().values_list("pk", "number"))
    return {pk: number for pk, number in numbers.items() if number != chosen[pk]}
