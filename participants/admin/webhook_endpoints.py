"""Webhooks: where an organization is told what happens. Owners alone see them, for an address may hold a secret."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db import transaction
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import add_never_cache_headers
from unfold.decorators import action
from unfold.widgets import UnfoldAdminTextInputWidget

from paddock.tenancy.admin_base import TenantAdmin, may, show_label, show_time
from paddock.tenancy.models import Membership
from participants.admin.actions import REASON, ReasonDialog, find_actor, find_object, return_to
from participants.admin.webhook_form import WebhookForm
from participants.domain.webhooks.catalogue import CATALOGUE, TEST
from participants.domain.webhooks.disabling import disable, enable
from participants.domain.webhooks.endpoints import rotate_secret, save_endpoint
from participants.domain.webhooks.redelivering import request_test
from participants.models import WebhookDelivery, WebhookEndpoint

STATES = {"on": "success", "off": "danger"}


class RotationForm(forms.Form):
    reason = forms.CharField(max_length=300, widget=UnfoldAdminTextInputWidget, help_text=REASON)


@admin.register(WebhookEndpoint)
class WebhookEndpointAdmin(TenantAdmin):
    viewing_role = writing_role = Membership.Role.OWNER
    form = WebhookForm
    list_display = ["name", "url", "standing", "wants", "waits", "given_up"]
    search_fields = ["url", "description"]
    search_help_text = "Address or description"
    fieldsets = [(None, {"fields": ["url", "description", "all_types", "types", "reason"]})]
    conditional_fields = {"types": "!all_types"}
    actions_detail = ["send_test", "rotate_secret", "switch_off", "switch_on"]
    change_form_outer_before_template = "admin/webhooks/standing.html"
    change_form_outer_after_template = "admin/webhooks/catalogue.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[WebhookEndpoint]:
        queryset: QuerySet[WebhookEndpoint] = super().get_queryset(request)
        states = WebhookDelivery.State
        waiting = Q(deliveries__state__in=[states.READY, states.CLAIMED])
        return queryset.annotate(
            waiting_number=Count("deliveries", filter=waiting),
            failed_number=Count("deliveries", filter=Q(deliveries__state=states.FAILED)),
        )

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        endpoint = self.get_object(request, object_id) if object_id else None
        context = {"catalogue": [*CATALOGUE, TEST]} | (self._show(endpoint) if endpoint else {})
        return super().changeform_view(request, object_id, form_url, (extra_context or {}) | context)

    def _show(self, endpoint: WebhookEndpoint) -> dict[str, Any]:
        return {
            "endpoint": endpoint,
            "endpoint_state": self.standing(endpoint),
            "off_since": show_time(endpoint.disabled_at) if endpoint.disabled_at else "",
            "old_secret_until": _show_end_of_old_secret(endpoint),
            "log_address": reverse("admin:participants_webhookdelivery_changelist", query={"webhook": endpoint.pk}),
        }

    def save_model(self, request: HttpRequest, obj: WebhookEndpoint, form: Any, change: bool) -> None:
        save_endpoint(endpoint=obj, actor=find_actor(request), reason=form.cleaned_data["reason"])

    def response_add(self, request: HttpRequest, obj: WebhookEndpoint, post_url_continue: str | None = None) -> Any:
        return self._show_secret(request, obj, obj.secret)

    def _show_secret(self, request: HttpRequest, endpoint: WebhookEndpoint, secret: str) -> HttpResponse:
        """In the answer itself and nowhere else, so that nobody sees it a second time."""
        context = {
            **self.admin_site.each_context(request),
            "title": "The secret",
            "endpoint": endpoint,
            "secret": secret,
            "old_secret_until": _show_end_of_old_secret(endpoint),
            "page": reverse("admin:participants_webhookendpoint_change", args=[endpoint.pk]),
        }
        answer = TemplateResponse(request, "admin/webhooks/secret.html", context)
        add_never_cache_headers(answer)
        return answer

    def has_owner_permission(self, request: HttpRequest, object_id: str | None = None) -> bool:
        return may(request, Membership.Role.OWNER)

    def get_actions_detail(self, request: HttpRequest, object_id: int) -> list[Any]:
        """The one of the two switches that would change something."""
        actions: list[Any] = super().get_actions_detail(request, object_id)
        endpoint: WebhookEndpoint | None = self.get_object(request, str(object_id))
        idle = "switch_off" if endpoint and endpoint.disabled_at else "switch_on"
        return [each for each in actions if not each.action_name.endswith(idle)]

    @action(  # type: ignore[untyped-decorator]
        description="Send a test",
        icon="send",
        permissions=["owner"],
        url_path="send-test",
        dialog={
            "title": "Send a test now?",
            "description": "Paddock sends “webhook.test” once, and shows what comes back.",
            "form_class": None,
            "form_submit_text": "Send",
        },
    )
    def send_test(self, request: HttpRequest, form: Any, object_id: str) -> HttpResponse:
        endpoint: WebhookEndpoint = find_object(self, request, object_id)
        with transaction.atomic():
            delivery = request_test(endpoint=endpoint, actor=find_actor(request))
        return return_to(request, delivery)

    @action(description="New secret…", icon="key", permissions=["owner"], url_path="rotate")  # type: ignore[untyped-decorator]
    def rotate_secret(self, request: HttpRequest, object_id: str) -> HttpResponse:
        endpoint: WebhookEndpoint = find_object(self, request, object_id)
        form = RotationForm(request.POST or None)
        if request.method == "POST" and form.is_valid():
            secret = rotate_secret(endpoint=endpoint, actor=find_actor(request), reason=form.cleaned_data["reason"])
            endpoint.refresh_from_db()
            return self._show_secret(request, endpoint, secret)
        context = {**self.admin_site.each_context(request), "title": "New secret", "endpoint": endpoint, "form": form}
        context["page"] = reverse("admin:participants_webhookendpoint_change", args=[endpoint.pk])
        return TemplateResponse(request, "admin/webhooks/rotate.html", context)

    @action(  # type: ignore[untyped-decorator]
        description="Switch off…",
        icon="toggle_off",
        permissions=["owner"],
        url_path="switch-off",
        dialog={
            "title": "Switch this webhook off?",
            "description": "Nothing is sent any more. What waits is given up, and can be delivered again from the log.",
            "form_class": ReasonDialog,
            "form_submit_text": "Switch off",
        },
    )
    def switch_off(self, request: HttpRequest, form: Any, object_id: str) -> HttpResponse:
        endpoint: WebhookEndpoint = find_object(self, request, object_id)
        with transaction.atomic():
            disable(endpoint=endpoint, because=form.cleaned_data["reason"], actor=find_actor(request))
        self.message_user(request, "It is switched off.", messages.SUCCESS)
        return return_to(request, endpoint)

    @action(  # type: ignore[untyped-decorator]
        description="Switch on…",
        icon="toggle_on",
        permissions=["owner"],
        url_path="switch-on",
        dialog={
            "title": "Switch this webhook on?",
            "description": "It is told what happens from now on. What was given up is delivered again from the log.",
            "form_class": ReasonDialog,
            "form_submit_text": "Switch on",
        },
    )
    def switch_on(self, request: HttpRequest, form: Any, object_id: str) -> HttpResponse:
        endpoint: WebhookEndpoint = find_object(self, request, object_id)
        with transaction.atomic():
            enable(endpoint=endpoint, actor=find_actor(request), reason=form.cleaned_data["reason"])
        self.message_user(request, "It is switched on.", messages.SUCCESS)
        return return_to(request, endpoint)

    @admin.display(description="Webhook")
    def name(self, endpoint: WebhookEndpoint) -> str:
        return str(endpoint)

    @admin.display(description="State", ordering="disabled_at")
    def standing(self, endpoint: WebhookEndpoint) -> str:
        return show_label("off", "Off", STATES) if endpoint.disabled_at else show_label("on", "On", STATES)

    @admin.display(description="Is told")
    def wants(self, endpoint: WebhookEndpoint) -> str:
        return "Everything" if endpoint.all_types else ", ".join(endpoint.types)

    @admin.display(description="Waiting")
    def waits(self, endpoint: Any) -> int:
        return int(endpoint.waiting_number)

    @admin.display(description="Given up")
    def given_up(self, endpoint: Any) -> int:
        return int(endpoint.failed_number)


def _show_end_of_old_secret(endpoint: WebhookEndpoint) -> str:
    """Empty where the newest secret signs alone."""
    until = endpoint.previous_secret_until
    return show_time(until) if until and until > timezone.now() else ""
