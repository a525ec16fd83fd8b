"""Group members: twenty a PATCH, five PATCHes a call, one by one where a PATCH is refused; removal one by one; and
reading them back, in pages.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import quote, urlsplit

from integrations.chunks import chunks
from integrations.directories.entra.client import GraphAnswer, GraphClient, GraphRequest
from integrations.errors import IntegrationError
from integrations.repetition import repeat_read

MEMBERS_PER_PATCH = 20
# Graph answers "Service Unavailable" when one call brings more of them.
PATCHES_PER_BATCH = 5
# Microsoft's arithmetic: a PATCH of members costs about one write for three of them.
MEMBERS_PER_WRITE = 3
# The most that Graph gives at a time.
MEMBERS_PER_PAGE = 999

Outcome = IntegrationError | None


def add_members(client: GraphClient, group_id: str, user_ids: Sequence[str]) -> dict[str, Outcome]:
    portions = list(chunks(list(dict.fromkeys(user_ids)), MEMBERS_PER_PATCH))
    answers = client.batch([_bind(group_id, portion) for portion in portions], size=PATCHES_PER_BATCH)
    outcomes: dict[str, Outcome] = {}
    refused: list[str] = []
    for portion, answer in zip(portions, answers, strict=True):
        if isinstance(answer, GraphAnswer) and answer.status in {400, 403, 404}:
            # All or nothing: somebody is a member already or unknown, or the group is nearly full.
            refused += portion
        else:
            outcomes |= dict.fromkeys(portion, _read_addition(group_id, answer))
    return outcomes | _add_singly(client, group_id, refused)


def _bind(group_id: str, user_ids: Sequence[str]) -> GraphRequest:
    body = {"members@odata.bind": [_reference(user_id) for user_id in user_ids]}
    return GraphRequest("PATCH", _group_path(group_id), body, writes=math.ceil(len(user_ids) / MEMBERS_PER_WRITE))


def _add_singly(client: GraphClient, group_id: str, user_ids: Sequence[str]) -> dict[str, Outcome]:
    path = f"{_group_path(group_id)}/members/$ref"
    answers = client.batch([GraphRequest("POST", path, {"@odata.id": _reference(user_id)}) for user_id in user_ids])
    return {u: _read_addition(group_id, a) for u, a in zip(user_ids, answers, strict=True)}


def _read_addition(group_id: str, answer: GraphAnswer | IntegrationError) -> Outcome:
    if isinstance(answer, IntegrationError):
        return answer
    message = answer.message.lower()
    # The code of this refusal is shared with every other bad request; only its words tell.
    if answer.accepted or (answer.status == 400 and "already exist" in message):
        return None
    if answer.status == 400 and "do not exist" in message:
        return IntegrationError(
            "The group has just been created and is not ready yet.", retry_after=5, code=answer.code
        )
    if answer.status == 404:
        return _explain_absence(group_id, answer)
    return answer.refusal()


def _explain_absence(group_id: str, answer: GraphAnswer) -> IntegrationError:
    if group_id in answer.message:
        return IntegrationError(
            "Microsoft Entra does not show the event's group. A new group appears within a minute; a deleted one has "
            "to be set up again.",
            retry_after=10,
            code=answer.code,
        )
    return IntegrationError(
        "The person's account is no longer in the directory. Let the person register again once it is restored.",
        permanent=True,
        code=answer.code,
    )


def remove_members(client: GraphClient, group_id: str, user_ids: Sequence[str]) -> dict[str, Outcome]:
    wanted = list(dict.fromkeys(user_ids))
    try:
        # A missing group and a missing member get the same answer, and only the second one is success.
        client.read(f"{_group_path(group_id)}?$select=id")
    except IntegrationError as error:
        return dict.fromkeys(wanted, _explain_missing_group(error))
    answers = client.batch([GraphRequest("DELETE", _member_reference_path(group_id, user_id)) for user_id in wanted])
    return {u: _read_removal(a) for u, a in zip(wanted, answers, strict=True)}


def list_members(client: GraphClient, group_id: str) -> Iterator[set[str]]:
    """Object ids, a page at a time. Raises IntegrationError."""
    path = f"{_group_path(group_id)}/members?$select=id&$top={MEMBERS_PER_PAGE}"
    while path:
        page = _read_page(client, path)
        yield {str(member["id"]) for member in page["value"]}
        path = _follow(str(page.get("@odata.nextLink") or ""))


@repeat_read
def _read_page(client: GraphClient, path: str) -> Mapping[str, Any]:
    try:
        return client.read(path)
    except IntegrationError as error:
        raise _explain_missing_group(error) from error


def _follow(link: str) -> str:
    """Graph's link to the next page is a whole address; our own endpoint and version stand before the rest of it."""
    address = urlsplit(link)
    return f"{address.path.partition('/v1.0')[2]}?{address.query}" if link else ""


def _member_reference_path(group_id: str, user_id: str) -> str:
    if not user_id:
        raise ValueError("A member without an id cannot be removed.")
    # Without /$ref, Graph would delete the user from the tenant.
    return f"{_group_path(group_id)}/members/{quote(user_id, safe='')}/$ref"


def _read_removal(answer: GraphAnswer | IntegrationError) -> Outcome:
    if isinstance(answer, IntegrationError):
        return answer
    just_gone = answer.status == 400 and "do not exist" in answer.message.lower()
    if answer.accepted or answer.status == 404 or just_gone:
        return None
    return answer.refusal()


def _explain_missing_group(error: IntegrationError) -> IntegrationError:
    if error.code != "Request_ResourceNotFound":
        return error
    return IntegrationError(
        "The event's group is not in this directory. If it was deleted, its members lost access with it; otherwise "
        "check which directory connection the event uses.",
        permanent=True,
        code="GroupNotFound",
    )


def _group_path(group_id: str) -> str:
    return f"/groups/{quote(group_id, safe='')}"


def _reference(user_id: str) -> str:
    return f"https://graph.microsoft.com/v1.0/directoryObjects/{quote(user_id, safe='')}"
