"""The yardstick: the fewest calls that let everybody in and mail them, one stage a thread, with nothing kept or proven.

No database, no retries, no roles: what remains is the providers' own time.
"""

import json
import queue
import threading
import time
from collections.abc import Sequence
from typing import Any

import boto3
import requests

from events.models import DirectoryConnection, EventAccount, MailConnection

GRAPH_ITEMS, FILTER_ITEMS, PATCHES, PATCH_ITEMS, PAGE, MAILS = 20, 15, 5, 20, 100, 100
PROBE_SECONDS = 1.0
PAUSE_SECONDS = 1 / 19  # Identity Center takes 20 requests a second


def let_everybody_in(
    account: EventAccount, mail: MailConnection, addresses: Sequence[str], endpoints: dict[str, str]
) -> float:
    """Returns the wall time in seconds from the first call to the last mail. Of the account, the directory and its
    Identity Center must have been read.
    """
    began = time.monotonic()
    graph = _Graph(account.event.directory, endpoints)
    found: queue.Queue[list[str]] = queue.Queue()
    looking_up = threading.Thread(target=graph.look_up, args=(addresses, found))
    looking_up.start()
    graph.add_members(account.directory_group_id, found, len(addresses))
    looking_up.join()
    _verify(account, addresses)
    _mail(mail, addresses)
    return time.monotonic() - began


class _Graph:
    def __init__(self, directory: DirectoryConnection, endpoints: dict[str, str]) -> None:
        self._url = f"{endpoints['GRAPH_ENDPOINT']}/v1.0"
        self._session = requests.Session()
        token = self._session.post(
            f"{endpoints['ENTRA_LOGIN_ENDPOINT']}/{directory.entra_tenant_id}/oauth2/v2.0/token",
            data={
                "client_id": directory.client_id,
                "client_secret": directory.credential,
                "grant_type": "client_credentials",
                "scope": "https://graph.microsoft.com/.default",
            },
        ).json()["access_token"]
        self._session.headers["Authorization"] = f"Bearer {token}"

    def look_up(self, addresses: Sequence[str], found: queue.Queue[list[str]]) -> None:
        for batch in _chunks(addresses, GRAPH_ITEMS * FILTER_ITEMS):
            filters = [", ".join(f"'{address}'" for address in chunk) for chunk in _chunks(batch, FILTER_ITEMS)]
            answers = self._batch([{"method": "GET", "url": f"/users?$filter=mail in ({each})"} for each in filters])
            found.put([user["id"] for answer in answers for user in answer["body"]["value"]])

    def add_members(self, group_id: str, found: queue.Queue[list[str]], count: int) -> None:
        while count:
            user_ids = found.get()
            count -= len(user_ids)
            for batch in _chunks(user_ids, PATCHES * PATCH_ITEMS):
                self._batch([self._patch(group_id, chunk) for chunk in _chunks(batch, PATCH_ITEMS)])

    def _patch(self, group_id: str, user_ids: Sequence[str]) -> dict[str, Any]:
        bind = [f"https://graph.microsoft.com/v1.0/directoryObjects/{user_id}" for user_id in user_ids]
        return {
            "method": "PATCH",
            "url": f"/groups/{group_id}",
            "headers": {"Content-Type": "application/json"},
            "body": {"members@odata.bind": bind},
        }

    def _batch(self, items: list[dict[str, Any]]) -> list[dict[str, Any]]:
        numbered = [{"id": str(number), **item} for number, item in enumerate(items)]
        response = self._session.post(f"{self._url}/$batch", json={"requests": numbered})
        answers: list[dict[str, Any]] = response.json()["responses"]
        assert all(answer["status"] < 300 for answer in answers), json.dumps(answers)[:500]
        return answers


def _verify(account: EventAccount, addresses: Sequence[str]) -> None:
    center = account.event.directory.identity_center
    client = _assume(center.role_arn, center.external_id, "identitystore")
    store, group_id = center.identity_store_id, account.identity_center_group_id
    while not client.list_group_memberships(IdentityStoreId=store, GroupId=group_id, MaxResults=1)["GroupMemberships"]:
        time.sleep(PROBE_SECONDS)
    while len(_list(client, "list_group_memberships", IdentityStoreId=store, GroupId=group_id)) < len(addresses):
        time.sleep(PROBE_SECONDS)
    users = {user["UserName"].lower() for user in _list(client, "list_users", IdentityStoreId=store)}
    assert users.issuperset(addresses)


def _list(client: Any, operation: str, **request: Any) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    token: dict[str, str] = {}
    while True:
        asked = time.monotonic()
        answer = getattr(client, operation)(MaxResults=PAGE, **request, **token)
        rows += answer.get("GroupMemberships") or answer.get("Users") or []
        if not answer.get("NextToken"):
            return rows
        token = {"NextToken": answer["NextToken"]}
        time.sleep(max(PAUSE_SECONDS - (time.monotonic() - asked), 0))


def _mail(mail: MailConnection, addresses: Sequence[str]) -> None:
    client = _assume(mail.role_arn, mail.external_id, "pinpoint")
    email = {"Subject": {"Data": "You're in"}, "TextPart": {"Data": "Hello"}, "HtmlPart": {"Data": "<p>Hello</p>"}}
    for chunk in _chunks(addresses, MAILS):
        request = {
            "Addresses": {address: {"ChannelType": "EMAIL"} for address in chunk},
            "MessageConfiguration": {"EmailMessage": {"FromAddress": mail.sender, "SimpleEmail": email}},
        }
        client.send_messages(ApplicationId=mail.pinpoint_application_id, MessageRequest=request)


def _assume(role_arn: str, external_id: str, service: str) -> Any:
    answer = boto3.client("sts").assume_role(RoleArn=role_arn, RoleSessionName="bare", ExternalId=external_id)
    keys = answer["Credentials"]
    return boto3.client(
        service,
        aws_access_key_id=keys["AccessKeyId"],
        aws_secret_access_key=keys["SecretAccessKey"],
        aws_session_token=keys["SessionToken"],
    )


def _chunks(items: Sequence[Any], size: int) -> list[Sequence[Any]]:
    return [items[start : start + size] for start in range(0, len(items), size)]
