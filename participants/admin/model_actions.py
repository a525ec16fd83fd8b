"""Bulk actions that delete racers' models: chosen ones, or all of chosen people."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser
from django.db.models import QuerySet

from participants.admin.confirmation import BulkAction, Change, Preview, Skipped
from participants.admin.model_words import word_model, word_size
from participants.admin.words import word_person
from participants.domain.trained_models.deleting import count_models, delete_models, find_carriers, find_incomplete
from participants.models import Operation, Registration, TrainedModel

NOBODY = "Belongs to nobody who ever took part in an event of yours. Delete it in the account itself."
NAMED = 5


class DeletesModels(BulkAction):
    """The confirmation says how many models of how many racers, and has the person type the first number."""

    icon = "delete"
    button = "Delete"
    counted = ("model", "models")
    is_destructive = True


class DeleteModels(DeletesModels):
    """Of models."""

    name = "delete_models"
    label = "Delete models…"
    title = "Delete models"
    explanation = (
        "Deletes these models from their account for good, also where they were submitted to a race. What is in work "
        "is deleted as soon as it is idle."
    )

    def preview(self, *, rows: QuerySet[Any], answers: Mapping[str, Any]) -> Preview:
        models = load_models(rows)
        carriers, incomplete = find_carriers(models), find_incomplete(models)
        left_out = {each.pk: why for each in models if (why := _find_obstacle(each, carriers, incomplete))}
        going = [each for each in models if each.pk not in left_out]
        return Preview(
            changes=[_show(each) for each in going],
            skipped=[Skipped(word_model(each), left_out[each.pk]) for each in models if each.pk in left_out],
            warnings=warn(going),
        )

    def perform(
        self, *, rows: QuerySet[Any], answers: Mapping[str, Any], actor: AbstractBaseUser
    ) -> Sequence[Operation]:
        models = load_models(rows)
        return delete_models(models=models, carriers=find_carriers(models), actor=actor, reason=answers["reason"])


class DeleteModelsOfPeople(DeletesModels):
    """Of registrations: everything that these people keep in the account of their event."""

    name = "delete_all_models"
    label = "Delete models…"
    title = "Delete all models of people"
    explanation = (
        "Deletes every model of these people from their account for good, also those that were submitted to a race. "
        "What is in work is deleted as soon as it is idle. They may go on training, as far as their quota goes."
    )

    def preview(self, *, rows: QuerySet[Any], answers: Mapping[str, Any]) -> Preview:
        people = list(rows.select_related("participant", "event", "account").order_by("participant__family_name", "pk"))
        models, elsewhere = find_models_of(people)
        going = {each.pk: models[each.pk] for each in people if models[each.pk]}
        return Preview(
            changes=[_sum_up(each, going[each.pk]) for each in people if each.pk in going],
            skipped=[
                Skipped(word_person(each), elsewhere.get(each.pk, "Had no models when they were read last."))
                for each in people
                if each.pk not in going
            ],
            warnings=warn([model for found in going.values() for model in found]),
            number=sum(map(len, going.values())),
        )

    def perform(
        self, *, rows: QuerySet[Any], answers: Mapping[str, Any], actor: AbstractBaseUser
    ) -> Sequence[Operation]:
        found, _ = find_models_of(list(rows.select_related("account")))
        models = [model for some in found.values() for model in some]
        return delete_models(models=models, carriers=find_carriers(models), actor=actor, reason=answers["reason"])


def load_models(rows: QuerySet[Any]) -> list[TrainedModel]:
    loaded = rows.select_related("profile__participant", "profile__sponsoring_account")
    return list(loaded.order_by("profile__alias", "name", "pk"))


def find_models_of(people: Collection[Registration]) -> tuple[dict[int, list[TrainedModel]], dict[int, str]]:
    """By registration; and why somebody's models are not theirs to delete here. Three queries, for any number."""
    rows = TrainedModel.objects.filter(
        profile__participant__in={each.participant_id for each in people},
        profile__sponsoring_account__in={each.account.sponsoring_account_id for each in people},
    )
    models = load_models(rows)
    carriers, by_racer = find_carriers(models), defaultdict(list)
    for model in models:
        by_racer[model.profile.participant_id, model.profile.sponsoring_account_id].append(model)
    found: dict[int, list[TrainedModel]] = {}
    elsewhere: dict[int, str] = {}
    for each in people:
        theirs = by_racer[each.participant_id, each.account.sponsoring_account_id]
        found[each.pk] = [model for model in theirs if carriers[model.profile_id].pk == each.pk]
        if theirs and not found[each.pk]:
            elsewhere[each.pk] = "Takes part in another event on the same account now: their models are that one's."
    return found, elsewhere


def _find_obstacle(model: TrainedModel, carriers: Mapping[int, Registration], incomplete: Mapping[int, int]) -> str:
    if model.profile_id not in carriers:
        return NOBODY
    if model.profile_id not in incomplete:
        return ""
    account = model.profile.sponsoring_account.name
    return (
        f"“{account}” deletes all models of a racer or none: choose all {incomplete[model.profile_id]} of this racer."
    )


def _show(model: TrainedModel) -> Change:
    note = "In work: deleted once it is idle" if model.status == TrainedModel.Status.WORKING else ""
    return Change(
        model.pk, word_model(model), f"{model.get_status_display()}, size {word_size(model)}", "Deleted", note
    )


def _sum_up(registration: Registration, models: Sequence[TrainedModel]) -> Change:
    names = ", ".join(model.name for model in models[:NAMED])
    more = f" and {len(models) - NAMED} more" if len(models) > NAMED else ""
    working = sum(model.status == TrainedModel.Status.WORKING for model in models)
    note = f"{working} in work: deleted once idle" if working else ""
    return Change(registration.pk, word_person(registration), f"{names}{more}", f"{len(models)} deleted", note)


def warn(models: Collection[TrainedModel]) -> list[str]:
    """How much that is, and that it is only what was seen."""
    return [f"{count_models(models)} will be deleted. Nobody can bring them back."] if models else []


DELETE_MODELS, DELETE_MODELS_OF_PEOPLE = DeleteModels(), DeleteModelsOfPeople()
