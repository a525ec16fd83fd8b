"""Groups of the identity store and who is in them."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from integrations.directories.identity_center.client import IdentityCenterClient
from integrations.directories.identity_center.people import PAGE_SIZE, is_missing, unique
from integrations.errors import IntegrationError
from integrations.repetition import repeat_read

if TYPE_CHECKING:
    from mypy_boto3_identitystore.type_defs import GroupMembershipTypeDef, ListGroupMembershipsRequestTypeDef


@repeat_read
def find_group(client: IdentityCenterClient, name: str) -> str | None:
    try:
        with client.identity_store() as store:
            return store.get_group_id(
                IdentityStoreId=client.config.identity_store_id, AlternateIdentifier=unique("displayName", name)
            )["GroupId"]
    except IntegrationError as error:
        if is_missing(error):
            return None
        raise


def ensure_group(client: IdentityCenterClient, *, name: str, description: str) -> str:
    return find_group(client, name) or _create_group(client, name, description)


def _create_group(client: IdentityCenterClient, name: str, description: str) -> str:
    try:
        with client.identity_store() as store:
            return store.create_group(
                IdentityStoreId=client.config.identity_store_id, DisplayName=name, Description=description or name
            )["GroupId"]
    except IntegrationError as error:
        if error.code == "ConflictException" and (group_id := find_group(client, name)):
            return group_id
        raise


def list_members(client: IdentityCenterClient, group_id: str) -> Iterator[set[str]]:
    """User ids, a page at a time."""
    token = ""
    while True:
        page, token = _list_memberships(client, group_id, token)
        members = (membership["MemberId"] for membership in page if "MemberId" in membership)
        yield {member["UserId"] for member in members if "UserId" in member}
        if not token:
            return


@repeat_read
def _list_memberships(
    client: IdentityCenterClient, group_id: str, token: str
) -> "tuple[list[GroupMembershipTypeDef], str]":
    request: ListGroupMembershipsRequestTypeDef = {
        "IdentityStoreId": client.config.identity_store_id,
        "GroupId": group_id,
        "MaxResults": PAGE_SIZE,
    }
    if token:
        request["NextToken"] = token
    with client.identity_store() as store:
        answer = store.list_group_memberships(**request)
    return answer["GroupMemberships"], answer.get("NextToken", "")


@repeat_read
def is_member(client: IdentityCenterClient, user_id: str, group_id: str) -> bool:
    with client.identity_store() as store:
        answer = store.is_member_in_groups(
            IdentityStoreId=client.config.identity_store_id, MemberId={"UserId": user_id}, GroupIds=[group_id]
        )
    return any(result.get("MembershipExists", False) for result in answer["Results"])


def add_member(client: IdentityCenterClient, group_id: str, user_id: str) -> None:
    """A user who is in the group already is success."""
    try:
        with client.identity_store() as store:
            store.create_group_membership(
                IdentityStoreId=client.config.identity_store_id, GroupId=group_id, MemberId={"UserId": user_id}
            )
    except IntegrationError as error:
        if error.code == "ConflictException" and is_member(client, user_id, group_id):
            return
        if error.code == "ConflictException":
            raise _busy(error) from error
        raise


def remove_member(client: IdentityCenterClient, group_id: str, user_id: str) -> None:
    """A user who is not in the group is success."""
    try:
        with client.identity_store() as store:
            membership_id = store.get_group_membership_id(
                IdentityStoreId=client.config.identity_store_id, GroupId=group_id, MemberId={"UserId": user_id}
            )["MembershipId"]
        with client.identity_store() as store:
            store.delete_group_membership(IdentityStoreId=client.config.identity_store_id, MembershipId=membership_id)
    except IntegrationError as error:
        if error.code == "ConflictException":
            raise _busy(error) from error
        if not is_missing(error):
            raise


def _busy(error: IntegrationError) -> IntegrationError:
    return IntegrationError(
        "Identity Center is changing this group at the same moment. Paddock tries again.",
        retry_after=2,
        code=error.code,
    )
