"""An event's own words for its mail, shown as they will arrive."""

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from unfold.widgets import UnfoldAdminTextareaWidget

from events.models import MailTemplate
from integrations.mail.rendering import escape_html, render
from paddock.tenancy.admin_base import TenantStackedInline
from participants.admin.messages import frame_html
from participants.admin.placeholders import check_placeholders
from participants.domain.mail_templates import WELCOME_BODY, WELCOME_SUBJECT, compile_template
from participants.domain.races.addresses import RaceView
from participants.domain.welcome import fill_races

IN_SUBJECT = ("given_name", "family_name", "access_url", "status_url", "event")
IN_BODY = (*IN_SUBJECT, "races")
EXAMPLE = {
    "given_name": "Ann",
    "family_name": "Example",
    "access_url": "https://example.com/the-way-in",
    "status_url": "https://example.com/where-it-stands",
}
EXAMPLE_RACE_URL = "https://example.com/the-race"


class MailTemplateForm(forms.ModelForm):  # type: ignore[type-arg]
    class Meta:
        model = MailTemplate
        fields = ["kind", "subject", "body"]
        widgets = {"body": UnfoldAdminTextareaWidget({"rows": 14})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not self.instance.pk:
            self.initial = {"subject": WELCOME_SUBJECT, "body": WELCOME_BODY, **self.initial}

    def clean_subject(self) -> str:
        return check_placeholders(self.cleaned_data["subject"], IN_SUBJECT)

    def clean_body(self) -> str:
        # The model judges what was typed too, even where this already found something in it.
        self.instance.body = self.cleaned_data["body"]
        return check_placeholders(self.cleaned_data["body"], IN_BODY)


class MailTemplateInline(TenantStackedInline):
    model = MailTemplate
    form = MailTemplateForm
    tab = True
    fields = ["kind", "subject", "body", "preview"]
    readonly_fields = ["preview"]
    max_num = len(MailTemplate.Kind)
    extra = 1
    verbose_name = verbose_name_plural = "mail"

    def get_extra(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> int:
        """Paddock's own words stand ready to be changed until the event has some of its own."""
        return 0 if obj is None or obj.mail_templates.exists() else 1

    @admin.display(description="As saved, it arrives like this")
    def preview(self, template: MailTemplate) -> str:
        if not template.event_id:
            return "Appears after the first save."
        races = [RaceView(race, EXAMPLE_RACE_URL) for race in template.event.races.filter(in_welcome_mail=True)]
        compiled = compile_template(event=template.event, kind=MailTemplate.Kind(template.kind), race_count=len(races))
        example = EXAMPLE | fill_races(races)
        return frame_html(render(compiled.html, example, escape_html), title=render(compiled.subject, example))
