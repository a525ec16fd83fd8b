"""Form fields and widgets that every app's admin may use."""

from typing import Any

from django import forms
from unfold.widgets import UnfoldAdminPasswordWidget, UnfoldAdminTextareaWidget


class LinesField(forms.CharField):
    """A list of texts, one a line, so that a text may contain commas."""

    widget = UnfoldAdminTextareaWidget({"rows": 4})

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(value) if isinstance(value, list) else value

    def to_python(self, value: Any) -> Any:
        lines = value if isinstance(value, list) else (super().to_python(value) or "").splitlines()
        return [line.strip() for line in lines if line.strip()]

    def validate(self, value: Any) -> None:
        if self.required and not value:
            raise forms.ValidationError(self.error_messages["required"], code="required")

    def run_validators(self, value: Any) -> None:
        """The model's field judges each text."""

    def has_changed(self, initial: Any, data: Any) -> bool:
        return bool(self.to_python(initial or []) != self.to_python(data))


class SecretTextarea(UnfoldAdminTextareaWidget):  # type: ignore[misc]
    """Takes a secret of several lines, and never writes one into a page."""

    def format_value(self, value: Any) -> str:
        return ""


class SecretInput(UnfoldAdminPasswordWidget):  # type: ignore[misc]
    """Takes a secret, and never writes one into a page."""

    def format_value(self, value: Any) -> None:
        return None


class SecretForm(forms.ModelForm):  # type: ignore[type-arg]
    """Secrets go in and never come out: an empty field leaves the stored one as it is."""

    secret_name: str

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.stored_secret: str = getattr(self.instance, self.secret_name)
        self.initial[self.secret_name] = ""
        if self.secret_name in self.fields:
            attrs = self.fields[self.secret_name].widget.attrs
            attrs["autocomplete"] = "off"
            attrs["placeholder"] = "Stored. Enter a new one to replace it." if self.stored_secret else ""

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        if self.secret_name in self.fields and not self.cleaned_data.get(self.secret_name):
            self.cleaned_data[self.secret_name] = self.stored_secret
        return cleaned
