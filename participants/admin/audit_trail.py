"""The audit trail, of all events or of one: what people did, and what became of the rows."""

from typing import Any, ClassVar

from django.contrib import admin

from paddock.audit.admin import AuditEntryAdmin, RowChangeAdmin, TrailAdmin
from paddock.audit.models import AuditEntry, RowChange
from participants.admin.filters import EventFilter


class AuditEventFilter(EventFilter):
    path = "event_id"


LIST_FILTER: list[Any] = [AuditEventFilter, *TrailAdmin.list_filter]


@admin.register(AuditEntry)
class EventAuditEntryAdmin(AuditEntryAdmin):
    list_filter: ClassVar[list[Any]] = LIST_FILTER


@admin.register(RowChange)
class EventRowChangeAdmin(RowChangeAdmin):
    list_filter: ClassVar[list[Any]] = [*LIST_FILTER, "action"]
