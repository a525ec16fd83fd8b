"""An event's own words for its mail, shown as they will arrive."""

import difflib
import re
from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from unfold.widgets import UnfoldAdminTextareaWidget

from events.models import MailTemplate
from integrations.mail.rendering import PLACEHOLDER, escape_html, render
from paddock.tenancy.admin_base import TenantStackedInline
from participants.admin.messages import frame_html
from participants.domain.mail_templates import MARKS, WELCOME_BODY, WELCOME_SUBJECT, compile_template

KNOWN = (*MARKS, "event")
EXAMPLE = {
    "given_name": "Ann",
    "family_name": "Example",
    "access_url": "https://example.com/the-way-in",
    "status_url": "https://example.com/where-it-stands",
}


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
        return check_placeholders(self.cleaned_data["subject"])

    def clean_body(self) -> str:
        # The model judges what was typed too, even where this already found something in it.
        self.instance.body = self.cleaned_data["body"]
        return check_placeholders(self.cleaned_data["body"])


def check_placeholders(text: str) -> str:
    """The text with its placeholders written alike. Raises ValidationError for what Paddock cannot fill in."""
    unknown = sorted(set(PLACEHOLDER.findall(text)) - set(KNOWN))
    if unknown:
        raise ValidationError([f"Paddock cannot fill in {{{{{name}}}}}.{_suggest(name)}" for name in unknown])
    if re.search(r"\{\{|\}\}", PLACEHOLDER.sub("", text)):
        raise ValidationError("A placeholder is written like {{given_name}}, with two braces on each side.")
    return PLACEHOLDER.sub(r"{{\1}}", text)


def _suggest(name: str) -> str:
    close = difflib.get_close_matches(name, KNOWN, n=1, cutoff=0.5)
    if close:
        return f" Did you mean {{{{{close[0]}}}}}?"
    return f" It knows {', '.join(f'{{{{{known}}}}}' for known in KNOWN)}."


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
        compiled = compile_template(event=template.event, kind=MailTemplate.Kind(template.kind))
        subject = render(compiled.subject, EXAMPLE)
        return frame_html(render(compiled.html, EXAMPLE, escape_html), title=subject)
