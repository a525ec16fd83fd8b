"""What forms over tenants' rows share."""

from typing import Any

from django import forms
from django.db.models import UniqueConstraint


class TenantForm(forms.ModelForm):  # type: ignore[type-arg]
    """Says what is taken in the organization, which Django leaves to the database because no form shows the tenant."""

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        for constraint in self._meta.model._meta.constraints:
            if isinstance(constraint, UniqueConstraint) and "organization" in constraint.fields:
                self._check_taken([name for name in constraint.fields if name != "organization"])
        return cleaned

    def _check_taken(self, names: list[str]) -> None:
        """Only this organization's rows are seen here, so they need no filter of their own."""
        if not names or not all(name in self.cleaned_data for name in names):
            return
        values = {name: self.cleaned_data[name] for name in names}
        if self._meta.model.objects.filter(**values).exclude(pk=self.instance.pk).exists():
            label = self.fields[names[0]].label or names[0]
            self.add_error(names[0], f"Your organization has another one with this {label[:1].lower() + label[1:]}.")
