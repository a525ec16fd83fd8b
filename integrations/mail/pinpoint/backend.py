"""Amazon Pinpoint as a Django e-mail backend: a message to a hundred people is one SendMessages call."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from email.utils import parseaddr
from typing import TYPE_CHECKING, Any, cast

from django.core.mail import EmailMessage, EmailMultiAlternatives
from django.core.mail.backends.base import BaseEmailBackend

from integrations import aws
from integrations.aws import AwsAccess
from integrations.chunks import chunks
from integrations.errors import IntegrationError
from integrations.mail.pinpoint.results import read_result
from integrations.mail.rendering import PLACEHOLDER, encode_sender, escape_html, find_placeholders, to_one_line
from integrations.throttle import Limit, shared_throttle

if TYPE_CHECKING:
    from mypy_boto3_pinpoint import PinpointClient
    from mypy_boto3_pinpoint.type_defs import AddressConfigurationTypeDef, MessageRequestTypeDef

ADDRESSES_PER_CALL = 100
SEND_MESSAGES = Limit("pinpoint-send-messages", 4000, 1)
SERVICE = "Amazon Pinpoint"
# Pinpoint puts one value into all parts, but each part needs the value in its own form.
_HTML, _HEADER = "__html", "__header"


@dataclass
class PinpointStatus:
    """Pinpoint's message id per bare address, or why it did not accept the mail."""

    recipients: dict[str, str | IntegrationError] = field(default_factory=dict)


class PinpointMessage(EmailMultiAlternatives):
    """An e-mail with {{placeholder}} marks in subject, text and html.

    The names of the mappings are django-anymail's. `merge_data` holds every recipient's values, and `merge_metadata`
    what Pinpoint's event stream shall say about the mail; both are keyed by bare address. After sending,
    `pinpoint_status` tells what became of each recipient. A plain EmailMessage is sent as well, and gets the status.
    """

    merge_data: Mapping[str, Mapping[str, str]]
    merge_metadata: Mapping[str, Mapping[str, str]]
    pinpoint_status: PinpointStatus


class EmailBackend(BaseEmailBackend):
    """Made by `get_connection`, with the access and the application as keyword arguments."""

    def __init__(self, *, access: AwsAccess, application_id: str, fail_silently: bool = False, **kwargs: Any) -> None:
        super().__init__(fail_silently=fail_silently, **kwargs)
        self._access = access
        self._application_id = application_id

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        """The number of messages that at least one recipient was accepted for.

        Raises IntegrationError for a message that nobody was accepted for, unless told to fail silently.
        """
        sent = 0
        for message in email_messages:
            status = PinpointStatus()
            cast(PinpointMessage, message).pinpoint_status = status
            self._send(cast(PinpointMessage, message), status)
            errors = [outcome for outcome in status.recipients.values() if isinstance(outcome, IntegrationError)]
            if errors and len(errors) == len(status.recipients) and not self.fail_silently:
                raise errors[0]
            sent += len(errors) < len(status.recipients)
        return sent

    def _send(self, message: PinpointMessage, status: PinpointStatus) -> None:
        """A failed call answers for its own recipients and for those who were to follow."""
        addresses = list(dict.fromkeys(parseaddr(recipient)[1] for recipient in message.recipients()))
        for portion in chunks(addresses, ADDRESSES_PER_CALL):
            try:
                status.recipients |= self._call(message, portion)
            except IntegrationError as error:
                status.recipients |= {address: error for address in addresses if address not in status.recipients}
                return

    def _call(self, message: PinpointMessage, addresses: Sequence[str]) -> dict[str, str | IntegrationError]:
        request = build_request(message, addresses)
        client: PinpointClient = aws.client(self._access, "pinpoint")
        shared_throttle().acquire(SEND_MESSAGES, f"{self._access.role_arn}:{self._access.region}")
        with aws.integration_errors(SERVICE):
            answer = client.send_messages(ApplicationId=self._application_id, MessageRequest=request)
        results = answer["MessageResponse"].get("Result", {})
        return {address: read_result(results.get(address)) for address in addresses}


def build_request(message: PinpointMessage, addresses: Sequence[str]) -> "MessageRequestTypeDef":
    """Raises IntegrationError for what Pinpoint cannot carry."""
    if message.attachments:
        raise IntegrationError(
            "Amazon Pinpoint carries no attachments. Send this mail through Amazon SES or SMTP.",
            permanent=True,
            code="Attachments",
        )
    subject, text, html = str(message.subject), str(message.body), _find_html(message)
    email: dict[str, Any] = {"Subject": _part(_mark(to_one_line(subject), _HEADER)), "TextPart": _part(text)}
    if html:
        email["HtmlPart"] = _part(_mark(html, _HTML))
    names = find_placeholders(text) | find_placeholders(html) | find_placeholders(subject)
    return {
        "Addresses": {address: _build_address(message, address, names) for address in addresses},
        "MessageConfiguration": {
            "EmailMessage": {"FromAddress": encode_sender(message.from_email), "SimpleEmail": cast(Any, email)}
        },
    }


def _build_address(message: PinpointMessage, address: str, names: set[str]) -> "AddressConfigurationTypeDef":
    values = getattr(message, "merge_data", {}).get(address, {})
    substitutions: dict[str, list[str]] = {}
    for name in names:
        # Every mark gets a value: an empty one is better than a mark that people can read.
        value = str(values.get(name, ""))
        substitutions |= {name: [value], name + _HTML: [escape_html(value)], name + _HEADER: [to_one_line(value)]}
    context = getattr(message, "merge_metadata", {}).get(address, {})
    return {"ChannelType": "EMAIL", "Substitutions": substitutions, "Context": context}


def _mark(text: str, suffix: str) -> str:
    return PLACEHOLDER.sub(lambda match: "{{" + match[1] + suffix + "}}", text)


def _find_html(message: EmailMessage) -> str:
    alternatives = getattr(message, "alternatives", [])
    return next((str(content) for content, mimetype in alternatives if mimetype == "text/html"), "")


def _part(data: str) -> dict[str, str]:
    return {"Charset": "UTF-8", "Data": data}
