"""What was asked for many people at once, and how far it is. The page asks again by itself until it is over."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.urls import URLPattern, path, reverse
from django.views.decorators.http import require_GET
from unfold.decorators import action

from paddock.tenancy.admin_base import ReadOnly, TenantAdmin, may, show_label, show_time
from paddock.tenancy.models import Membership
from participants.admin.actions import ReasonDialog, find_actor, find_object, return_to
from participants.admin.filters import EventFilter
from participants.admin.steps import describe_retry, describe_step
from participants.convergence.kinds import get_kind
from participants.domain.operations import Progress, see_progress
from participants.domain.steps import retry_now
from participants.models import Operation, Step

SHOWN_FAILURES = 50
SHOWN_WAITS = 5
WAITING = (Step.State.BLOCKED, Step.State.READY, Step.State.CLAIMED)
COLOURS = {"Done": "success", "Under way": "info", "Failed": "danger"}


@admin.register(Operation)
class OperationAdmin(ReadOnly, TenantAdmin):
    event_path = "event"
    list_display = ["title", "event", "outcome", "numbers", "by", "started"]
    list_filter = [EventFilter]
    list_select_related = ["event", "started_by"]
    search_fields = ["title", "reason"]
    search_help_text = "Title or reason"
    fields = ["title", "event", "reason", ("by", "started")]
    readonly_fields = ["title", "event", "reason", "by", "started"]
    actions_detail = ["retry_failed"]
    change_form_outer_before_template = "admin/operation/progress_of_page.html"

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(require_GET(self.progress_view))
        rest: list[URLPattern] = super().get_urls()
        return [path("<path:object_id>/progress/", view, name="participants_operation_progress"), *rest]

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        """The progress of all operations on the page, counted at once."""
        changelist = super().get_changelist_instance(request)
        operations = list(changelist.result_list)
        progress = see_progress(operations=operations)
        for operation in operations:
            operation.progress = progress[operation.pk]
        changelist.result_list = operations
        return changelist

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        operation = self.get_object(request, object_id)
        shown = show_progress(operation) if operation else ""
        context = (extra_context or {}) | {"progress_html": shown}
        response: HttpResponse = super().change_view(request, object_id, form_url, context)
        return response

    def progress_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return HttpResponse(show_progress(find_object(self, request, object_id)))

    def has_retry_permission(self, request: HttpRequest, object_id: str | None = None) -> bool:
        return may(request, Membership.Role.ORGANIZER)

    @action(  # type: ignore[untyped-decorator]
        description="Retry what failed",
        icon="replay",
        permissions=["retry"],
        url_path="retry",
        dialog={
            "title": "Try again now?",
            "description": "Everything of this operation that failed is tried again at once.",
            "form_class": ReasonDialog,
            "form_submit_text": "Retry now",
        },
    )
    def retry_failed(self, request: HttpRequest, form: Any, object_id: str) -> HttpResponse:
        operation: Operation = find_object(self, request, object_id)
        steps = Step.objects.filter(operation=operation, state=Step.State.FAILED)
        retried = retry_now(steps=steps, actor=find_actor(request), reason=form.cleaned_data["reason"])
        level = messages.SUCCESS if retried else messages.WARNING
        self.message_user(request, describe_retry(retried), level)
        return return_to(request, operation)

    @admin.display(description="State")
    def outcome(self, operation: Operation) -> str:
        word = find_word(_progress_of(operation))
        return show_label(word, word, COLOURS)

    @admin.display(description="Done")
    def numbers(self, operation: Operation) -> str:
        progress = _progress_of(operation)
        return f"{progress.done} of {progress.total}" + (f", {progress.failed} failed" if progress.failed else "")

    @admin.display(description="By")
    def by(self, operation: Operation) -> str:
        return operation.started_by.email if operation.started_by else operation.started_by_name

    @admin.display(description="Started", ordering="started_at")
    def started(self, operation: Operation) -> str:
        return show_time(operation.started_at, operation.event.zone if operation.event else None)


def _progress_of(operation: Operation) -> Progress:
    progress: Progress = operation.progress  # type: ignore[attr-defined]
    return progress


def find_word(progress: Progress) -> str:
    if not progress.is_over:
        return "Under way"
    return "Failed" if progress.failed else "Done"


def show_progress(operation: Operation) -> str:
    """How far it is, what failed and why, and what the rest waits for. The same queries for any number of people."""
    progress = see_progress(operations=[operation])[operation.pk]
    steps = Step.objects.filter(operation=operation)
    word = find_word(progress)
    return render_to_string(
        "admin/operation/progress.html",
        {
            "address": reverse("admin:participants_operation_progress", args=[operation.pk]),
            "progress": progress,
            "steps_address": f"{reverse('admin:participants_step_changelist')}?operation={operation.pk}",
            "word": word,
            "variant": COLOURS[word],
            "failures": [_show_failure(step) for step in _list_failures(steps)] if progress.failed else [],
            "hidden_failures": max(progress.failed - SHOWN_FAILURES, 0),
            "waits": _list_waits(steps) if progress.open else [],
        },
    )


def _list_failures(steps: QuerySet[Step]) -> QuerySet[Step]:
    failed = steps.filter(state=Step.State.FAILED).select_related("event", "registration__participant")
    return failed.order_by("id")[:SHOWN_FAILURES]


def _show_failure(step: Step) -> dict[str, str]:
    return {
        "who": str(step.registration.participant) if step.registration else str(step.event),
        "href": reverse("admin:participants_step_change", args=[step.pk]),
        "what": describe_step(step),
        "why": step.detail,
    }


def _list_waits(steps: QuerySet[Step]) -> list[dict[str, object]]:
    """Those who wait alike are one line."""
    rows = steps.filter(state__in=WAITING).order_by().values_list("kind", "detail").annotate(number=Count("id"))
    most = rows.order_by("-number", "kind")[:SHOWN_WAITS]
    return [{"what": get_kind(kind).title, "why": detail, "number": number} for kind, detail, number in most]
