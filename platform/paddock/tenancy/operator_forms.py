"""What an operator of the deployment answers before they enter a tenant."""

from typing import Any

from django import forms
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from paddock.tenancy.models import OperatorSession, Organization
from paddock.tenancy.operator_sessions import LONGEST_MINUTES


class OperatorSessionForm(forms.ModelForm):  # type: ignore[type-arg]
    tenant = forms.ModelChoiceField(
        Organization.objects.none(), label="Organization", widget=UnfoldAdminSelectWidget, empty_label="Choose one"
    )
    minutes = forms.TypedChoiceField(
        label="How long",
        choices=[(minutes, f"{minutes} minutes") for minutes in (15, 30, LONGEST_MINUTES)],
        coerce=int,
        widget=UnfoldAdminSelectWidget,
        help_text="End it as soon as you are done. Whatever you have open elsewhere ends when this begins.",
    )

    class Meta:
        model = OperatorSession
        fields = ["reason"]
        widgets = {"reason": UnfoldAdminTextInputWidget}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["tenant"].queryset = Organization.objects.all()  # type: ignore[attr-defined]
