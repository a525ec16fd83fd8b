"""Models: an administrator sees their own and all racers'."""

from integrations.sandbox.aws.deepracer.errors import in_use, missing
from integrations.sandbox.aws.deepracer.members import MODEL_ARN, PAGING, SORT_BY, SORT_ORDER
from integrations.sandbox.aws.deepracer.operation import Body, Caller, Operation, milliseconds
from integrations.sandbox.aws.deepracer.paging import page
from integrations.sandbox.aws.deepracer.shapes import Structure, Text
from integrations.sandbox.racing.accounts import Account, Model, ModelStatus
from integrations.sandbox.racing.models import ModelInUse, request_deletion

GIGABYTE = 2**30

_OF_MODEL = Structure({"ModelArn": MODEL_ARN})


def list_models(caller: Caller, request: Body) -> Body:
    direction = -1 if request.get("SortOrder") == "DESCENDING" else 1
    numbered = [(direction * model.number, model) for model in caller.account.models.values()]
    models, more = page(numbered[::direction], request)
    return {"Models": [describe_model(caller.account, model) for model in models], **more}


def get_model(caller: Caller, request: Body) -> Body:
    return {"Model": describe_model(caller.account, model_of(caller.account, request["ModelArn"]))}


def delete_model(caller: Caller, request: Body) -> Body:
    """Whoever reads on finds the model as DELETING for a while."""
    arn = request["ModelArn"]
    try:
        request_deletion(caller.account, model_of(caller.account, arn), moment=caller.moment)
    except ModelInUse:
        raise in_use(arn) from None
    return {}


def model_of(account: Account, arn: str) -> Model:
    """Raises DeepRacerError, also for what is another account's."""
    model = account.models.get(arn.rpartition("/")[2])
    if model is None or model_arn(account, model.model_id) != arn:
        raise missing(arn)
    return model


def model_arn(account: Account, model_id: str) -> str:
    return f"arn:aws:deepracer:{account.region}:{account.account_id}:model/reinforcement_learning/{model_id}"


def describe_model(account: Account, model: Model) -> Body:
    waits = model.status is ModelStatus.QUEUED
    owner = account.profiles.get(model.profile_id)
    return {
        "ModelType": "REINFORCEMENT_LEARNING",
        "ModelName": model.name,
        "ModelArn": model_arn(account, model.model_id),
        "WasImported": False,
        "CreationTime": milliseconds(model.created_at),
        "ModelFramework": "TENSOR_FLOW",
        "AgentAlgorithm": "PPO",
        "AgentNetwork": "SIX_LAYER_DOUBLE_HEAD_OUTPUT",
        "Status": "CREATED" if waits else model.status.value,
        "ModelSizeInGb": model.size_bytes / GIGABYTE,
        **({"CreatedByAlias": owner.alias} if owner else {}),
    }


OPERATIONS = {
    "ListModels": Operation(
        Structure(
            {"ModelType": Text(choices=("REINFORCEMENT_LEARNING",))},
            {**PAGING, "SortBy": SORT_BY, "SortOrder": SORT_ORDER},
        ),
        list_models,
    ),
    "GetModel": Operation(_OF_MODEL, get_model),
    "DeleteModel": Operation(_OF_MODEL, delete_model),
}
