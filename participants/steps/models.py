"""Deleting the models that a person wants gone, once nothing works on them, and seeing that they are gone."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence

from events.domain.connections import open_racing
from events.models import EventAccount
from integrations.errors import IntegrationError
from integrations.racing.protocol import ModelStatus, RacingService
from integrations.racing.protocol import TrainedModel as SeenModel
from participants.convergence.kinds import Purpose, step_kind
from participants.convergence.outcomes import Done, Failed, Outcome, Retry, Wait, judge
from participants.domain.trained_models.reading import Models, look_at_models
from participants.models import RacerProfile, Step, TrainedModel
from participants.steps.people import by_account
from participants.steps.sponsorship import NEVER_SIGNED_IN, find_profiles_of

NAMED = 5
# Another look, such as that of a person at the racer's page, may have been the one that did not find them.
NOTHING = Done("Read back: nothing unwanted is left.")
IDLE = (ModelStatus.READY, ModelStatus.FAILED)

Unwanted = Mapping[int, set[str]]  # the models' service ids, by racer


@step_kind(
    "models",
    title="Deletion of models",
    promise="Models of yours are deleted",
    batch_size=500,  # everybody's models are read once
    together=True,
    purpose=Purpose.SERVE,  # whoever has left may have left models behind
)
def delete_unwanted_models(steps: Sequence[Step]) -> dict[int, Outcome]:
    outcomes: dict[int, Outcome] = {}
    for account, some in by_account(steps):
        racers = find_profiles_of(account, some)
        outcomes |= {step.pk: NOTHING if step.pk in racers else NEVER_SIGNED_IN for step in some}
        outcomes |= _delete_of_account(account, racers)
    return outcomes


def _delete_of_account(account: EventAccount, racers: Mapping[int, RacerProfile]) -> dict[int, Outcome]:
    """A refusal of one account says nothing of the event's others."""
    unwanted = _find_unwanted(racers.values())
    owed = {pk: racer for pk, racer in racers.items() if racer.pk in unwanted}
    try:
        return _delete(open_racing(account.sponsoring_account), owed, unwanted) if owed else {}
    except IntegrationError as error:
        return dict.fromkeys(owed, judge(error))


def _find_unwanted(racers: Collection[RacerProfile]) -> Unwanted:
    unwanted: dict[int, set[str]] = defaultdict(set)
    rows = TrainedModel.objects.filter(profile__in=[racer.pk for racer in racers], is_unwanted=True)
    for racer_id, service_id in rows.values_list("profile", "service_id"):
        unwanted[racer_id].add(service_id)
    return unwanted


def _delete(service: RacingService, racers: Mapping[int, RacerProfile], unwanted: Unwanted) -> dict[int, Outcome]:
    models = look_at_models(service=service, racers=racers.values())
    single = service.capabilities.deletes_single_models
    ask = _delete_single if single else _delete_whole
    answers = ask(service, racers.values(), models, unwanted)
    if answers:
        models = look_at_models(service=service, racers=racers.values())
    return {
        pk: _judge(models[racer.service_id], unwanted[racer.pk], answers.get(racer.pk), single=single)
        for pk, racer in racers.items()
    }


# What each of the racers who were asked for was answered, by the racer's id.
Answers = Mapping[int, IntegrationError | None]


def _delete_single(
    service: RacingService, racers: Collection[RacerProfile], models: Models, unwanted: Unwanted
) -> Answers:
    targets = {
        racer.pk: [model for model in _known(models, racer) if model.service_id in unwanted[racer.pk]]
        for racer in racers
    }
    idle = {pk: [model for model in found if model.status in IDLE] for pk, found in targets.items()}
    asked = [model for found in idle.values() for model in found]
    told = service.delete_models(asked) if asked else {}
    return {
        pk: next(filter(None, (told[model.service_id] for model in found)), None) for pk, found in idle.items() if found
    }


def _delete_whole(
    service: RacingService, racers: Collection[RacerProfile], models: Models, unwanted: Unwanted
) -> Answers:
    """Only of racers all of whose models are unwanted, and none in work."""
    asked = {racer.service_id: racer.pk for racer in racers if _may_go(_known(models, racer), unwanted[racer.pk])}
    told = service.delete_all_models(list(asked)) if asked else {}
    return {pk: told[service_id] for service_id, pk in asked.items()}


def _may_go(models: Sequence[SeenModel], unwanted: set[str]) -> bool:
    goes = all(m.service_id in unwanted and m.status is not ModelStatus.WORKING for m in models)
    return goes and any(model.status in IDLE for model in models)


def _known(models: Models, racer: RacerProfile) -> Sequence[SeenModel]:
    found = models[racer.service_id]
    return [] if isinstance(found, IntegrationError) else found


def _judge(
    models: Sequence[SeenModel] | IntegrationError,
    unwanted: set[str],
    refusal: IntegrationError | None,
    *,
    single: bool,
) -> Outcome:
    if isinstance(models, IntegrationError):
        return judge(models)
    left = [model for model in models if model.service_id in unwanted]
    others = [model for model in models if model.service_id not in unwanted]
    if not left:
        return Done(f"Read back: the unwanted models are gone, {len(others)} are left.")
    if others and not single:
        return Failed(
            "This account deletes all models of a racer or none, and by now this one has others as well: "
            f"{_name(others)}. Nothing was deleted. Choose all of them, or none."
        )
    if working := [model for model in left if model.status is ModelStatus.WORKING]:
        return Wait(f"Still in work: {_name(working)}.")
    if all(model.status is ModelStatus.DELETING for model in left):
        return Wait(f"Being deleted: {_name(left)}.")
    if refusal is not None:
        return judge(refusal)
    return Retry(f"The service was asked to delete them, but still shows {_name(left)}.")


def _name(models: Sequence[SeenModel]) -> str:
    names = sorted(model.name for model in models)
    return ", ".join(names[:NAMED]) + (f" and {len(names) - NAMED} more" if len(names) > NAMED else "")
