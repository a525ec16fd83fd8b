"""The audit trail, of all events or of one."""

from django.contrib import admin

from paddock.audit.admin import AuditEntryAdmin
from paddock.audit.models import AuditEntry
from participants.admin.filters import EventFilter


class AuditEventFilter(EventFilter):
    path = "event_id"


@admin.register(AuditEntry)
class EventAuditEntryAdmin(AuditEntryAdmin):
    list_filter = ["object_type", AuditEventFilter]
