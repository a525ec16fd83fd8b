"""What is owed to the outside world, and the button that tries again."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from unfold.decorators import action, display

from paddock.tenancy.admin_base import TenantAdmin, may
from paddock.tenancy.models import Membership
from participants.convergence.kinds import get_kind, list_kinds
from participants.domain.steps import retry_now
from participants.models import Step


class KindFilter(admin.SimpleListFilter):
    title = "kind"
    parameter_name = "kind"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(kind.name, kind.title) for kind in list_kinds()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Step]) -> QuerySet[Step]:
        return queryset.filter(kind=self.value()) if self.value() else queryset


@admin.register(Step)
class StepAdmin(TenantAdmin):
    event_path = "event"
    list_display = ["what", "who", "event", "standing", "attempts", "due_at", "detail"]
    list_filter = ["state", KindFilter, "event"]
    list_select_related = ["event", "registration__participant"]
    search_fields = ["registration__participant__email_key"]
    ordering = ["-id"]
    actions = ["retry"]
    fields = ["what", "who", "event", "standing", "attempts", "due_at", "done_at", "detail", "hint"]
    readonly_fields = fields

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_retry_permission(self, request: HttpRequest) -> bool:
        return may(request, Membership.Role.ORGANIZER)

    @action(description="Retry now", permissions=["retry"])
    def retry(self, request: HttpRequest, queryset: QuerySet[Step]) -> None:
        count = retry_now(steps=queryset)
        self.message_user(request, f"{count} of {queryset.count()} chosen steps are tried again now.", messages.SUCCESS)

    @admin.display(description="Step", ordering="kind")
    def what(self, step: Step) -> str:
        return get_kind(step.kind).title

    @admin.display(description="For")
    def who(self, step: Step) -> str:
        return step.registration.participant.email if step.registration else "the event"

    @display(
        description="State",
        label={"done": "success", "failed": "danger", "claimed": "info", "ready": "warning"},
    )
    def standing(self, step: Step) -> tuple[str, str]:
        return step.state, step.get_state_display()
