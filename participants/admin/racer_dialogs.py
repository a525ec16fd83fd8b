"""What is asked before a racer is linked, unlinked or left alone."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from unfold.widgets import UnfoldAdminEmailInputWidget

from participants.admin.actions import ReasonDialog
from participants.models import Participant


class LinkDialog(ReasonDialog):
    email = forms.EmailField(
        label="Participant's e-mail address",
        widget=UnfoldAdminEmailInputWidget,
        help_text="As they registered with it.",
    )
    field_order = ["email", "reason"]
    participant: Participant

    def clean_email(self) -> str:
        email: Any = self.cleaned_data["email"]
        found = Participant.objects.filter(email_key=email.lower()).first()
        if found is None:
            raise ValidationError("Nobody has registered with this address.")
        self.participant = found
        return str(email)
