"""Pinpoint as a mail provider."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.core.mail import get_connection

from integrations.aws import AwsAccess
from integrations.directories.addresses import address_key
from integrations.errors import IntegrationError
from integrations.mail.pinpoint.backend import ADDRESSES_PER_CALL, PinpointMessage
from integrations.mail.protocol import Mail, SenderHealth, Template
from integrations.mail.rendering import check_address
from integrations.mail.sender import check_sender


@dataclass(frozen=True)
class PinpointConfig:
    """`sender` may be “Name <address>”."""

    access: AwsAccess
    application_id: str
    sender: str


class PinpointMail:
    """Recipients are told apart by address in a call, so two mails to one address go out in two calls."""

    batch_size = ADDRESSES_PER_CALL

    def __init__(self, config: PinpointConfig) -> None:
        self._config = config

    def send(self, template: Template, mails: Sequence[Mail]) -> dict[str, str | IntegrationError]:
        outcomes: dict[str, str | IntegrationError] = {}
        deliverable: list[Mail] = []
        for mail in mails:
            try:
                check_address(mail.to)
                deliverable.append(mail)
            except IntegrationError as error:
                outcomes[mail.key] = error
        for round_ in _split_by_address(deliverable):
            outcomes |= self._send_round(template, round_)
        return outcomes

    def check_sender(self) -> SenderHealth:
        return check_sender(self._config.access, self._config.sender)

    def _send_round(self, template: Template, mails: Sequence[Mail]) -> dict[str, str | IntegrationError]:
        message = PinpointMessage(template.subject, template.text, self._config.sender, [mail.to for mail in mails])
        if template.html:
            message.attach_alternative(template.html, "text/html")
        message.merge_data = {mail.to: mail.substitutions for mail in mails}
        message.merge_metadata = {mail.to: {"paddock-message": mail.key} for mail in mails}
        get_connection(
            "integrations.mail.pinpoint.backend.EmailBackend",
            # Every recipient's outcome is read from the status instead.
            fail_silently=True,
            access=self._config.access,
            application_id=self._config.application_id,
        ).send_messages([message])
        return {mail.key: message.pinpoint_status.recipients[mail.to] for mail in mails}


def _split_by_address(mails: Sequence[Mail]) -> Iterator[list[Mail]]:
    rest = list(mails)
    while rest:
        first_of_address = {address_key(mail.to): mail for mail in reversed(rest)}
        yield [mail for mail in rest if first_of_address[address_key(mail.to)] is mail]
        rest = [mail for mail in rest if first_of_address[address_key(mail.to)] is not mail]
