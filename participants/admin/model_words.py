"""How the admin shows a model."""

from django.template.defaultfilters import filesizeformat
from django.utils.timesince import timesince

from paddock.tenancy.admin_base import show_label
from participants.models import TrainedModel

STATUS = {
    TrainedModel.Status.READY: "success",
    TrainedModel.Status.WORKING: "info",
    TrainedModel.Status.FAILED: "danger",
    TrainedModel.Status.DELETING: "warning",
    "unwanted": "warning",
}


def show_standing(model: TrainedModel) -> str:
    """One that is to go is told from the others until it is gone."""
    if model.is_unwanted and model.status != TrainedModel.Status.DELETING:
        return show_label("unwanted", f"{model.get_status_display()}, to be deleted", STATUS)
    return show_label(model.status, model.get_status_display(), STATUS)


def word_model(model: TrainedModel) -> str:
    return f"{model.name} of {model.profile}"


def word_size(model: TrainedModel) -> str:
    """Not every service tells it, and none before a model has been trained."""
    return filesizeformat(model.size_bytes) if model.size_bytes else "not known"


def show_age(model: TrainedModel) -> str:
    return timesince(model.created_at, depth=1) if model.created_at else "-"
