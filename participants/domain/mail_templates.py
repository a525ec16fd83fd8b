"""Mail in an event's own words or ours, as a template with marks for what differs from person to person."""

import re
from collections.abc import Iterable

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

{{sign_in}}

{{races}}

If anything looks wrong, [your registration page]({{status_url}}) shows where things stand.

See you on the track!
"""

# How a racer signs in: one of these stands in for SIGN_IN.
SIGN_IN = "{{sign_in}}"
COMPANY_SIGN_IN = "You sign in with your company account, the way you do every day at work."
ONE_TIME_SIGN_IN = """\
You sign in with {{email}} and this one-time password:

**{{password}}**

Right after that you choose a password of your own. Do so within the next days, before this one expires. If you ever \
get this mail twice, the password in the later one counts; the earlier one is void."""
CHOSEN_SIGN_IN = """\
You sign in with {{email}} and the password that you have chosen there. Should you have forgotten it, the sign-in page \
helps you to a new one."""
INVITED_SIGN_IN = """\
You sign in with {{email}}. Your one-time password comes in another mail, which the racing service sends by itself. If \
it does not come, look for it in your spam folder."""

LINK = re.compile(r"\[([^\]]+)\]\(([^)\s]+)\)")
EMPHASIS = re.compile(r"(\*\*|__)(?=\S)(.+?)(?<=\S)\1")

# Filled in when the mail is sent. The event's title is the same for all and is filled in at once.
MARKS = ("given_name", "family_name", "access_url", "status_url", "race_url")
# Those of the sentences about signing in.
SIGN_IN_MARKS = ("email", "password")
# A list, which is there or not and has as many lines as there are races.
RACES = "{{races}}"
RACES_INTRODUCTION = "These races are yours to enter:"


def compile_template(
    *, event: Event, kind: MailTemplate.Kind, race_count: int = 0, sign_in: str = COMPANY_SIGN_IN
) -> Template:
    """The event's words, with only MARKS and SIGN_IN_MARKS left to fill in, and those of so many races
    (`name_race_marks`).

    Words that do not say where the races go have them at their end, and before them how to sign in, unless everybody
    knows that.
    """
    own = MailTemplate.objects.filter(event=event, kind=kind).first()
    subject, body = (own.subject, own.body) if own else (WELCOME_SUBJECT, WELCOME_BODY)
    body = _say_how_to_sign_in(_tidy_marks(body), sign_in)
    body = body if RACES in body or not race_count else f"{body}\n\n{RACES}"
    marks = [mark for number in range(1, race_count + 1) for mark in name_race_marks(number)]
    marks = [*MARKS, *SIGN_IN_MARKS, *marks]
    return compile_words(event=event, subject=subject, body=_list_races(body, race_count), marks=marks)


def compile_words(*, event: Event, subject: str, body: str, marks: Iterable[str] = MARKS) -> Template:
    """Markdown as text and HTML, with only these marks left to fill in."""
    subject, body = _tidy_marks(subject), _tidy_marks(body)
    return Template(
        subject=_name_event(subject, event),
        text=_name_event(_render_text(body), event),
        html=_render_html(event, body, list(marks)),
    )


def _say_how_to_sign_in(body: str, sign_in: str) -> str:
    if SIGN_IN not in body and sign_in != COMPANY_SIGN_IN:
        body = f"{body}\n\n{SIGN_IN}"
    return body.replace(SIGN_IN, sign_in)


def name_race_marks(number: int) -> tuple[str, str, str]:
    """The marks of one race in the list: its name, its address and its dates."""
    return f"race_{number}_name", f"race_{number}_url", f"race_{number}_when"


def _list_races(body: str, count: int) -> str:
    lines = [
        f"- [{{{{{name}}}}}]({{{{{url}}}}}) {{{{{when}}}}}"
        for name, url, when in map(name_race_marks, range(1, count + 1))
    ]
    listed = "\n".join(["", "", RACES_INTRODUCTION, "", *lines, "", ""]) if lines else ""
    return re.sub(r"\n{3,}", "\n\n", body.replace(RACES, listed)).rstrip() + "\n"


def _render_text(body: str) -> str:
    """Markdown reads well as it is, but for links and emphasis."""
    return EMPHASIS.sub(r"\2", LINK.sub(r"\1: \2", body))


def _render_html(event: Event, body: str, marks: list[str]) -> str:
    """Braces do not survive in a link's address, so marks go through Markdown as plain words."""
    for mark in marks:
        body = body.replace(f"{{{{{mark}}}}}", _word_for(mark))
    content = str(render_markdown(_name_event(body, event)))
    html = _disarm(str(render_to_string("mail/message.html", {"event": event, "content": content})))
    for mark in marks:
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
