"""The outbox."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from unfold.decorators import display

from paddock.tenancy.admin_base import TenantAdmin
from participants.models import Message


@admin.register(Message)
class MessageAdmin(TenantAdmin):
    event_path = "registration__event"
    list_display = ["subject", "recipient", "standing", "attempts", "sent_at", "error"]
    list_filter = ["state", "kind", "registration__event"]
    search_fields = ["recipient"]
    fields = ["subject", "recipient", "standing", "attempts", "sent_at", "provider_message_id", "error", "text"]
    readonly_fields = fields

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    @display(
        description="State", label={"sent": "success", "failed": "danger", "sending": "info", "queued": "warning"}
    )
    def standing(self, message: Message) -> tuple[str, str]:
        return message.state, message.get_state_display()
