"""Everybody's models, as they were seen last."""

from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.utils import quote
from django.db.models import OuterRef, QuerySet, Subquery
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django_htmx.http import HttpResponseClientRedirect
from unfold.decorators import action

from events.models import SponsoringAccount
from paddock.tenancy.admin_base import (
    ReadOnly,
    TenantAdmin,
    limit_to_chosen_events,
    sees_all_events,
    show_time,
)
from participants.admin.actions import OptionalReasonDialog, find_actor, find_object
from participants.admin.confirmation_pages import BulkActionsMixin, offer
from participants.admin.filters import AccountFilter, EventFilter
from participants.admin.model_actions import DELETE_MODELS
from participants.admin.model_words import show_age, show_standing, word_size
from participants.domain.reading import list_models_now
from participants.domain.trained_models.refreshing import find_looks
from participants.domain.usage.attribution import find_deciding
from participants.models import RacerProfile, Registration, TrainedModel


class ModelAccountFilter(AccountFilter):
    path = "profile__sponsoring_account"


class ModelEventFilter(EventFilter):
    path = "deciding_event"


def find_deciding_registration() -> QuerySet[Registration]:
    """Whose a model is, for a query of models."""
    return find_deciding(timezone.now()).filter(
        participant=OuterRef("profile__participant"),
        account__sponsoring_account=OuterRef("profile__sponsoring_account"),
    )


@admin.register(TrainedModel)
class TrainedModelAdmin(BulkActionsMixin, ReadOnly, TenantAdmin):
    list_display = ["named", "racer", "account", "event", "standing", "size", "age"]
    list_filter = ["status", ModelEventFilter, ModelAccountFilter]
    list_select_related = ["profile__participant", "profile__sponsoring_account"]
    search_fields = [
        "name",
        "profile__alias",
        "profile__participant__email_key",
        "profile__participant__family_name",
        "profile__participant__given_name",
    ]
    search_help_text = "Model, alias, e-mail address or name"
    fields = [("named", "standing"), ("racer", "account"), "event", ("size", "made"), "seen", "service_id"]
    readonly_fields = ["named", "standing", "racer", "account", "event", "size", "made", "seen", "service_id"]
    list_before_template = "admin/models/looks.html"
    bulk_actions = [DELETE_MODELS]
    actions_list = ["refresh"]
    actions_detail = ["delete_models"]
    delete_models = offer(DELETE_MODELS, model=TrainedModel, choose="id")

    def get_queryset(self, request: HttpRequest) -> QuerySet[TrainedModel]:
        """Whoever is for chosen events sees the models that belong to these."""
        deciding = find_deciding_registration()
        queryset: QuerySet[TrainedModel] = super().get_queryset(request)
        rows = queryset.annotate(
            deciding_event=Subquery(deciding.values("event")[:1]),
            event_title=Subquery(deciding.values("event__title")[:1]),
        )
        return rows if sees_all_events(request) else limit_to_chosen_events(request, rows, "deciding_event")

    def _find_rows(self, request: HttpRequest) -> QuerySet[Any]:
        """From a racer's page, all that this racer keeps."""
        if racer_id := request.GET.get("racer"):
            racer: RacerProfile = find_object(admin.site.get_model_admin(RacerProfile), request, racer_id)
            return self.get_queryset(request).filter(profile=racer.pk)
        return super()._find_rows(request)

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        context = (extra_context or {}) | {"looks": show_looks()}
        response: HttpResponse = super().changelist_view(request, context)
        return response

    def has_refresh_permission(self, request: HttpRequest, object_id: str | None = None) -> bool:
        return self.has_organizer_permission(request)

    @action(  # type: ignore[untyped-decorator]
        description="Read now",
        icon="sync",
        permissions=["refresh"],
        url_path="refresh",
        dialog={
            "title": "Read all models now?",
            "description": "Paddock lists the models of everybody in every sponsoring account. It does so every hour "
            "by itself, and for a single racer on the racer's page.",
            "form_class": OptionalReasonDialog,
            "form_submit_text": "Read now",
        },
    )
    def refresh(self, request: HttpRequest, form: Any) -> HttpResponse:
        list_models_now(actor=find_actor(request), reason=form.cleaned_data["reason"])
        self.message_user(request, "The models are being read. Reload this page in a moment.", messages.SUCCESS)
        page = reverse("admin:participants_trainedmodel_changelist")
        return HttpResponseClientRedirect(page) if request.headers.get("HX-Request") else HttpResponseRedirect(page)

    @admin.display(description="Model", ordering="name")
    def named(self, model: TrainedModel) -> str:
        return model.name

    @admin.display(description="Racer", ordering="profile__alias")
    def racer(self, model: TrainedModel) -> str:
        page = reverse("admin:participants_racerprofile_change", args=[quote(model.profile_id)])
        return format_html('<a class="text-link" href="{}">{}</a>', page, model.profile)

    @admin.display(description="Account", ordering="profile__sponsoring_account__name")
    def account(self, model: TrainedModel) -> str:
        return model.profile.sponsoring_account.name

    @admin.display(description="Event", ordering="event_title")
    def event(self, model: Any) -> str:
        return model.event_title or "-"

    @admin.display(description="Status", ordering="status")
    def standing(self, model: TrainedModel) -> str:
        return show_standing(model)

    @admin.display(description="Size", ordering="size_bytes")
    def size(self, model: TrainedModel) -> str:
        return word_size(model) if model.size_bytes else "-"

    @admin.display(description="Age", ordering="-created_at")
    def age(self, model: TrainedModel) -> str:
        return show_age(model)

    @admin.display(description="Made")
    def made(self, model: TrainedModel) -> str:
        return show_time(model.created_at)

    @admin.display(description="As of")
    def seen(self, model: TrainedModel) -> str:
        return show_time(model.seen_at)


def show_looks() -> list[dict[str, str]]:
    """When each account's models were read last, and what kept them from being read since."""
    accounts = list(SponsoringAccount.objects.order_by("name", "pk"))
    looks = find_looks(accounts)
    return [
        {
            "account": account.name,
            "as_of": show_time(look.as_of) if look and look.as_of else "",
            "problem": look.problem if look else "",
        }
        for account in accounts
        for look in [looks.get(account.pk)]
    ]
