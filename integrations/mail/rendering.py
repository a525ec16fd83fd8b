"""Templates with {{placeholder}} marks, filled for one person."""

import re
from collections.abc import Callable, Mapping
from email.utils import parseaddr

from django.core.exceptions import ValidationError
from django.core.mail import EmailMultiAlternatives
from django.core.mail.message import sanitize_address
from django.core.validators import validate_email
from django.utils.html import escape

from integrations.errors import IntegrationError
from integrations.mail.protocol import Mail, Template

PLACEHOLDER = re.compile(r"\{\{\s*(\w+)\s*\}\}")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")


def find_placeholders(text: str) -> set[str]:
    return set(PLACEHOLDER.findall(text))


def render(text: str, substitutions: Mapping[str, str], prepare: Callable[[str], str] = str) -> str:
    """In one pass, so that a value that looks like a placeholder stays what it is. Unknown ones become empty."""
    return PLACEHOLDER.sub(lambda match: prepare(substitutions.get(match[1], "")), text)


def escape_html(value: str) -> str:
    return str(escape(value))


def to_one_line(value: str) -> str:
    """For headers: whatever separates lines becomes a space, so that no value can begin a header of its own."""
    return " ".join(_CONTROL.sub(" ", value).split())


def render_message(template: Template, mail: Mail, *, sender: str, message_id: str = "") -> EmailMultiAlternatives:
    """Raises IntegrationError when the address or the sender is none."""
    check_address(mail.to)
    encoded_sender = encode_sender(sender)
    headers = {"X-Paddock-Message": to_one_line(mail.key)} | ({"Message-ID": message_id} if message_id else {})
    message = EmailMultiAlternatives(
        subject=to_one_line(render(template.subject, mail.substitutions)),
        body=render(template.text, mail.substitutions),
        from_email=encoded_sender,
        to=[mail.to],
        headers=headers,
    )
    if template.html:
        message.attach_alternative(render(template.html, mail.substitutions, escape_html), "text/html")
    return message


def check_address(address: str) -> None:
    try:
        validate_email(address)
    except ValidationError as error:
        raise IntegrationError(
            f"“{to_one_line(address)}” is not an e-mail address. Correct it at the participant.",
            permanent=True,
            code="Address",
        ) from error


def encode_sender(sender: str) -> str:
    """The sender as headers carry it: ASCII, with the name encoded where it needs to be."""
    # What is checked is what is sent: a line break inside a comment would be read in two ways.
    line = to_one_line(sender)
    try:
        validate_email(parseaddr(line)[1])
        return sanitize_address(line, "utf-8")
    except (ValidationError, ValueError) as error:
        raise IntegrationError(
            f"“{line}” is not a sender's address. Correct it in the mail settings.",
            permanent=True,
            code="Sender",
        ) from error


def sender_domain(sender: str) -> str:
    return parseaddr(sender)[1].rpartition("@")[2] or "localhost"
