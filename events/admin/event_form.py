"""The form of an event: times in its own zone, lists one item a line, and what is taken said at the field."""

import zoneinfo
from functools import lru_cache
from typing import Any

from django import forms
from unfold.widgets import UnfoldAdminSelect2Widget

from events.models import DirectoryConnection, Event, Question
from paddock.form_fields import LinesField
from paddock.tenancy.forms import TenantForm


def find_typed_zone(data: Any) -> zoneinfo.ZoneInfo | None:
    """The zone that came with the form, None where that is none."""
    name = data.get("time_zone", "")
    return zoneinfo.ZoneInfo(name) if name in zoneinfo.available_timezones() else None


@lru_cache
def list_zones() -> list[tuple[str, str]]:
    """UTC and the places, without the older names for the same. Kept, because finding them reads hundreds of files."""
    names = zoneinfo.available_timezones()
    places = sorted(name for name in names if "/" in name and not name.startswith(("Etc/", "US/")))
    return [(name, name.replace("_", " ")) for name in ["UTC", *places]]


class EventForm(TenantForm):
    time_zone = forms.ChoiceField(
        choices=list_zones,
        initial="UTC",
        widget=UnfoldAdminSelect2Widget,
        help_text="All times of the event are typed and shown in this zone.",
    )
    allowed_email_domains = LinesField(
        required=False,
        label="Allowed e-mail domains",
        help_text="One a line, such as example.com. Empty: any address may register.",
    )

    contacts = LinesField(
        required=False,
        help_text="Who is told of the event's budget, one address a line. Empty: the organization's owners.",
    )

    class Meta:
        model = Event
        fields = "__all__"
        labels = {
            "is_published": "Published",
            "allows_guests": "Invite guests",
            "requires_sign_in": "Sign in first",
            "session_minutes": "Minutes a sign-in lasts",
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._keep_zone()

    def _keep_zone(self) -> None:
        """An event whose zone has an older name keeps it."""
        zone = self.instance.time_zone
        if "time_zone" in self.fields and zone not in dict(list_zones()):
            self.fields["time_zone"].choices = [(zone, zone), *list_zones()]  # type: ignore[attr-defined]


def guess_connections() -> dict[str, int]:
    """Where an organization has just one directory, a new event starts with it."""
    rows = list(DirectoryConnection.objects.values_list("pk", flat=True)[:2])
    return {"directory": rows[0]} if len(rows) == 1 else {}


class QuestionForm(forms.ModelForm):  # type: ignore[type-arg]
    choices = LinesField(required=False, help_text="For questions with choices: one a line.")

    class Meta:
        model = Question
        fields = ["position", "label", "key", "kind", "required", "choices", "help_text"]
