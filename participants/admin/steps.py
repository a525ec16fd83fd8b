"""What is owed to the outside world, and the button that tries again."""

from django.contrib import admin

from paddock.tenancy.admin_base import ReadOnly, TenantAdmin, show_label, show_time
from participants.admin.confirmation_pages import BulkActionsMixin
from participants.admin.filters import EventFilter, KindFilter, OperationFilter
from participants.admin.labels import STEP
from participants.admin.retrying import RETRY_STEPS
from participants.convergence.kinds import get_kind
from participants.models import Step


def describe_retry(retried: int) -> str:
    return "1 step is tried again now." if retried == 1 else f"{retried} steps are tried again now."


def describe_step(step: Step) -> str:
    return get_kind(step.kind).title


@admin.register(Step)
class StepAdmin(BulkActionsMixin, ReadOnly, TenantAdmin):
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
    bulk_actions = [RETRY_STEPS]
    fields = ["what", "who", "event", "standing", "detail", "hint", "attempts", "due", "done"]
    readonly_fields = fields

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
