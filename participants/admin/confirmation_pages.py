"""Where confirmations begin: on the lists of admins that have `bulk_actions`, and by buttons of pages."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path
from unfold.decorators import action as page_action

from events.models import Event
from paddock.tenancy.admin_base import TenantAdmin, may
from paddock.tenancy.models import Membership
from participants.admin.actions import find_object
from participants.admin.confirmation import BulkAction
from participants.admin.confirmation_flow import Flow, find_address, name_address


class OffersBulkActions(TenantAdmin):
    """An admin with buttons that lead to bulk actions."""

    def has_organizer_permission(self, request: HttpRequest, object_id: str | None = None) -> bool:
        return may(request, Membership.Role.ORGANIZER)

    def has_owner_permission(self, request: HttpRequest, object_id: str | None = None) -> bool:
        return may(request, Membership.Role.OWNER)


def offer(action: BulkAction, *, model: type[Model], choose: str) -> Callable[..., HttpResponse]:
    """A button of a page that leads to the action on rows of `model`: `choose` is "event" or "id".

    Stands in `actions_detail` under the action's own name: `pause = offer(PAUSE, model=Registration, choose="id")`.
    """

    def go(self: TenantAdmin, request: HttpRequest, object_id: str) -> HttpResponse:
        row: Model = find_object(self, request, object_id)
        return HttpResponseRedirect(f"{find_address(model, action)}?{choose}={row.pk}")

    go.__name__ = action.name
    decorate = page_action(
        description=action.label, icon=action.icon, permissions=[action.role.value], url_path=action.name
    )
    button: Callable[..., HttpResponse] = decorate(go)
    return button


class BulkActionsMixin(OffersBulkActions):
    """Offers its `bulk_actions` on the list, and each at an address of its own: `?id=` one row, `?event=` all of it."""

    bulk_actions: Sequence[BulkAction] = ()

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        actions: dict[str, Any] = super().get_actions(request)
        offered = [each for each in self.bulk_actions if each.is_on_list and may(request, each.role)]
        return actions | {each.name: (_begin_with(each), each.name, each.label) for each in offered}

    def get_urls(self) -> list[URLPattern]:
        rest: list[URLPattern] = super().get_urls()
        return [self._make_address(each) for each in self.bulk_actions] + rest

    def _make_address(self, action: BulkAction) -> URLPattern:
        view = self.admin_site.admin_view(partial(self.bulk_view, action=action))
        address: URLPattern = path(f"bulk/{action.name}/", view, name=name_address(self.model, action))
        return address

    def bulk_view(self, request: HttpRequest, *, action: BulkAction) -> HttpResponse:
        if not may(request, action.role):
            raise PermissionDenied
        flow = Flow(self, request, action)
        return flow.go_on() if request.method == "POST" else flow.begin(self._find_rows(request))

    def _find_rows(self, request: HttpRequest) -> QuerySet[Any]:
        rows: QuerySet[Any] = self.get_queryset(request)
        if (event_id := request.GET.get("event")) and self.event_path:
            event: Event = find_object(admin.site.get_model_admin(Event), request, event_id)
            return rows.filter(**{f"{self.event_path}": event.pk})
        if row_id := request.GET.get("id"):
            return rows.filter(pk=find_object(self, request, row_id).pk)
        return rows.none()


def _begin_with(action: BulkAction) -> Callable[[BulkActionsMixin, HttpRequest, QuerySet[Any]], HttpResponse]:
    """The entry of the list's menu."""

    def begin(model_admin: BulkActionsMixin, request: HttpRequest, queryset: QuerySet[Any]) -> HttpResponse:
        return Flow(model_admin, request, action).begin(queryset)

    return begin
