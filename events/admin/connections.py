"""Connections to the outside world: owners change them, and no secret is ever shown."""

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest

from events.models import DirectoryConnection, IdentityCenterConnection, MailConnection, SponsoringAccount
from paddock.tenancy.admin_base import TenantAdmin
from paddock.tenancy.models import Membership


class SecretForm(forms.ModelForm):  # type: ignore[type-arg]
    """A secret goes in and never comes out: an empty field leaves the stored one as it is."""

    secret_field: str

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.stored_secret = getattr(self.instance, self.secret_field)
        self.initial.pop(self.secret_field, None)
        if self.stored_secret and self.secret_field in self.fields:
            self.fields[self.secret_field].widget.attrs["placeholder"] = "Stored. Enter a new one to replace it."

    def _clean_form(self) -> None:
        super()._clean_form()
        if self.secret_field in self.fields and not self.cleaned_data.get(self.secret_field):
            self.cleaned_data[self.secret_field] = self.stored_secret


class DirectoryForm(SecretForm):
    secret_field = "credential"  # noqa: S105 -- the name of a field


class MailForm(SecretForm):
    secret_field = "smtp_password"  # noqa: S105 -- the name of a field

    class Meta:
        widgets = {"smtp_password": forms.PasswordInput}


class ConnectionAdmin(TenantAdmin):
    writing_role = Membership.Role.OWNER

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        """The external id belongs into the role's trust policy, so it must be seen; it exists after the first save."""
        return ["external_id"] if obj and hasattr(obj, "external_id") else []


@admin.register(DirectoryConnection)
class DirectoryConnectionAdmin(ConnectionAdmin):
    form = DirectoryForm
    list_display = ["name", "kind", "identity_center"]
    list_select_related = ["identity_center"]
    fieldsets = [
        (None, {"fields": ["name", "kind", "identity_center"]}),
        (
            "Microsoft Entra ID",
            {
                "fields": [
                    "entra_tenant_id",
                    "client_id",
                    "credential_kind",
                    "credential",
                    "federated_token_file",
                    "service_principal_id",
                    "provisioning_job_id",
                ]
            },
        ),
    ]

    def get_exclude(self, request: HttpRequest, obj: Any = None) -> list[str]:
        """Viewers do not even see that there is a credential."""
        return [] if self.has_change_permission(request, obj) else ["credential"]

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        hidden = set(self.get_exclude(request, obj))
        return [
            (title, {**options, "fields": [name for name in options["fields"] if name not in hidden]})
            for title, options in self.fieldsets
        ]


@admin.register(IdentityCenterConnection)
class IdentityCenterConnectionAdmin(ConnectionAdmin):
    list_display = ["name", "instance_arn", "portal_url"]


@admin.register(SponsoringAccount)
class SponsoringAccountAdmin(ConnectionAdmin):
    list_display = ["name", "account_id", "kind"]
    list_filter = ["kind"]


@admin.register(MailConnection)
class MailConnectionAdmin(ConnectionAdmin):
    form = MailForm
    list_display = ["sender", "kind"]

    def get_exclude(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return [] if self.has_change_permission(request, obj) else ["smtp_password"]
