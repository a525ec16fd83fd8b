"""Users of the identity store: finding one, a few or many, and creating them."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from integrations.directories.addresses import address_key
from integrations.directories.identity_center.client import IdentityCenterClient
from integrations.directories.names import presentable_name
from integrations.directories.protocol import Person
from integrations.errors import IntegrationError
from integrations.repetition import repeat_read

if TYPE_CHECKING:
    from mypy_boto3_identitystore.type_defs import AlternateIdentifierTypeDef, ListUsersRequestTypeDef, UserTypeDef

# One by one costs two calls an address; a page of a hundred costs one.
FEW = 20
PAGE_SIZE = 100


def find_users(client: IdentityCenterClient, emails: Sequence[str]) -> dict[str, str]:
    """User ids of those who are known, keyed by the address as given."""
    wanted = list(dict.fromkeys(emails))
    if len(wanted) > FEW:
        return _find_among_all(client, wanted)
    found = ((email, find_user(client, email)) for email in wanted)
    return {email: user_id for email, user_id in found if user_id is not None}


def find_user(client: IdentityCenterClient, email: str) -> str | None:
    for attribute in ("userName", "emails.value"):
        # Whether the store compares exactly is not documented; addresses are kept in lower case as a rule.
        for value in dict.fromkeys((email, address_key(email))):
            if user_id := _get_user_id(client, attribute, value):
                return user_id
    return None


@repeat_read
def _get_user_id(client: IdentityCenterClient, attribute: str, value: str) -> str | None:
    try:
        with client.identity_store() as store:
            return store.get_user_id(
                IdentityStoreId=client.config.identity_store_id, AlternateIdentifier=unique(attribute, value)
            )["UserId"]
    except IntegrationError as error:
        if is_missing(error):
            return None
        raise


def unique(attribute: str, value: Any) -> "AlternateIdentifierTypeDef":
    """`value` is text; the model of the API declares it as any JSON."""
    return {"UniqueAttribute": {"AttributePath": attribute, "AttributeValue": value}}


def is_missing(error: IntegrationError) -> bool:
    """The user, group or membership does not exist. A missing identity store is another matter: a wrong setting."""
    cause = error.__cause__
    resource = cause.response.get("ResourceType") if isinstance(cause, ClientError) else None
    return error.code == "ResourceNotFoundException" and resource != "IDENTITY_STORE"


def _find_among_all(client: IdentityCenterClient, emails: Sequence[str]) -> dict[str, str]:
    """Reads page after page until everybody is found. A sign-in name goes before a mail address."""
    by_name: dict[str, str] = {}
    by_address: dict[str, str] = {}
    wanted = {address_key(email) for email in emails}
    token = ""
    while True:
        page, token = _list_users(client, token)
        for user in page:
            by_name[address_key(user.get("UserName", ""))] = user["UserId"]
            for address in user.get("Emails", []):
                by_address.setdefault(address_key(address.get("Value", "")), user["UserId"])
        if not token or wanted <= by_name.keys():
            break
    known = by_address | by_name
    return {email: known[key] for email in emails if (key := address_key(email)) in known}


@repeat_read
def _list_users(client: IdentityCenterClient, token: str) -> "tuple[list[UserTypeDef], str]":
    request: ListUsersRequestTypeDef = {
        "IdentityStoreId": client.config.identity_store_id,
        "MaxResults": PAGE_SIZE,
    }
    if token:
        request["NextToken"] = token
    with client.identity_store() as store:
        answer = store.list_users(**request)
    return answer["Users"], answer.get("NextToken", "")


def create_user(client: IdentityCenterClient, person: Person) -> str:
    """The user's id, also when somebody else was quicker."""
    # Identity Center refuses users who lack any of the three names.
    given_name = presentable_name(person.given_name) or person.email
    family_name = presentable_name(person.family_name) or "-"
    try:
        with client.identity_store() as store:
            return store.create_user(
                IdentityStoreId=client.config.identity_store_id,
                UserName=person.email,
                Name={"GivenName": given_name, "FamilyName": family_name},
                DisplayName=presentable_name(f"{person.given_name} {person.family_name}") or person.email,
                Emails=[{"Value": person.email, "Type": "work", "Primary": True}],
            )["UserId"]
    except IntegrationError as error:
        if error.code == "ConflictException" and (user_id := find_user(client, person.email)):
            return user_id
        raise
