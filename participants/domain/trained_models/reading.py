"""Reading racers' models from their service, and keeping what was seen."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from integrations.errors import IntegrationError
from integrations.racing.protocol import RacingService
from integrations.racing.protocol import TrainedModel as SeenModel
from paddock.bulk import upsert_rows
from participants.models import RacerProfile, TrainedModel

# One racer's models are one call; beyond this, everybody's are fewer.
FEW = 20

Models = Mapping[str, Sequence[SeenModel] | IntegrationError]


def look_at_models(*, service: RacingService, racers: Collection[RacerProfile]) -> Models:
    """The models of these racers, by service id, as they are now; what is stored follows.

    For few racers an error concerns one of them alone; for many it is raised as IntegrationError.
    """
    looked_at = timezone.now()
    models = _read(service, [racer.service_id for racer in racers])
    seen = {racer.pk: found for racer in racers if not isinstance(found := models[racer.service_id], IntegrationError)}
    keep_models(seen, looked_at=looked_at)
    return models


def _read(service: RacingService, service_ids: Sequence[str]) -> Models:
    if len(service_ids) <= FEW:
        return {service_id: _read_one(service, service_id) for service_id in service_ids}
    models: dict[str, list[SeenModel]] = {service_id: [] for service_id in service_ids}
    for page in service.list_all_models():
        for model in page:
            if model.profile_id in models:
                models[model.profile_id].append(model)
    return models


def _read_one(service: RacingService, service_id: str) -> Sequence[SeenModel] | IntegrationError:
    try:
        return service.list_models(service_id)
    except IntegrationError as error:
        return error


def keep_models(seen: Mapping[int, Sequence[SeenModel]], *, looked_at: datetime) -> None:
    """What these racers, by their rows' ids, have: all of it, so that what is not among it is gone."""
    with transaction.atomic():
        put_models(seen, looked_at=looked_at)
        drop_unseen(list(seen), looked_at=looked_at)


def put_models(seen: Mapping[int, Sequence[SeenModel]], *, looked_at: datetime) -> None:
    """In one statement, however many, and in one order for everybody, so that two at once do not hold up each other."""
    found = {(racer_id, model.service_id): model for racer_id, models in seen.items() for model in models}
    rows = dict(sorted(found.items()))
    if not rows:
        return
    observed: dict[str, Sequence[Any]] = {
        "name": [model.name[:100] for model in rows.values()],
        "status": [model.status.value for model in rows.values()],
        "size_bytes": [model.size_bytes for model in rows.values()],
        "created_at": [model.created_at for model in rows.values()],
        "seen_at": [looked_at] * len(rows),
    }
    keys: dict[str, Sequence[Any]] = {"profile_id": [key[0] for key in rows], "service_id": [key[1] for key in rows]}
    upsert_rows(TrainedModel, {**keys, **observed}, unique=list(keys), update=list(observed))


def drop_unseen(racers: Collection[int], *, looked_at: datetime) -> None:
    """A look that began later, and was quicker, knows better."""
    TrainedModel.objects.filter(profile__in=racers, seen_at__lt=looked_at).delete()
