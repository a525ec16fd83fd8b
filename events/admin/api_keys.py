"""Keys for partners' programs: made here, shown once, revoked at once."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django_htmx.http import HttpResponseClientRedirect
from unfold.decorators import action
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget

from events.models import KeyAccess
from paddock.api.keys import issue, revoke
from paddock.api.models import ApiKey
from paddock.api.scopes import SCOPES
from paddock.audit.recording import record
from paddock.tenancy.admin_base import TenantAdmin, TenantTabularInline, may, show_label, show_time
from paddock.tenancy.models import Membership


class ApiKeyForm(forms.ModelForm):  # type: ignore[type-arg]
    scopes = forms.MultipleChoiceField(
        choices=SCOPES,
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
        help_text="What it may do. Writing includes reading.",
    )

    class Meta:
        model = ApiKey
        fields = ["name", "scopes", "all_events", "expires_at"]


class KeyAccessInline(TenantTabularInline):
    model = KeyAccess
    writing_role = viewing_role = Membership.Role.OWNER
    verbose_name = "chosen event"
    verbose_name_plural = "chosen events"
    fields = ["event"]


@admin.register(ApiKey)
class ApiKeyAdmin(TenantAdmin):
    form = ApiKeyForm
    viewing_role = writing_role = Membership.Role.OWNER
    list_display = ["name", "beginning", "standing", "may_do", "events", "last_used", "expires"]
    search_fields = ["name", "prefix"]
    fields = ["name", "scopes", "all_events", "expires_at"]
    inlines = [KeyAccessInline]
    actions_detail = ["revoke_key"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[ApiKey]:
        queryset: QuerySet[ApiKey] = super().get_queryset(request)
        return queryset.prefetch_related("chosen_events__event")

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """Whoever saves without looking gives away as little as can be."""
        return {"scopes": [], **super().get_changeform_initial_data(request)}

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return self.fields if obj is None else ["beginning", "standing", *self.fields, "last_used"]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return ["beginning", "standing", "last_used"] if obj else []

    def save_model(self, request: HttpRequest, obj: ApiKey, form: Any, change: bool) -> None:
        if not change:
            request.issued_key = issue(obj)  # type: ignore[attr-defined]
        super().save_model(request, obj, form, change)

    def response_add(self, request: HttpRequest, obj: ApiKey, post_url_continue: str | None = None) -> HttpResponse:
        """The only answer that holds the key. It is stored nowhere, neither in a session nor in a cookie."""
        context = self.admin_site.each_context(request) | {
            "title": "Copy the key now",
            "key": obj,
            "token": request.issued_key,  # type: ignore[attr-defined]
            "opts": self.model._meta,
        }
        return TemplateResponse(request, "admin/api_keys/issued.html", context)

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """A key is revoked; whoever asks later what it did finds it."""
        return False

    def has_revoke_permission(self, request: HttpRequest, object_id: str | None = None) -> bool:
        return may(request, Membership.Role.OWNER)

    @action(  # type: ignore[untyped-decorator]
        description="Revoke",
        icon="key_off",
        permissions=["revoke"],
        url_path="revoke",
        dialog={
            "title": "Revoke this key?",
            "description": "Whatever uses it is refused from now on. A revoked key cannot be brought back.",
            "form_submit_text": "Revoke",
        },
    )
    def revoke_key(self, request: HttpRequest, form: Any, object_id: str) -> HttpResponse:
        key = self.get_object(request, object_id)
        if key is not None and revoke(key=key):
            record(actor=request.user, action="revoked the API key", about=key)  # type: ignore[arg-type]
            self.message_user(request, "The key is revoked.", messages.SUCCESS)
        page = reverse("admin:api_apikey_changelist")
        return HttpResponseClientRedirect(page) if request.headers.get("HX-Request") else HttpResponseRedirect(page)

    @admin.display(description="Begins with", ordering="prefix")
    def beginning(self, key: ApiKey) -> str:
        return f"pdk_{key.prefix}_…"

    @admin.display(description="Status")
    def standing(self, key: ApiKey) -> str:
        word = "Revoked" if key.revoked_at else "Valid" if key.is_valid else "Expired"
        return show_label(word, word, {"Valid": "success", "Revoked": "danger", "Expired": "warning"})

    @admin.display(description="May")
    def may_do(self, key: ApiKey) -> str:
        if set(key.scopes) == {scope for scope, _ in SCOPES}:
            return "Everything"
        return ", ".join(key.scopes)

    @admin.display(description="Events")
    def events(self, key: ApiKey) -> str:
        if key.all_events:
            return "All"
        return ", ".join(str(chosen.event) for chosen in key.chosen_events.all()) or "None"

    @admin.display(description="Last used", ordering="last_used_at")
    def last_used(self, key: ApiKey) -> str:
        return show_time(key.last_used_at)

    @admin.display(description="Expires", ordering="expires_at")
    def expires(self, key: ApiKey) -> str:
        return show_time(key.expires_at)
