"""How a portal's table is reached and understood: a page of its own, where everything about it is entered."""

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from events.admin.connections import WAY_IN
from events.admin.trust_policy import explain_trust
from events.models import Event, Intake, IntakeAnswer, Question
from paddock.form_fields import LinesField
from paddock.tenancy.admin_base import TenantAdmin, TenantTabularInline
from participants.admin.filters import EventFilter

NAMES = [
    "email_attribute",
    ("given_name_attribute", "family_name_attribute"),
    ("full_name_attribute", "alias_attribute"),
    "names_from_address",
]


class WordsField(LinesField):
    """What the portal stores, and what it means here: one pair a line."""

    def prepare_value(self, value: Any) -> Any:
        if isinstance(value, dict):
            return "\n".join(f"{word} = {meaning}" for word, meaning in value.items())
        return value

    def to_python(self, value: Any) -> Any:
        if isinstance(value, dict):
            return value
        words = {}
        for number, line in enumerate(super().to_python(value), start=1):
            word, equals, meaning = (part.strip() for part in line.partition("="))
            if not (word and equals and meaning):
                raise ValidationError(f"Line {number} is “{line}”. Write it as: Y = yes")
            words[word] = meaning
        return words

    def has_changed(self, initial: Any, data: Any) -> bool:
        try:
            return bool((initial or {}) != self.to_python(data))
        except ValidationError:
            return True


class IntakeAnswerForm(forms.ModelForm):  # type: ignore[type-arg]
    words = WordsField(required=False, help_text="Only where the portal's words differ, one a line: Y = yes")

    class Meta:
        model = IntakeAnswer
        fields = ["attribute", "question", "words"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["words"].widget.attrs["rows"] = 2


class IntakeAnswerInline(TenantTabularInline):
    model = IntakeAnswer
    form = IntakeAnswerForm
    verbose_name = "answer"
    verbose_name_plural = "attributes that answer questions"

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "question":
            kwargs["queryset"] = Question.objects.filter(event__in=_find_event(request))
        return super().formfield_for_foreignkey(db_field, request, **kwargs)


def _find_event(request: HttpRequest) -> QuerySet[Event]:
    """Of the page's own intake; of a new one, the event that it is for."""
    match = request.resolver_match
    object_id = match.kwargs.get("object_id", "") if match else ""
    if object_id.isdecimal():
        return Event.objects.filter(intake=int(object_id))
    chosen = request.POST.get("event", "") or request.GET.get("event", "")
    return Event.objects.filter(pk=chosen) if chosen.isdecimal() else Event.objects.none()


@admin.register(Intake)
class IntakeAdmin(TenantAdmin):
    event_path = "event"
    list_display = ["event", "table_name", "region", "is_enabled"]
    list_select_related = ["event"]
    list_filter = [EventFilter]
    search_fields = ["event__title", "table_name"]
    search_help_text = "Event or table"
    inlines = [IntakeAnswerInline]
    fieldsets = [
        (
            None,
            {
                "description": "The table of the portal that you run. Paddock reads it, and never writes.",
                "fields": ["event", "table_name"],
            },
        ),
        (
            "Which attribute says what",
            {
                "description": "The names as they stand in the table, or a path into a map: profile.email. Empty: the "
                "portal does not ask for it.",
                "fields": NAMES,
            },
        ),
        WAY_IN,
    ]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return ["event", "trust"] if obj else ["trust"]

    def save_row(self, request: HttpRequest, obj: Intake, form: Any, change: bool) -> None:
        """What the reader writes at the same moment, such as how far it is, stays as it wrote it."""
        columns = {field.name for field in obj._meta.concrete_fields}
        obj.save(update_fields=columns.intersection(form.changed_data) if change else None)

    @admin.display(description="Trust policy of the role")
    def trust(self, row: Intake) -> str:
        return explain_trust(row) if row.pk else "Appears after the first save."

    def get_queryset(self, request: HttpRequest) -> QuerySet[Intake]:
        queryset: QuerySet[Intake] = super().get_queryset(request)
        return queryset.select_related("event")

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Only events that the person sees, and that have no intake yet."""
        if db_field.name == "event":
            kwargs["queryset"] = self.admin_site.get_model_admin(Event).get_queryset(request).filter(intake=None)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def response_add(self, request: HttpRequest, obj: Intake, post_url_continue: str | None = None) -> HttpResponse:
        """The command that makes the role stands on the same page, once there is an external id."""
        self.message_user(request, "Saved. Make the role with the command below, and enter its ARN.")
        return HttpResponseRedirect(reverse("admin:events_intake_change", args=[obj.pk]))

    def response_change(self, request: HttpRequest, obj: Intake) -> HttpResponse:
        if "_continue" in request.POST or "_addanother" in request.POST:
            return super().response_change(request, obj)  # type: ignore[no-any-return]
        self.message_user(request, "Saved. What follows is read like this.")
        return HttpResponseRedirect(reverse("admin:events_event_intake", args=[obj.event_id]))
