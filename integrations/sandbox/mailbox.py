"""The one mailbox in which every mail of every provider lands."""

import email
import email.policy
import uuid
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from email.message import EmailMessage
from email.utils import parseaddr
from typing import Literal

Provider = Literal["pinpoint", "ses", "smtp", "cognito"]


@dataclass(frozen=True)
class Mail:
    """A mail as the recipient's inbox would hold it; one row per recipient.

    ``answer_lost`` marks a mail whose sender was not told that it was accepted, because the connection was dropped.
    """

    to: str
    subject: str
    text: str
    html: str
    provider: Provider
    sender: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    id: str = field(default_factory=lambda: uuid.uuid4().hex)
    accepted_at: str = field(default_factory=lambda: datetime.now(UTC).isoformat(timespec="milliseconds"))
    answer_lost: bool = False

    def as_dict(self) -> dict[str, object]:
        return asdict(self)


@dataclass
class Mailbox:
    """All accepted mails, oldest first, and the addresses that no provider delivers to."""

    mails: list[Mail] = field(default_factory=list)
    suppressed: set[str] = field(default_factory=set)

    def accept(self, mail: Mail) -> None:
        self.mails.append(mail)

    def lose_answers(self, *, since: int) -> None:
        """Mark the mails from this place on."""
        self.mails[since:] = [replace(mail, answer_lost=True) for mail in self.mails[since:]]

    def is_suppressed(self, address: str) -> bool:
        return bare_address(address).lower() in self.suppressed

    def newest_first(self, *, to: str = "") -> list[Mail]:
        wanted = to.strip().lower()
        return [mail for mail in reversed(self.mails) if wanted in mail.to.lower()]

    def find(self, mail_id: str) -> Mail | None:
        return next((mail for mail in self.mails if mail.id == mail_id), None)


def bare_address(address: str) -> str:
    """``ann@x.example`` of ``Ann <ann@x.example>``."""
    return parseaddr(address)[1] or address.strip()


def mail_from_mime(content: bytes, *, to: str, provider: Provider) -> Mail:
    """Read a MIME message: encoded headers, transfer encodings and character sets included."""
    message = email.message_from_bytes(content, policy=email.policy.default)
    assert isinstance(message, EmailMessage)
    return Mail(
        to=bare_address(to),
        subject=str(message["Subject"] or ""),
        text=_part(message, "plain"),
        html=_part(message, "html"),
        provider=provider,
        sender=str(message["From"] or ""),
        headers={name: str(value) for name, value in message.items()},
    )


def _part(message: EmailMessage, kind: Literal["plain", "html"]) -> str:
    part = message.get_body(preferencelist=(kind,))
    return str(part.get_content()) if part is not None else ""
