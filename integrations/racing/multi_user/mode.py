"""Multi-user mode of the account, without which its administrator sees neither racers nor their models."""

from collections.abc import Iterator

from integrations.errors import IntegrationError
from integrations.racing.multi_user.client import Answer, MultiUserClient


def is_active(client: MultiUserClient) -> bool:
    answer = client.read("admin_get_account_config")
    return bool(answer["MultiracerConfig"]["MultiracerModeEnabled"])


def set_active(client: MultiUserClient, active: bool) -> None:
    client.call("admin_set_account_config", MultiracerConfig={"MultiracerModeEnabled": active})


def visible_pages(client: MultiUserClient, operation: str, field: str, **request: str) -> Iterator[list[Answer]]:
    """Pages about racers. Raises IntegrationError rather than show nobody because the mode is off: what is out of sight
    is still stored and paid for.
    """
    empty = True
    for page in client.pages(operation, field, **request):
        empty = empty and not page
        yield page
    if empty and not is_active(client):
        raise IntegrationError(
            "Multi-user mode is off, so AWS DeepRacer shows Paddock neither racers nor their models, which are all the "
            "same kept and paid for. Switch it on and have the account read again.",
            permanent=True,
            code="MultiUserModeOff",
        )
