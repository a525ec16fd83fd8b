"""What an owner enters to invite somebody."""

from typing import Any

from django import forms
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget, UnfoldAdminEmailInputWidget

from events.domain.invitations.inviting import find_obstacle
from events.models import Event, Invitation


class InvitationForm(forms.ModelForm):  # type: ignore[type-arg]
    chosen = forms.ModelMultipleChoiceField(
        Event.objects.none(),
        required=False,
        label="Chosen events",
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
        help_text="Where it is not for all events.",
    )

    class Meta:
        model = Invitation
        fields = ["email", "role", "all_events"]
        widgets = {"email": UnfoldAdminEmailInputWidget}
        help_texts = {"email": "The one that this person signs in with. The invitation is mailed there."}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["chosen"].queryset = Event.objects.all()  # type: ignore[attr-defined]

    def clean_email(self) -> str:
        """As accounts have it: in lower case, so that nobody is invited twice by capitals."""
        email: str = self.cleaned_data["email"].strip().lower()
        return email

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        given = self.cleaned_data
        if "email" in given and "role" in given:
            has_all_events = given.get("all_events", False)
            problem = find_obstacle(email=given["email"], role=given["role"], has_all_events=has_all_events)
            if problem:
                self.add_error(None, problem)
        if not given.get("all_events") and not given.get("chosen"):
            self.add_error("chosen", "Choose at least one event, or all events.")
        return cleaned
