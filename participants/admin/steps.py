"""What is owed to the outside world, and the button that tries again."""

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from unfold.decorators import action

from paddock.tenancy.admin_base import ReadOnly, TenantAdmin, may, show_label, show_time
from paddock.tenancy.models import Membership
from participants.admin.filters import EventFilter, KindFilter, OperationFilter
from participants.admin.labels import STEP
from participants.convergence.kinds import get_kind
from participants.domain.steps import retry_now
from participants.models import Step


def describe_retry(retried: int, chosen: int) -> str:
    """How many of the chosen steps are tried again, and why not the others."""
    sentence = "1 step is tried again now." if retried == 1 else f"{retried} steps are tried again now."
    if retried == chosen:
        return sentence
    return f"{sentence} {chosen - retried} more had no need: done, in work, or waiting for another step."


def describe_step(step: Step) -> str:
    return get_kind(step.kind).title


@admin.register(Step)
class StepAdmin(ReadOnly, TenantAdmin):
    event_path = "event"
    list_display = ["what", "who", "event", "standing", "attempts", "due", "reason"]
    list_filter = ["state", KindFilter, EventFilter, OperationFilter]
    list_select_related = ["event", "registration__participant"]
    search_fields = [
        "registration__participant__email_key",
        "registration__participant__family_name",
        "registration__participant__given_name",
    ]
    search_help_text = "E-mail address or name"
    ordering = ["-id"]
    actions = ["retry"]
    fields = ["what", "who", "event", "standing", "detail", "hint", "attempts", "due", "done"]
    readonly_fields = fields

    def has_retry_permission(self, request: HttpRequest, object_id: str | None = None) -> bool:
        return may(request, Membership.Role.ORGANIZER)

    @action(description="Retry now", permissions=["retry"])  # type: ignore[untyped-decorator]
    def retry(self, request: HttpRequest, queryset: QuerySet[Step]) -> None:
        chosen, retried = queryset.count(), retry_now(steps=queryset)
        level = messages.SUCCESS if retried else messages.WARNING
        self.message_user(request, describe_retry(retried, chosen), level)

    @admin.display(description="Step", ordering="kind")
    def what(self, step: Step) -> str:
        return describe_step(step)

    @admin.display(description="For")
    def who(self, step: Step) -> str:
        return step.registration.participant.email if step.registration else "the event"

    @admin.display(description="State", ordering="state")
    def standing(self, step: Step) -> str:
        return show_label(step.state, step.get_state_display(), STEP)

    @admin.display(description="Due", ordering="due_at")
    def due(self, step: Step) -> str:
        return show_time(step.due_at, step.event.zone) if step.state == Step.State.READY else "-"

    @admin.display(description="Done")
    def done(self, step: Step) -> str:
        return show_time(step.done_at, step.event.zone)

    @admin.display(description="Reason", ordering="detail")
    def reason(self, step: Step) -> str:
        return step.detail or "-"
