"""A racer's models on the racer's page, as they are at this moment."""

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.urls import URLPattern, path, reverse
from django.views.decorators.http import require_GET

from paddock.tenancy.admin_base import show_time
from participants.admin.actions import find_object
from participants.admin.confirmation_pages import OffersBulkActions, offer
from participants.admin.model_actions import DELETE_MODELS
from participants.admin.model_words import show_age, show_standing, word_size
from participants.domain.trained_models.refreshing import see_models
from participants.models import RacerProfile, TrainedModel


class RacerModelsPage(OffersBulkActions):
    """Adds a racer's models to the racer's page. They are asked for by the page itself, so that it need not wait."""

    change_form_outer_after_template = "admin/models/of_racer.html"
    delete_models = offer(DELETE_MODELS, model=TrainedModel, choose="racer")

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(require_GET(self.models_view))
        rest: list[URLPattern] = super().get_urls()
        return [path("<path:object_id>/models/", view, name="participants_racerprofile_models"), *rest]

    def models_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        racer: RacerProfile = find_object(self, request, object_id)
        return HttpResponse(show_models(racer))


def show_models(racer: RacerProfile) -> str:
    reading = see_models(racer=racer)
    models = list(reading.models)
    return render_to_string(
        "admin/models/table.html",
        {
            "models": [
                {
                    "name": model.name,
                    "href": reverse("admin:participants_trainedmodel_change", args=[model.pk]),
                    "standing": show_standing(model),
                    "size": word_size(model),
                    "age": show_age(model),
                }
                for model in models
            ],
            "as_of": show_time(reading.as_of) if reading.as_of else "",
            "problem": reading.problem,
        },
    )
