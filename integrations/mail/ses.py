"""Amazon SES v2 through django-anymail, one SendEmail a mail."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from anymail.backends.amazon_ses import EmailBackend as AnymailBackend
from anymail.exceptions import AnymailAPIError, AnymailError

from integrations import aws
from integrations.aws import AwsAccess
from integrations.errors import IntegrationError
from integrations.mail.outcomes import ProviderDownError, send_each
from integrations.mail.protocol import Mail, SenderHealth, Template
from integrations.mail.rendering import render_message
from integrations.mail.sender import check_sender
from integrations.throttle import Limit, shared_throttle

if TYPE_CHECKING:
    from anymail.message import AnymailStatus

SERVICE = "Amazon SES"

_ACCOUNT_SENTENCES = {
    "SendingPausedException": "Amazon SES has paused sending for this account. Read the reason under SES → Reputation "
    "metrics, and ask AWS support to resume it.",
    "AccountSuspendedException": "Amazon SES has suspended this account. Ask AWS support to restore it.",
    "MailFromDomainNotVerifiedException": "The MAIL FROM domain is not verified in Amazon SES. Verify it under SES → "
    "Identities.",
    "NotFoundException": "Amazon SES does not know the configuration set. Correct its name in the mail settings.",
}


@dataclass(frozen=True)
class SesConfig:
    """`sender` may be “Name <address>”. `max_per_second` is the account's sending rate; SES counts recipients."""

    access: AwsAccess
    sender: str
    configuration_set: str = ""
    max_per_second: int = 14


class EmailBackend(AnymailBackend):  # type: ignore[misc]  # anymail is untyped
    """anymail's backend over a client of ours, which has an assumed role's credentials and outlives the backend."""

    def __init__(self, *, access: AwsAccess, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._access = access
        self.client: Any = None

    def open(self) -> bool:
        if self.client is not None:
            return False
        self.client = aws.client(self._access, "sesv2")
        return True

    def close(self) -> None:
        self.client = None


class SesMail:
    batch_size = 50

    def __init__(self, config: SesConfig) -> None:
        self._config = config
        self._limit = Limit("ses-recipients", config.max_per_second, 1)

    def send(self, template: Template, mails: Sequence[Mail]) -> dict[str, str | IntegrationError]:
        return send_each(mails, lambda mail: self._send_one(template, mail))

    def check_sender(self) -> SenderHealth:
        return check_sender(self._config.access, self._config.sender)

    def _send_one(self, template: Template, mail: Mail) -> str:
        message = render_message(template, mail, sender=self._config.sender)
        backend = EmailBackend(
            access=self._config.access, configuration_set_name=self._config.configuration_set or None
        )
        try:
            backend.open()
            shared_throttle().acquire(self._limit, f"{self._config.access.role_arn}:{self._config.access.region}")
            with aws.integration_errors(SERVICE):
                try:
                    backend.send_messages([message])
                except AnymailAPIError as error:
                    raise error.__cause__ or error from None
        except AnymailError as error:
            raise IntegrationError(f"This mail cannot be sent: {error}", permanent=True, code="Invalid") from error
        except IntegrationError as error:
            raise _classify(error) from error
        return str(cast("AnymailStatus", message.anymail_status).message_id)  # type: ignore[attr-defined]


# Refusals that concern one mail only.
_PERSONAL = {"MessageRejected", "BadRequestException", "Invalid"}


def _classify(error: IntegrationError) -> IntegrationError:
    if error.code in _PERSONAL:
        return error
    if error.code == "LimitExceededException":
        return ProviderDownError(
            "The daily sending quota of Amazon SES is used up. Paddock goes on when there is room again; ask AWS for a "
            "higher quota under SES → Account dashboard.",
            retry_after=3600,
            code=error.code,
        )
    return ProviderDownError(
        _ACCOUNT_SENTENCES.get(error.code, error.message),
        permanent=error.permanent,
        retry_after=error.retry_after,
        code=error.code,
    )
