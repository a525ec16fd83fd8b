"""What somebody who signs in may be asked."""

from django import forms


class AddressForm(forms.Form):
    email = forms.EmailField(
        label="Work e-mail address", widget=forms.EmailInput(attrs={"autocomplete": "email", "inputmode": "email"})
    )

    def clean_email(self) -> str:
        email: str = self.cleaned_data["email"].strip().lower()
        return email
