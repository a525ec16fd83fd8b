"""An event's mail: its own words or ours, as a template with marks for what differs from person to person."""

import re

from django.template.loader import render_to_string

from events.domain.markdown import render_markdown
from events.models import Event, MailTemplate
from integrations.mail.protocol import Template
from integrations.mail.rendering import PLACEHOLDER

WELCOME_SUBJECT = "You're in: {{event}}"
WELCOME_BODY = """\
Hello {{given_name}},

your access to DeepRacer for **{{event}}** is ready. We have checked it: the link works.

[Start racing]({{access_url}})

You sign in with your company account, the way you do every day at work.

If anything looks wrong, [your registration page]({{status_url}}) shows where things stand.

See you on the track!
"""

LINK = re.compile(r"\[([^\]]+)\]\(([^)\s]+)\)")
EMPHASIS = re.compile(r"(\*\*|__)(?=\S)(.+?)(?<=\S)\1")

# Person by person; the event's title is the same for all and is filled in at once.
MARKS = ("given_name", "family_name", "access_url", "status_url")


def compile_template(*, event: Event, kind: MailTemplate.Kind) -> Template:
    """The event's words, with only the MARKS left to fill in."""
    own = MailTemplate.objects.filter(event=event, kind=kind).first()
    subject, body = (own.subject, own.body) if own else (WELCOME_SUBJECT, WELCOME_BODY)
    return Template(
        subject=_name_event(_tidy_marks(subject), event),
        text=_name_event(_render_text(_tidy_marks(body)), event),
        html=_render_html(event, _tidy_marks(body)),
    )


def _render_text(body: str) -> str:
    """Markdown reads well as it is, but for links and emphasis."""
    return EMPHASIS.sub(r"\2", LINK.sub(r"\1: \2", body))


def _render_html(event: Event, body: str) -> str:
    """Braces do not survive in a link's address, so marks go through Markdown as plain words."""
    for mark in MARKS:
        body = body.replace(f"{{{{{mark}}}}}", _word_for(mark))
    content = str(render_markdown(_name_event(body, event)))
    html = _disarm(str(render_to_string("mail/message.html", {"event": event, "content": content})))
    for mark in MARKS:
        html = html.replace(_word_for(mark), f"{{{{{mark}}}}}")
    return html


def _name_event(text: str, event: Event) -> str:
    return text.replace("{{event}}", _disarm(event.title))


def _disarm(text: str) -> str:
    """A title that looks like a mark must not be filled in as one."""
    return text.replace("{{", "{ {")


def _tidy_marks(text: str) -> str:
    """Organizers write {{ mark }} as well as {{mark}}."""
    return PLACEHOLDER.sub(r"{{\1}}", text)


def _word_for(mark: str) -> str:
    return f"paddockmark{mark.replace('_', '')}"
