"""One mail after the other over a provider that takes them singly."""

from collections.abc import Callable, Sequence

from integrations.errors import IntegrationError
from integrations.mail.protocol import Mail


class ProviderDownError(IntegrationError):
    """A refusal that would meet every further mail too."""


def send_each(mails: Sequence[Mail], send_one: Callable[[Mail], str]) -> dict[str, str | IntegrationError]:
    """After ProviderDownError, the rest is not tried and gets the same outcome."""
    outcomes: dict[str, str | IntegrationError] = {}
    for mail in mails:
        try:
            outcomes[mail.key] = send_one(mail)
        except ProviderDownError as error:
            return outcomes | {rest.key: error for rest in mails if rest.key not in outcomes}
        except IntegrationError as error:
            outcomes[mail.key] = error
    return outcomes
