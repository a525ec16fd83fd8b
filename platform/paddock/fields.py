"""Model fields that every app may use."""

from decimal import Decimal
from typing import Any

from django import forms
from django.db import models

from paddock.money import MICROS
from paddock.secrets import decrypt, encrypt, is_current


class Decrypted(str):
    """The plain text of a column. Written back it is stored as it was, so that a secret changes only when it does."""

    stored: str


class EncryptedTextField(models.TextField):  # type: ignore[type-arg]
    """Text that is encrypted in the database and plain in Python. Cannot be searched; never shown in the admin."""

    def get_prep_value(self, value: Any) -> str:
        if isinstance(value, Decrypted) and is_current(value.stored):
            return value.stored
        return encrypt(value) if value else ""

    def from_db_value(self, value: str | None, *args: Any) -> str:
        if not value:
            return ""
        plain = Decrypted(decrypt(value))
        plain.stored = value
        return plain


class DollarField(forms.DecimalField):
    """Dollars for people, micro-dollars for the program."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"min_value": 0, "max_digits": 15, "decimal_places": 6, **kwargs})

    def prepare_value(self, value: Any) -> Any:
        return (Decimal(value) / MICROS).normalize() if isinstance(value, int) else value

    def clean(self, value: Any) -> Any:
        dollars = super().clean(value)
        return None if dollars is None else int(dollars * MICROS)

    def has_changed(self, initial: Any, data: Any) -> bool:
        return super().has_changed(self.prepare_value(initial), data)


class MicroDollarField(models.BigIntegerField):  # type: ignore[type-arg]
    """Micro-dollars as a whole number; forms show and take dollars."""

    def formfield(self, *args: Any, **kwargs: Any) -> Any:
        from unfold.widgets import UnfoldAdminDecimalFieldWidget

        # The integer's widget that the admin hands over would refuse the cents.
        kwargs = {"form_class": DollarField, **kwargs, "widget": UnfoldAdminDecimalFieldWidget}
        return models.Field.formfield(self, **kwargs)
