"""Entries for what people do in the forms of the admin: what they add, change and delete."""

from typing import Any, ClassVar, cast

from django.contrib import messages
from django.contrib.admin.utils import unquote
from django.contrib.auth.base_user import AbstractBaseUser
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponseRedirect
from django.template.response import TemplateResponse
from unfold.admin import ModelAdmin

from paddock.audit.changes import compare, find_stored
from paddock.audit.history import describe, link_lists, read_history
from paddock.audit.reasons import read_reason
from paddock.audit.recording import record

WANTS_REASON = "Say why it is deleted. Nothing was deleted."


class AuditedForms(ModelAdmin):  # type: ignore[misc]
    """Of its own rows and of those that stand inline on their pages. A form that is saved unchanged leaves no entry.

    `event_path` leads from a row to its event. Rows of `recorded_elsewhere` are left to whoever knows better words.
    """

    asks_reason = True  # on its forms
    event_path: str | None = None
    recorded_elsewhere: ClassVar[tuple[type[Model], ...]] = ()

    def delete_view(self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None) -> Any:
        if request.POST and not read_reason(request) and self._may_delete(request, object_id):
            messages.error(request, WANTS_REASON)
            return HttpResponseRedirect(request.get_full_path())
        return super().delete_view(request, object_id, extra_context)

    def _may_delete(self, request: HttpRequest, object_id: str) -> bool:
        """Whoever may not is told so, with a reason or without."""
        obj = self.get_object(request, unquote(object_id))
        return obj is not None and bool(self.has_delete_permission(request, obj))

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        """Deleting what was chosen wants a reason too; without one the question is asked again."""
        if request.POST.get("action") == "delete_selected" and "post" in request.POST and not read_reason(request):
            messages.error(request, WANTS_REASON)
            asked_again = request.POST.copy()
            del asked_again["post"]
            request.POST = asked_again  # type: ignore[assignment]
        return super().changelist_view(request, extra_context)

    def history_view(self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None) -> Any:
        obj = self.get_object(request, unquote(object_id))
        if not self.has_view_or_change_permission(request, obj):
            raise PermissionDenied  # before anything tells whether there is such a row
        if obj is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)
        return TemplateResponse(request, "admin/audit/history.html", self._describe_history(request, obj))

    def _describe_history(self, request: HttpRequest, obj: Model) -> dict[str, Any]:
        membership: Any = getattr(request, "membership", None)
        limited = membership is not None and not membership.all_events
        history = read_history(obj, events=membership.chosen_events.values("event_id") if limited else None)
        return {
            **self.admin_site.each_context(request),
            "title": f"History: {obj}",
            "opts": self.opts,
            "told": [describe(each, history) for each in history.records],
            "more": history.more,
            "everything": link_lists({"object_type": self.opts.model_name, "object": obj.pk}),
        }

    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> None:
        """Django's own log would be a second history, which knows less."""

    def log_change(self, request: HttpRequest, obj: Any, message: Any) -> None:
        """As above."""

    def log_deletions(self, request: HttpRequest, queryset: Any) -> None:
        """As above."""

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        before = find_stored(obj) if change else None
        self.save_row(request, obj, form, change)
        self._note(request, before, obj, event_id=self._find_event_id(obj))

    def save_row(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        self._note(request, obj, None, event_id=self._find_event_id(obj))
        super().delete_model(request, obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        with transaction.atomic():
            for obj in queryset:
                self._note(request, obj, None, event_id=self._find_event_id(obj))
            super().delete_queryset(request, queryset)

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:
        """Rows that hang on the page's own one belong to its event."""
        changed = [each.instance.pk for each in formset.initial_forms if each.has_changed()]
        before = formset.model._base_manager.in_bulk(changed) if changed else {}
        super().save_formset(request, form, formset, change)
        event_id = self._find_event_id(form.instance)
        for row in formset.new_objects:
            self._note(request, None, row, event_id=event_id)
        for row, _ in formset.changed_objects:
            self._note(request, before[row.pk], row, event_id=event_id)
        for row in before.values():
            if row.pk not in {each.pk for each, _ in formset.changed_objects}:
                self._note(request, row, None, event_id=event_id)

    def _note(self, request: HttpRequest, before: Model | None, after: Model | None, *, event_id: int | None) -> None:
        row = after or before
        changes = compare(before, after)
        if row is None or isinstance(row, self.recorded_elsewhere) or (before and after and not changes):
            return
        deed = "changed" if before and after else "added" if after else "deleted"
        record(
            actor=cast(AbstractBaseUser, request.user),
            action=f"{deed} the {row._meta.verbose_name}",
            about=row,
            event_id=event_id,
            changes=changes,
        )

    def _find_event_id(self, row: Any) -> int | None:
        if not self.event_path:
            return None
        for name in self.event_path.split("__"):
            row = getattr(row, name, None)
        found: int | None = row.pk if isinstance(row, Model) else row
        return found
