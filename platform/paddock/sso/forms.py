"""What somebody who signs in may be asked."""

from django import forms
from unfold.widgets import UnfoldAdminEmailInputWidget

LABEL = "Work e-mail address"


class AddressForm(forms.Form):
    email = forms.EmailField(
        label=LABEL, widget=forms.EmailInput(attrs={"autocomplete": "email", "inputmode": "email"})
    )

    def clean_email(self) -> str:
        email: str = self.cleaned_data["email"].strip().lower()
        return email


class DoorForm(AddressForm):
    """The same at the admin's door, in its clothes. The field's id differs from that of the passwords' form."""

    email = forms.EmailField(label="Work address", widget=UnfoldAdminEmailInputWidget({"autocomplete": "email"}))
