"""What the page of a budget and its dialogs ask."""

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.http import HttpRequest
from unfold.forms import BaseDialogForm
from unfold.widgets import UnfoldAdminDecimalFieldWidget, UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from events.models import Budget, Threshold
from paddock.fields import DollarField
from paddock.form_fields import LinesField
from paddock.money import show_dollars
from participants.admin.actions import REASON, find_object
from participants.admin.budget_panel import describe_figures
from participants.domain.guard.raising import CENT, find_least_amount
from participants.domain.guard.subjects import subject_of


class BudgetForm(forms.ModelForm):  # type: ignore[type-arg]
    """The contacts are those of the event or the account; they stand here because a budget is what they are told of."""

    contacts = LinesField(
        required=False,
        help_text="E-mail addresses, one a line: who is told when a threshold is reached. "
        "Empty: the organization's owners.",
    )

    class Meta:
        model = Budget
        fields = ["event", "sponsoring_account", "amount"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.initial["contacts"] = subject_of(self.instance).contacts
        if "amount" in self.fields:
            self.fields["amount"].min_value = CENT  # type: ignore[attr-defined]

    def clean_contacts(self) -> list[str]:
        contacts: list[str] = self.cleaned_data["contacts"]
        for address in contacts:
            try:
                validate_email(address)
            except ValidationError as error:
                raise ValidationError(f"“{address}” is not an e-mail address.") from error
        return contacts

    def clean_amount(self) -> int:
        amount: int = self.cleaned_data["amount"]
        if amount < CENT:
            raise ValidationError("Enter at least one cent.")
        return amount


class ThresholdForm(forms.ModelForm):  # type: ignore[type-arg]
    """Those that a new budget is offered are kept although nobody has touched them."""

    class Meta:
        model = Threshold
        fields = ["percent", "action"]
        labels = {"percent": "Percent of the amount"}

    def has_changed(self) -> bool:
        is_new = self.instance.pk is None and bool(self.data.get(self.add_prefix("percent")))
        return is_new or super().has_changed()


class ThresholdFormSet(forms.BaseInlineFormSet):  # type: ignore[type-arg]
    def clean(self) -> None:
        super().clean()
        for form in self.deleted_forms:
            if form.instance.pk and form.instance.firings.exists():
                raise ValidationError(
                    f"The threshold at {form.instance.percent} % has fired, and what it did stays on record. "
                    "Change its percentage instead."
                )


class BudgetDialog(BaseDialogForm):  # type: ignore[misc]
    """A dialog above the page of a budget, with the figures of this moment."""

    form_before_template = "admin/budgets/dialog_figures.html"

    def __init__(self, request: HttpRequest, object_id: str, *args: Any, **kwargs: Any) -> None:
        super().__init__(request, object_id, *args, **kwargs)
        self.budget: Budget = find_object(admin.site.get_model_admin(Budget), request, object_id)

    def get_before_template_context(self, request: HttpRequest, object_id: Any = None) -> dict[str, Any]:
        return {"figures": describe_figures(self.budget)}


class AmountDialog(BudgetDialog):
    amount = DollarField(label="New amount, USD", widget=UnfoldAdminDecimalFieldWidget)
    reason = forms.CharField(max_length=300, widget=UnfoldAdminTextInputWidget, help_text=REASON)

    def clean_amount(self) -> int:
        amount: int = self.cleaned_data["amount"]
        if amount < CENT:
            raise ValidationError("Enter at least one cent.")
        return amount


class UnfreezeDialog(AmountDialog):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.least = find_least_amount(budget=self.budget)
        self.fields["amount"].help_text = f"{show_dollars(self.least)} or more."

    def clean_amount(self) -> int:
        amount = super().clean_amount()
        if amount < self.least:
            raise ValidationError(
                f"Enter {show_dollars(self.least)} or more: with less, the mark at which everybody is paused would be "
                "behind what is spent already."
            )
        return amount


class ArmDialog(BudgetDialog):
    threshold = forms.ModelChoiceField(
        Threshold.objects.none(), empty_label=None, widget=UnfoldAdminSelectWidget, label="Threshold that has fired"
    )
    reason = forms.CharField(max_length=300, widget=UnfoldAdminTextInputWidget, help_text=REASON)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["threshold"]
        field.queryset = Threshold.objects.filter(budget=self.budget, fired_at__isnull=False)
        field.label_from_instance = lambda threshold: f"{threshold.percent} %, {threshold.get_action_display()}"
