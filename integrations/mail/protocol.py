"""What Paddock asks of a mail provider: one template to many addresses, an outcome for each."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from integrations.errors import IntegrationError


@dataclass(frozen=True)
class Template:
    """Texts with {{placeholder}} marks. The values of the html part are escaped."""

    subject: str
    text: str
    html: str


@dataclass(frozen=True)
class Mail:
    """`key` is the caller's own id of the mail, unique within a batch."""

    key: str
    to: str
    substitutions: dict[str, str]


@dataclass(frozen=True)
class SenderHealth:
    """Whether mail would leave. `reaches_everybody`: not only addresses that were verified beforehand."""

    is_verified: bool = True
    reaches_everybody: bool = True
    is_paused: bool = False


class MailProvider(Protocol):
    @property
    def batch_size(self) -> int:
        """How many mails one call should bring."""

    def send(self, template: Template, mails: Sequence[Mail]) -> dict[str, str | IntegrationError]:
        """The provider's message id per key, or why the provider did not accept the mail.

        Never raises for the provider's sake: where nobody could be served, everybody's outcome says so.
        """

    def check_sender(self) -> SenderHealth:
        """Looks without sending anything. Raises IntegrationError."""
