"""Model fields that every app may use."""

from typing import Any

from django.db import models

from paddock.secrets import decrypt, encrypt


class EncryptedTextField(models.TextField):  # type: ignore[type-arg]
    """Text that is encrypted in the database and plain in Python. Cannot be searched; never shown in the admin."""

    def get_prep_value(self, value: Any) -> str:
        return encrypt(value) if value else ""

    def from_db_value(self, value: str | None, *args: Any) -> str:
        return decrypt(value) if value else ""
