"""Entries for what people do in the forms of the admin: what they add, change and delete."""

from typing import Any, ClassVar, cast

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import transaction
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from unfold.admin import ModelAdmin

from paddock.audit.changes import compare, find_stored
from paddock.audit.recording import record


class AuditedForms(ModelAdmin):  # type: ignore[misc]
    """Of its own rows and of those that stand inline on their pages. A form that is saved unchanged leaves no entry.

    `event_path` leads from a row to its event. Rows of `recorded_elsewhere` are left to whoever knows better words.
    """

    event_path: str | None = None
    recorded_elsewhere: ClassVar[tuple[type[Model], ...]] = ()

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        before = find_stored(obj) if change else None
        super().save_model(request, obj, form, change)
        self._note(request, before, obj, event_id=self._find_event_id(obj))

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
