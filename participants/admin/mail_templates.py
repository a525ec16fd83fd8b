"""An event's own words for its mail, shown as they will arrive."""

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils.html import format_html_join
from unfold.widgets import UnfoldAdminTextareaWidget

from events.models import Event, MailTemplate, SponsoringAccount
from integrations.mail.rendering import escape_html, render
from paddock.tenancy.admin_base import TenantStackedInline
from participants.admin.messages import frame_html
from participants.domain.mail_templates import (
    COMPANY_SIGN_IN,
    ONE_TIME_SIGN_IN,
    WELCOME_BODY,
    WELCOME_SUBJECT,
    compile_template,
)
from participants.domain.placeholders import check_placeholders
from participants.domain.races.addresses import RaceView
from participants.domain.welcome import fill_races

IN_SUBJECT = ("given_name", "family_name", "access_url", "status_url", "event")
IN_BODY = (*IN_SUBJECT, "sign_in", "races")
EXAMPLE = {
    "given_name": "Ann",
    "family_name": "Example",
    "email": "ann@example.com",
    "password": "Kf7m_pQ2x_Rt9w",
    "access_url": "https://example.com/the-way-in",
    "status_url": "https://example.com/where-it-stands",
}
EXAMPLE_RACE_URL = "https://example.com/the-race"


class WordsField(forms.CharField):
    """Browsers end lines in their own way; words that nobody touched are the same all the same."""

    widget = UnfoldAdminTextareaWidget({"rows": 14})

    def to_python(self, value: Any) -> str:
        return str(super().to_python(value)).replace("\r\n", "\n")


class MailTemplateForm(forms.ModelForm):  # type: ignore[type-arg]
    body = WordsField()

    class Meta:
        model = MailTemplate
        fields = ["kind", "subject", "body"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not self.instance.pk:
            self.initial = {"subject": WELCOME_SUBJECT, "body": WELCOME_BODY.strip(), **self.initial}
        marks = ", ".join(f"{{{{{name}}}}}" for name in IN_BODY)
        self.fields["body"].help_text = f"Markdown; {marks} are filled in."

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
        return format_html_join(
            "", "{}", [[show_example(template, races, way)] for way in find_sign_ins(template.event)]
        )


def find_sign_ins(event: Event) -> list[str]:
    """How people of this event sign in: there are two ways where its accounts are of two kinds."""
    kinds = set(event.accounts.values_list("sponsoring_account__kind", flat=True))
    ways = {
        SponsoringAccount.Kind.MULTI_USER: COMPANY_SIGN_IN,
        SponsoringAccount.Kind.DEEPRACER_ON_AWS: ONE_TIME_SIGN_IN,
    }
    return [way for kind, way in ways.items() if kind in kinds] or [COMPANY_SIGN_IN]


def show_example(template: MailTemplate, races: list[RaceView], sign_in: str) -> str:
    kind, example = MailTemplate.Kind(template.kind), EXAMPLE | fill_races(races)
    compiled = compile_template(event=template.event, kind=kind, race_count=len(races), sign_in=sign_in)
    return frame_html(render(compiled.html, example, escape_html), title=render(compiled.subject, example))
