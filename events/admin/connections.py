"""Connections to the outside world: owners change them, and no secret is ever shown."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from events.admin.trust_policy import explain_trust
from events.models import DirectoryConnection, IdentityCenterConnection, MailConnection
from events.models.account import AwsRoleModel
from paddock.form_fields import SecretForm, SecretInput, SecretTextarea
from paddock.tenancy.admin_base import TenantAdmin
from paddock.tenancy.models import Membership

AWS_ROLE = ["region", "role_arn", "trust"]
WAY_IN = ("Paddock's way in", {"fields": AWS_ROLE})


def show_when(condition: str) -> str:
    """Shows a field under the condition; whoever may only look has no field that it could depend on, and sees all."""
    return f"typeof kind == 'undefined' || ({condition})"


class DirectoryForm(SecretForm):
    secret_name = "credential"  # noqa: S105 -- the name of a field

    class Meta:
        widgets = {"credential": SecretTextarea({"rows": 4, "spellcheck": "false"})}


class MailForm(SecretForm):
    secret_name = "smtp_password"  # noqa: S105 -- the name of a field

    class Meta:
        widgets = {"smtp_password": SecretInput}
        help_texts = {"sender": "Name and address, such as Racing League &lt;racing@example.com&gt;."}

    def clean(self) -> dict[str, Any] | None:
        """A stored password is never sent to a server that it was not meant for."""
        typed = self.cleaned_data.get("smtp_password")
        cleaned = super().clean()
        if self.stored_secret and not typed and {"smtp_host", "smtp_port"} & set(self.changed_data):
            self.add_error("smtp_password", "Enter the password again for the new server.")
        return cleaned


class ConnectionAdmin(TenantAdmin):
    writing_role = Membership.Role.OWNER

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return ["trust"] if issubclass(self.model, AwsRoleModel) else []

    @admin.display(description="Trust policy of the role")
    def trust(self, row: AwsRoleModel) -> str:
        return explain_trust(row) if row.pk else "Appears after the first save."


class SecretConnectionAdmin(ConnectionAdmin):
    """Whoever may not change the connection does not even see that there is a secret."""

    form: type[SecretForm]

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        if self.has_change_permission(request, obj) or (obj is None and self.has_add_permission(request)):
            return self.fieldsets
        secret = self.form.secret_name
        return [
            (title, {**options, "fields": [name for name in options["fields"] if name != secret]})
            for title, options in self.fieldsets or []
        ]


@admin.register(DirectoryConnection)
class DirectoryConnectionAdmin(SecretConnectionAdmin):
    form = DirectoryForm
    list_display = ["name", "kind", "identity_center"]
    list_filter = ["kind"]
    search_fields = ["name", "entra_tenant_id"]
    search_help_text = "Name or Entra tenant id"
    list_select_related = ["identity_center"]
    fieldsets = [
        (
            None,
            {
                "fields": [
                    *("name", "kind", "identity_center", "entra_tenant_id", "client_id"),
                    *("credential_kind", "credential", "federated_token_file"),
                    *("service_principal_id", "provisioning_job_id"),
                ]
            },
        )
    ]
    conditional_fields = {
        "entra_tenant_id": show_when("kind == 'entra'"),
        "client_id": show_when("kind == 'entra'"),
        "credential_kind": show_when("kind == 'entra'"),
        "credential": show_when("kind == 'entra' && credential_kind != 'federated'"),
        "federated_token_file": show_when("kind == 'entra' && credential_kind == 'federated'"),
        "service_principal_id": show_when("kind == 'entra'"),
        "provisioning_job_id": show_when("kind == 'entra'"),
    }


@admin.register(IdentityCenterConnection)
class IdentityCenterConnectionAdmin(ConnectionAdmin):
    list_display = ["name", "instance_arn", "portal_url"]
    search_fields = ["name", "instance_arn", "portal_url"]
    search_help_text = "Name, ARN or address"
    fieldsets = [(None, {"fields": ["name", "instance_arn", "identity_store_id", "portal_url"]}), WAY_IN]


@admin.register(MailConnection)
class MailConnectionAdmin(SecretConnectionAdmin):
    form = MailForm
    list_display = ["sender", "kind"]
    fieldsets = [
        (
            None,
            {
                "fields": [
                    *("kind", "sender", *AWS_ROLE),
                    *("pinpoint_application_id", "ses_configuration_set", "ses_recipients_per_second"),
                    *("smtp_host", "smtp_port", "smtp_username", "smtp_password", "smtp_use_tls"),
                ]
            },
        )
    ]
    conditional_fields = {
        "region": show_when("kind != 'smtp'"),
        "role_arn": show_when("kind != 'smtp'"),
        "trust": show_when("kind != 'smtp'"),
        "pinpoint_application_id": show_when("kind == 'pinpoint'"),
        "ses_configuration_set": show_when("kind == 'ses'"),
        "ses_recipients_per_second": show_when("kind == 'ses'"),
        "smtp_host": show_when("kind == 'smtp'"),
        "smtp_port": show_when("kind == 'smtp'"),
        "smtp_username": show_when("kind == 'smtp'"),
        "smtp_password": show_when("kind == 'smtp'"),
        "smtp_use_tls": show_when("kind == 'smtp'"),
    }

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """An organization's mail leaves one way."""
        return super().has_add_permission(request, obj) and not MailConnection.objects.exists()
