"""The outbox."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html

from paddock.tenancy.admin_base import ReadOnly, TenantAdmin, show_label, show_time
from participants.admin.filters import MessageEventFilter
from participants.admin.labels import MESSAGE
from participants.models import Message


def frame_html(html: str, *, title: str) -> str:
    """A mail as its reader sees it, in a frame that runs no script, follows no link and loads nothing."""
    return format_html('<iframe class="paddock-mail" sandbox srcdoc="{}" title="{}"></iframe>', html, title)


@admin.register(Message)
class MessageAdmin(ReadOnly, TenantAdmin):
    event_path = "registration__event"
    list_display = ["subject", "recipient", "standing", "attempts", "sent", "error"]
    list_filter = ["state", "kind", MessageEventFilter]
    list_select_related = ["registration__event", "registration__participant"]
    search_fields = ["recipient", "subject"]
    search_help_text = "E-mail address or subject"
    fields = [
        "subject",
        "recipient",
        "standing",
        "error",
        "sent",
        "attempts",
        "provider_message_id",
        "preview",
        "words",
    ]
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> QuerySet[Message]:
        """A list shows no mail's body, which is most of a row."""
        queryset: QuerySet[Message] = super().get_queryset(request)
        return (
            queryset
            if request.resolver_match and "object_id" in request.resolver_match.kwargs
            else queryset.defer("text", "html")
        )

    @admin.display(description="State", ordering="state")
    def standing(self, message: Message) -> str:
        return show_label(message.state, message.get_state_display(), MESSAGE)

    @admin.display(description="Sent", ordering="sent_at")
    def sent(self, message: Message) -> str:
        return show_time(message.sent_at, message.registration.event.zone)

    @admin.display(description="As it looks")
    def preview(self, message: Message) -> str:
        return frame_html(message.html, title=message.subject) if message.html else "This mail has no HTML."

    @admin.display(description="As plain text")
    def words(self, message: Message) -> str:
        return format_html('<div class="paddock-words">{}</div>', message.text)
