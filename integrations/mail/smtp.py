"""SMTP through Django's backend, one connection for a batch."""

import smtplib
import ssl
from collections.abc import Sequence
from dataclasses import dataclass, field
from email.utils import make_msgid

from django.conf import settings
from django.core.mail.backends.smtp import EmailBackend

from integrations.errors import IntegrationError
from integrations.mail.outcomes import ProviderDownError, send_each
from integrations.mail.protocol import Mail, SenderHealth, Template
from integrations.mail.rendering import render_message, sender_domain

IMPLICIT_TLS_PORT = 465


@dataclass(frozen=True)
class SmtpConfig:
    """`sender` may be “Name <address>”. With `use_tls`, port 465 speaks TLS from the start, any other by STARTTLS."""

    host: str
    port: int
    username: str
    password: str = field(repr=False)
    use_tls: bool
    sender: str


class SmtpMail:
    batch_size = 50

    def __init__(self, config: SmtpConfig) -> None:
        self._config = config

    def send(self, template: Template, mails: Sequence[Mail]) -> dict[str, str | IntegrationError]:
        backend = self._build_backend()
        try:
            backend.open()
        except (smtplib.SMTPException, OSError) as error:
            _close(backend)
            return {mail.key: _explain_connection(self._config, error) for mail in mails}
        try:
            return send_each(mails, lambda mail: self._send_one(backend, template, mail))
        finally:
            _close(backend)

    def check_sender(self) -> SenderHealth:
        """Connects, greets and signs in. Whom the server lets send as what shows with the first mail."""
        backend = self._build_backend()
        try:
            backend.open()
        except (smtplib.SMTPException, OSError) as error:
            raise _explain_connection(self._config, error) from error
        finally:
            _close(backend)
        return SenderHealth()

    def _build_backend(self) -> EmailBackend:
        implicit_tls = self._config.use_tls and self._config.port == IMPLICIT_TLS_PORT
        return EmailBackend(
            host=self._config.host,
            port=self._config.port,
            username=self._config.username,
            password=self._config.password,
            use_tls=self._config.use_tls and not implicit_tls,
            use_ssl=implicit_tls,
            timeout=settings.PROVIDER_TIMEOUT_SECONDS,
        )

    def _send_one(self, backend: EmailBackend, template: Template, mail: Mail) -> str:
        """The Message-ID, which names the mail in the logs of every server on its way."""
        message_id = make_msgid(domain=sender_domain(self._config.sender))
        message = render_message(template, mail, sender=self._config.sender, message_id=message_id)
        try:
            backend.send_messages([message])
        except smtplib.SMTPRecipientsRefused as error:
            code, text = next(iter(error.recipients.values()))
            raise _explain_refusal(code, text) from error
        except smtplib.SMTPSenderRefused as error:
            raise _explain_sender(error) from error
        except smtplib.SMTPServerDisconnected as error:
            raise _dropped() from error
        except smtplib.SMTPResponseException as error:
            raise _explain_refusal(error.smtp_code, error.smtp_error) from error
        except (smtplib.SMTPException, OSError) as error:
            raise _dropped() from error
        except ValueError as error:
            raise IntegrationError(f"This mail cannot be sent: {error}", permanent=True, code="Invalid") from error
        return message_id


def _close(backend: EmailBackend) -> None:
    try:
        backend.close()
    except (smtplib.SMTPException, OSError):
        # The mails' outcomes are known; how the server says goodbye changes none of them.
        return


def _explain_connection(config: SmtpConfig, error: Exception) -> IntegrationError:
    server = f"The mail server {config.host}:{config.port}"
    if isinstance(error, smtplib.SMTPAuthenticationError):
        return IntegrationError(
            f"{server} refused the user name or the password. Correct them in the mail settings.",
            permanent=error.smtp_code >= 500,
            retry_after=None if error.smtp_code >= 500 else 60,
            code=str(error.smtp_code),
        )
    if isinstance(error, smtplib.SMTPNotSupportedError):
        return IntegrationError(
            f"{server} does not offer what the mail settings ask for ({error}). Check TLS, user name and password.",
            permanent=True,
            code="NotSupported",
        )
    if isinstance(error, ssl.SSLCertVerificationError):
        return IntegrationError(
            f"{server} showed a certificate that cannot be trusted: {error.verify_message}. Use the name on the "
            "certificate as host.",
            permanent=True,
            code="Certificate",
        )
    return IntegrationError(
        f"{server} cannot be reached. Paddock tries again; check host and port if it lasts.",
        retry_after=60,
        code="Unreachable",
    )


def _explain_refusal(code: int, text: bytes | str) -> IntegrationError:
    reply = text.decode("utf-8", "replace") if isinstance(text, bytes) else text
    if code == 421:
        return _dropped()
    if code >= 500:
        return IntegrationError(
            f"The mail server refused this mail: {code} {reply}. Check the address.", permanent=True, code=str(code)
        )
    return IntegrationError(
        f"The mail server cannot take this mail yet: {code} {reply}. Paddock tries again.",
        retry_after=60,
        code=str(code),
    )


def _explain_sender(error: smtplib.SMTPSenderRefused) -> IntegrationError:
    if error.smtp_code < 500:
        return _explain_refusal(error.smtp_code, error.smtp_error)
    return ProviderDownError(
        f"The mail server does not let this account send as {error.sender}. Correct the sender in the mail settings.",
        permanent=True,
        code=str(error.smtp_code),
    )


def _dropped() -> ProviderDownError:
    return ProviderDownError(
        "The mail server closed the connection. Paddock tries again.", retry_after=60, code="NoAnswer"
    )
