"""The form of a sponsoring account, of either kind."""

from typing import Any

from events.models import SponsoringAccount
from paddock.form_fields import LinesField, SecretForm, SecretInput
from paddock.tenancy.forms import TenantForm

# AWS's own numbers: what multi-user mode allows, and SageMaker's quota for training jobs in a new account.
TRAINING_JOBS = {SponsoringAccount.Kind.MULTI_USER: 100, SponsoringAccount.Kind.DEEPRACER_ON_AWS: 8}


class AccountForm(SecretForm, TenantForm):
    secret_name = "admin_password"  # noqa: S105 -- the name of a field
    contacts = LinesField(
        required=False,
        help_text="Who is told of the account's budget, one address a line. Empty: the organization's owners.",
    )

    class Meta:
        widgets = {"admin_password": SecretInput}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "max_training_jobs" in self.fields:
            self._offer_training_jobs()

    def _offer_training_jobs(self) -> None:
        field = self.fields["max_training_jobs"]
        field.required = False
        field.help_text = "Empty: 100 in multi-user mode, and 8 with DeepRacer on AWS, SageMaker's usual quota."
        if not self.instance.pk:
            self.initial["max_training_jobs"] = None

    def clean(self) -> dict[str, Any] | None:
        typed = self.cleaned_data.get("admin_password")
        cleaned = super().clean()
        if self.cleaned_data.get("max_training_jobs") is None and "kind" in self.cleaned_data:
            self.cleaned_data["max_training_jobs"] = TRAINING_JOBS[self.cleaned_data["kind"]]
        self._guard_password(bool(typed))
        self._guard_identity()
        return cleaned

    def _guard_password(self, is_typed: bool) -> None:
        """A stored password is never sent to a site that it was not meant for."""
        if self.stored_secret and not is_typed and "site_url" in self.changed_data:
            self.add_error("admin_password", "Enter the password again for the new site.")

    def _guard_identity(self) -> None:
        """Racers are known by what they are called in this very account."""
        moved = [name for name in ("kind", "account_id") if name in self.changed_data]
        if moved and self.instance.pk and self._knows_racers():
            for name in moved:
                self.add_error(name, "Racers are known in this account already. Add another account instead.")

    def _knows_racers(self) -> bool:
        racers: Any = getattr(self.instance, "racer_profiles")  # noqa: B009 -- of an app above this one
        return bool(racers.exists())
