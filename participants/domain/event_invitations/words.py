"""What an invitation says."""

from django.conf import settings
from django.urls import reverse

from events.models import Event
from integrations.mail.protocol import Mail, Template
from participants.domain.mail_templates import compile_words

# What Paddock can fill in; {{event}} is the same for all.
MARKS = ("portal_url",)
PORTAL_MARK = "{{portal_url}}"

SUBJECT = "You're invited: {{event}}"
BODY = """\
Hello,

you are invited to **{{event}}**. Teach a car to race itself; no experience is needed.

[Register here]({{portal_url}})

It takes a minute. We look forward to seeing you on the track!
"""


def write_invitation(*, event: Event, subject: str, body: str) -> Template:
    return compile_words(event=event, subject=subject, body=body, marks=MARKS)


def address_invitation(event: Event, *, key: str, email: str) -> Mail:
    return Mail(key=key, to=email, substitutions={"portal_url": find_portal_url(event)})


def find_portal_url(event: Event) -> str:
    path = reverse("participants:portal", args=[event.organization.slug, event.slug])
    return f"{settings.SITE_URL}{path}"
