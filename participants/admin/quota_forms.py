"""What the bulk actions about quotas ask."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from unfold.widgets import UnfoldAdminIntegerFieldWidget, UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from events.models import ParticipantGroup
from participants.admin.confirmation import ReasonForm
from participants.domain.quotas.adjusting import LARGEST, Adjustment, How

HOW = [
    (How.KEEP.value, "Leave as it is"),
    (How.SET.value, "Set to"),
    (How.ADD.value, "Add (or take away, with a minus)"),
    (How.UNLIMIT.value, "No limit"),
]


def how_field(label: str) -> forms.ChoiceField:
    return forms.ChoiceField(choices=HOW, label=label, initial=How.KEEP.value, widget=UnfoldAdminSelectWidget)


def number_field(label: str, *, least: int = 0, help_text: str = "") -> forms.IntegerField:
    return forms.IntegerField(
        label=label,
        required=False,
        min_value=least,
        max_value=LARGEST,
        help_text=help_text,
        widget=UnfoldAdminIntegerFieldWidget,
    )


class QuotaForm(ReasonForm):
    minutes_how = how_field("Training minutes")
    minutes = number_field("Minutes", least=-LARGEST)
    models_how = how_field("Models")
    models = number_field("Number of models", least=-LARGEST)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        for name in ("minutes", "models"):
            cleaned[name] = self._read(name)
        if {cleaned["minutes"].how, cleaned["models"].how} == {How.KEEP}:
            raise ValidationError("Nothing would change: choose what becomes of the minutes or of the models.")
        return cleaned

    def _read(self, name: str) -> Adjustment:
        how, number = How(self.cleaned_data.get(f"{name}_how", How.KEEP)), self.cleaned_data.get(name)
        if how in (How.KEEP, How.UNLIMIT):
            return Adjustment(how)
        if number is None and name not in self.errors:
            self.add_error(name, "Enter a number.")
        elif how is How.SET and number is not None and number < 0:
            self.add_error(name, "A limit cannot be less than nothing.")
        return Adjustment(how, number or 0)


def _name_with_event(obj: ParticipantGroup) -> str:
    return f"{obj} ({obj.event})"


class GroupForm(ReasonForm):
    group = forms.ModelChoiceField(
        ParticipantGroup.objects.none(), required=False, empty_label="No group", widget=UnfoldAdminSelectWidget
    )
    new_group = forms.CharField(
        max_length=100,
        required=False,
        label="Or a new group",
        widget=UnfoldAdminTextInputWidget,
        help_text="Made when you confirm. It has the event's quota until it is given one of its own.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.events = list(self.rows.order_by().values_list("event", flat=True).distinct())
        choice: forms.ModelChoiceField[ParticipantGroup] = self.fields["group"]  # type: ignore[assignment]
        choice.queryset = ParticipantGroup.objects.filter(event__in=self.events).select_related("event")
        if len(self.events) > 1:
            choice.label_from_instance = _name_with_event  # type: ignore[method-assign]

    def clean_new_group(self) -> str:
        name: str = self.cleaned_data["new_group"].strip()
        if name and len(self.events) > 1:
            raise ValidationError("A group belongs to one event, and these people are of several.")
        return name

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("group") and cleaned.get("new_group"):
            raise ValidationError("Choose a group or name a new one, not both.")
        return cleaned


class PolicyForm(ReasonForm):
    minutes = number_field("Training minutes", help_text="Empty: decided one level up.")
    models = number_field("Models", help_text="Empty: decided one level up.")
    existing = forms.TypedChoiceField(
        label="For whom",
        choices=[("", "Choose …"), ("no", "Those who register from now on"), ("yes", "Those who are there, too")],
        coerce=lambda value: value == "yes",
        widget=UnfoldAdminSelectWidget,
        help_text="A quota that somebody was given for themselves stays in any case.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        policy = self.rows.first()
        if policy:
            self.initial = {**self.initial, "minutes": policy.minutes, "models": policy.model_count}
