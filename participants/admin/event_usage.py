"""The usage of an event's participants, to take along."""

from django.http import HttpRequest, StreamingHttpResponse
from unfold.decorators import action

from paddock.tenancy.admin_base import TenantAdmin, may
from paddock.tenancy.models import Membership
from participants.admin.actions import find_object
from participants.admin.usage_exports import export_event_usage


class EventUsageMixin(TenantAdmin):
    """A button on an event's page."""

    def has_export_permission(self, request: HttpRequest, object_id: str | None = None) -> bool:
        return may(request, Membership.Role.VIEWER)

    @action(  # type: ignore[untyped-decorator]
        description="Usage as CSV", icon="download", permissions=["export"], url_path="usage-csv"
    )
    def export_usage(self, request: HttpRequest, object_id: str) -> StreamingHttpResponse:
        return export_event_usage(find_object(self, request, object_id))
