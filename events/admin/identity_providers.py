"""Single sign-on: the organization's identity providers, and the roles that follow from what they say."""

from typing import Any, cast

from django.contrib import admin
from django.contrib.auth.base_user import AbstractBaseUser
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string

from events.admin.connections import show_when
from events.admin.identity_provider_form import ClaimRuleForm, IdentityProviderForm, look_up
from events.models import ClaimRuleEvent
from paddock.audit.recording import record
from paddock.sso.connecting import read_certificate
from paddock.sso.disconnecting import disconnect
from paddock.sso.handover import list_values
from paddock.sso.models import ClaimRule, IdentityProvider
from paddock.tenancy.admin_base import TenantAdmin, TenantTabularInline, show_label, show_time
from paddock.tenancy.admin_deletion import RefusableDeletion
from paddock.tenancy.models import Membership

OIDC, SAML = show_when("kind == 'oidc'"), show_when("kind == 'saml'")


class ClaimRuleInline(TenantTabularInline):
    model = ClaimRule
    form = ClaimRuleForm
    viewing_role = Membership.Role.OWNER
    writing_role = Membership.Role.OWNER
    fields = ["claim", "value", "role", "all_events", "events"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[ClaimRule]:
        queryset: QuerySet[ClaimRule] = super().get_queryset(request)
        return queryset.prefetch_related("chosen_events")


@admin.register(IdentityProvider)
class IdentityProviderAdmin(RefusableDeletion, TenantAdmin):
    viewing_role = Membership.Role.OWNER
    writing_role = Membership.Role.OWNER
    form = IdentityProviderForm
    inlines = [ClaimRuleInline]
    list_display = ["name", "kind", "standing", "claimed"]
    list_filter = ["kind", "is_active"]
    search_fields = ["name"]
    search_help_text = "Name"
    readonly_fields = ["handover", "described"]
    fieldsets = [
        (None, {"fields": ["kind", "name", "is_active", "domains"]}),
        ("For the provider's administrator", {"fields": ["handover"]}),
        (
            "What the provider's administrator gives you",
            {
                "fields": [
                    *("issuer", "client_id", "client_secret"),
                    *("metadata_url", "metadata_file", "described"),
                ]
            },
        ),
    ]
    conditional_fields = dict.fromkeys(("issuer", "client_id", "client_secret"), OIDC) | dict.fromkeys(
        ("metadata_url", "metadata_file", "described"), SAML
    )

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """Both sides need a value of the other one, so a connection begins unfinished."""
        return {"is_active": False, **super().get_changeform_initial_data(request)}

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.method == "POST" and self.has_add_permission(request):
            request.looked = look_up(request)  # type: ignore[attr-defined]
        answer: HttpResponse = super().changeform_view(request, *args, **kwargs)
        return answer

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        form = super().get_form(request, obj, change, **kwargs)
        form.actor = request.user
        if hasattr(request, "looked"):
            form.looked = request.looked
        return form

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:
        """The chosen events are rows of their own, which no comparison of the rule shows."""
        before = {each: _name_events(each) for each in formset.forms if "events" in each.changed_data}
        super().save_formset(request, form, formset, change)
        for each, events in before.items():
            if each.instance.pk and each not in formset.deleted_forms:
                _note_events(request, each, events)

    def delete_model(self, request: HttpRequest, obj: IdentityProvider) -> None:
        self._note(request, obj, None, event_id=None)
        disconnect(provider=obj, actor=cast(AbstractBaseUser, request.user))

    @admin.display(description="Standing", ordering="is_active")
    def standing(self, provider: IdentityProvider) -> str:
        word = "Active" if provider.is_active else "Inactive"
        return show_label(word, word, {"Active": "success", "Inactive": "warning"})

    @admin.display(description="E-mail domains")
    def claimed(self, provider: IdentityProvider) -> str:
        return ", ".join(provider.domains)

    @admin.display(description="Values to copy")
    def handover(self, provider: IdentityProvider) -> str:
        if not provider.pk:
            return "Save the connection first, inactive: then the values stand here that the other side needs."
        return render_to_string("admin/single_sign_on/handover.html", {"values": list_values(provider)})

    @admin.display(description="What the metadata says")
    def described(self, provider: IdentityProvider) -> str:
        if not provider.entity_id:
            return "Nothing yet."
        ends = [show_time(read_certificate(each).not_valid_after_utc) for each in provider.certificates]
        context = {"provider": provider, "read_at": show_time(provider.metadata_read_at), "ends": ends}
        return render_to_string("admin/single_sign_on/described.html", context)


def _note_events(request: HttpRequest, form: ClaimRuleForm, before: str | None) -> None:
    record(
        actor=cast(AbstractBaseUser, request.user),
        action="chose events for the role by claim",
        about=form.instance,
        changes={"events": [before, _name_events(form)]},
    )


def _name_events(form: ClaimRuleForm) -> str | None:
    if not form.instance.pk:
        return None
    chosen = ClaimRuleEvent.objects.filter(rule=form.instance).select_related("event")
    return ", ".join(str(each.event) for each in chosen) or None
