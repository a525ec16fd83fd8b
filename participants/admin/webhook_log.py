"""The log of what webhooks were told: what, when, how often, and what came back."""

import json
from typing import Any

from django.contrib import admin
from django.db.models import OuterRef, QuerySet, Subquery
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.views.decorators.http import require_GET

from paddock.tenancy.admin_base import ReadOnly, TenantAdmin, show_label, show_time
from participants.admin.actions import find_object
from participants.admin.confirmation_pages import BulkActionsMixin, offer
from participants.admin.filters import EventFilter
from participants.admin.webhook_actions import REDELIVER
from participants.domain.webhooks.catalogue import TYPES
from participants.models import WebhookAttempt, WebhookDelivery, WebhookEndpoint

State = WebhookDelivery.State
WORDS = {
    State.READY: ("Waiting", "warning"),
    State.CLAIMED: ("Being sent", "info"),
    State.DONE: ("Delivered", "success"),
    State.FAILED: ("Given up", "danger"),
}
# A page about something that is about to happen asks again by itself.
SOON_SECONDS = 60


class StateFilter(admin.SimpleListFilter):
    title = "state"
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(state.value, word) for state, (word, _) in WORDS.items()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[WebhookDelivery]) -> QuerySet[WebhookDelivery]:
        return queryset.filter(state=self.value()) if self.value() else queryset


class TypeFilter(admin.SimpleListFilter):
    title = "type"
    parameter_name = "type"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(name, name) for name in TYPES]

    def queryset(self, request: HttpRequest, queryset: QuerySet[WebhookDelivery]) -> QuerySet[WebhookDelivery]:
        return queryset.filter(message__type=self.value()) if self.value() else queryset


class WebhookFilter(admin.SimpleListFilter):
    title = "webhook"
    parameter_name = "webhook"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(str(each.pk), str(each)) for each in WebhookEndpoint.objects.all()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[WebhookDelivery]) -> QuerySet[WebhookDelivery]:
        value = self.value()
        if not value:
            return queryset
        return queryset.filter(endpoint=int(value)) if value.isdigit() else queryset.none()


class MessageOfEventFilter(EventFilter):
    path = "message__event"


@admin.register(WebhookDelivery)
class WebhookDeliveryAdmin(BulkActionsMixin, ReadOnly, TenantAdmin):
    event_path = "message__event"
    list_display = ["kind", "about", "to", "standing", "attempts", "last_answer", "when", "next_try"]
    list_filter = [StateFilter, TypeFilter, MessageOfEventFilter, WebhookFilter]
    list_select_related = ["endpoint", "message__event", "message__registration__participant"]
    search_fields = ["message__registration__participant__email_key"]
    search_help_text = "E-mail address"
    fields = ["kind", "about", "to", "key", "when", "body"]
    readonly_fields = fields
    bulk_actions = [REDELIVER]
    actions_detail = ["redeliver"]
    redeliver = offer(REDELIVER, model=WebhookDelivery, choose="id")
    change_form_outer_before_template = "admin/operation/progress_of_page.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[WebhookDelivery]:
        rows: Any = super().get_queryset(request)  # typed loosely: its own queryset knows more
        last = WebhookAttempt.objects.filter(delivery=OuterRef("pk")).order_by("-id")
        queryset: QuerySet[WebhookDelivery] = rows.with_place().annotate(
            last_status=Subquery(last.values("status")[:1]), last_text=Subquery(last.values("answer")[:1])
        )
        return queryset

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(require_GET(self.progress_view))
        rest: list[URLPattern] = super().get_urls()
        return [path("<path:object_id>/progress/", view, name="participants_webhookdelivery_progress"), *rest]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        delivery = self.get_object(request, object_id)
        context = (extra_context or {}) | {"progress_html": self._show(delivery) if delivery else ""}
        response: HttpResponse = super().change_view(request, object_id, form_url, context)
        return response

    def progress_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return HttpResponse(self._show(find_object(self, request, object_id)))

    def _show(self, delivery: WebhookDelivery) -> str:
        attempts = [
            {
                "at": show_time(each.at),
                "status": each.status or "No answer",
                "is_success": each.status is not None and 200 <= each.status < 300,
                "milliseconds": each.milliseconds,
                "answer": each.answer,
            }
            for each in delivery.tries.all()
        ]
        context = {
            "delivery": delivery,
            "standing": self.standing(delivery),
            "attempts": attempts,
            "next_try": self.next_try(delivery),
            "is_moving": _is_moving(delivery),
            "address": reverse("admin:participants_webhookdelivery_progress", args=[delivery.pk]),
        }
        return render_to_string("admin/webhooks/delivery.html", context)

    @admin.display(description="Type", ordering="message__type")
    def kind(self, delivery: WebhookDelivery) -> str:
        return delivery.message.type

    @admin.display(description="About")
    def about(self, delivery: WebhookDelivery) -> str:
        message = delivery.message
        if message.registration:
            return message.registration.participant.email
        return str(message.event) if message.event else "the organization"

    @admin.display(description="Webhook", ordering="endpoint")
    def to(self, delivery: WebhookDelivery) -> str:
        return str(delivery.endpoint)

    @admin.display(description="State", ordering="state")
    def standing(self, delivery: WebhookDelivery) -> str:
        word, colour = WORDS[State(delivery.state)]
        return show_label(delivery.state, word, {delivery.state: colour})

    @admin.display(description="Last answer")
    def last_answer(self, delivery: Any) -> str:
        if delivery.last_status:
            return str(delivery.last_status)
        return delivery.last_text or delivery.detail or "-"

    @admin.display(description="Happened", ordering="message__happened_at")
    def when(self, delivery: WebhookDelivery) -> str:
        return show_time(delivery.message.happened_at)

    @admin.display(description="Next try", ordering="due_at")
    def next_try(self, delivery: Any) -> str:
        if delivery.state != State.READY or delivery.endpoint.disabled_at:
            return "-"
        if delivery.is_behind:
            return "After an earlier message"
        rests_until = delivery.endpoint.rests_until
        return show_time(max(delivery.due_at, rests_until) if rests_until else delivery.due_at)

    @admin.display(description="webhook-id")
    def key(self, delivery: WebhookDelivery) -> str:
        return delivery.message.key

    @admin.display(description="Body")
    def body(self, delivery: WebhookDelivery) -> str:
        shown = json.dumps(json.loads(delivery.message.body), indent=2, ensure_ascii=False)
        return format_html('<pre class="paddock-body" tabindex="0" aria-label="Body">{}</pre>', shown)


def _is_moving(delivery: Any) -> bool:
    if delivery.state == State.CLAIMED:
        return True
    waits = (delivery.due_at - timezone.now()).total_seconds()
    is_held_up = delivery.is_behind or delivery.endpoint.disabled_at
    return delivery.state == State.READY and waits < SOON_SECONDS and not is_held_up
