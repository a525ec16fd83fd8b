"""What owners enter about a webhook."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget, UnfoldAdminTextInputWidget

from integrations.webhooks.targets import InvalidTarget
from participants.admin.actions import REASON
from participants.domain.webhooks.catalogue import CATALOGUE
from participants.domain.webhooks.endpoints import FORM_FIELDS, TooManyEndpoints, check_url, has_room
from participants.models import WebhookEndpoint


class WebhookForm(forms.ModelForm):  # type: ignore[type-arg]
    types = forms.MultipleChoiceField(
        label="Event types",
        required=False,
        choices=[(each.name, each.name) for each in CATALOGUE],
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
        help_text="What each of them tells stands below.",
    )
    reason = forms.CharField(max_length=300, widget=UnfoldAdminTextInputWidget, help_text=REASON)

    class Meta:
        model = WebhookEndpoint
        fields = FORM_FIELDS

    def clean_url(self) -> str:
        url: str = self.cleaned_data["url"].strip()
        try:
            check_url(url)
        except InvalidTarget as error:
            raise ValidationError(str(error)) from error
        return url

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        if not self.cleaned_data.get("all_types") and not self.cleaned_data.get("types"):
            self.add_error("types", "Choose what it is told, or everything.")
        if self.instance.pk is None and not has_room():
            self.add_error(None, str(TooManyEndpoints()))
        return cleaned
