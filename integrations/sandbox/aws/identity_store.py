"""Identity Store behind moto's wire: duplicates, double deletes and oversized requests are refused as AWS does."""

import json
from collections.abc import Callable
from typing import Any, ClassVar

from moto.core.exceptions import JsonRESTError
from moto.identitystore import urls
from moto.identitystore.responses import IdentityStoreResponse
from moto.ssoadmin.models import ssoadmin_backends

from integrations.sandbox.aws.identities import IdentityError, IdentityStore, invalid, missing
from integrations.sandbox.aws.pagination import page
from integrations.sandbox.cloud import Cloud

MAX_GROUP_IDS = 100


class SandboxIdentityStore(IdentityStoreResponse):
    """One method per operation, found by moto through its name."""

    cloud: ClassVar[Cloud]

    def create_user(self) -> str:
        return self._answer(self._create_user)

    def describe_user(self) -> str:
        return self._answer(lambda store, params: store.require_user(params["UserId"]))

    def delete_user(self) -> str:
        return self._answer(lambda store, params: store.delete_user(params["UserId"]))

    def get_user_id(self) -> str:
        return self._answer(self._get_user_id)

    def list_users(self) -> str:
        return self._answer(self._list_users)

    def create_group(self) -> str:
        return self._answer(self._create_group)

    def describe_group(self) -> str:
        return self._answer(lambda store, params: store.require_group(params["GroupId"]))

    def delete_group(self) -> str:
        return self._answer(lambda store, params: store.delete_group(params["GroupId"]))

    def get_group_id(self) -> str:
        return self._answer(self._get_group_id)

    def list_groups(self) -> str:
        return self._answer(self._list_groups)

    def create_group_membership(self) -> str:
        return self._answer(self._create_group_membership)

    def get_group_membership_id(self) -> str:
        return self._answer(self._get_group_membership_id)

    def describe_group_membership(self) -> str:
        return self._answer(lambda store, params: store.require_membership(params["MembershipId"]))

    def delete_group_membership(self) -> str:
        return self._answer(lambda store, params: store.delete_membership(params["MembershipId"]))

    def is_member_in_groups(self) -> str:
        return self._answer(self._is_member_in_groups)

    def list_group_memberships(self) -> str:
        return self._answer(self._list_group_memberships)

    def list_group_memberships_for_member(self) -> str:
        return self._answer(self._list_group_memberships_for_member)

    def _answer(self, operation: Callable[[IdentityStore, dict[str, Any]], dict[str, Any] | None]) -> str:
        params = json.loads(self.body)
        try:
            return json.dumps(operation(self._store(params.get("IdentityStoreId", "")), params) or {})
        except IdentityError as error:
            raise _wire_error(error) from error

    def _store(self, identity_store_id: str) -> IdentityStore:
        """A seeded store, or the one of the instance that every fresh account has in moto."""
        store = self.cloud.aws.identity_stores.get(identity_store_id)
        if store is None and identity_store_id in self._own_identity_store_ids():
            store = IdentityStore(identity_store_id, self.current_account, self.region)
            self.cloud.aws.identity_stores[identity_store_id] = store
        if store is None or (store.account_id, store.region) != (self.current_account, self.region):
            raise missing("IDENTITY_STORE", identity_store_id)
        return store

    def _own_identity_store_ids(self) -> set[str]:
        backend = ssoadmin_backends[self.current_account][self.region]
        return {instance.identity_store_id for instance in backend.list_instances()}

    def _create_user(self, store: IdentityStore, params: dict[str, Any]) -> dict[str, Any]:
        attributes = {name: value for name, value in params.items() if name != "IdentityStoreId"}
        return _with_store(store, UserId=store.create_user(attributes))

    def _get_user_id(self, store: IdentityStore, params: dict[str, Any]) -> dict[str, Any]:
        user_id = _find(params, paths={"username", "emails.value"}, records=store.users, find=store.find_user)
        if user_id is None:
            raise missing("USER")
        return _with_store(store, UserId=user_id)

    def _get_group_id(self, store: IdentityStore, params: dict[str, Any]) -> dict[str, Any]:
        group_id = _find(params, paths={"displayname"}, records=store.groups, find=store.find_group)
        if group_id is None:
            raise missing("GROUP")
        return _with_store(store, GroupId=group_id)

    def _list_users(self, store: IdentityStore, params: dict[str, Any]) -> dict[str, Any]:
        records = _filtered(params, attribute="UserName", records=store.users, find=store.find_user)
        return _page(params, records, name="Users")

    def _list_groups(self, store: IdentityStore, params: dict[str, Any]) -> dict[str, Any]:
        records = _filtered(params, attribute="DisplayName", records=store.groups, find=store.find_group)
        return _page(params, records, name="Groups")

    def _create_group(self, store: IdentityStore, params: dict[str, Any]) -> dict[str, Any]:
        group_id = store.create_group(params.get("DisplayName", ""), params.get("Description", ""))
        return _with_store(store, GroupId=group_id)

    def _create_group_membership(self, store: IdentityStore, params: dict[str, Any]) -> dict[str, Any]:
        membership_id = store.create_membership(params["GroupId"], params["MemberId"]["UserId"])
        return _with_store(store, MembershipId=membership_id)

    def _get_group_membership_id(self, store: IdentityStore, params: dict[str, Any]) -> dict[str, Any]:
        membership_id = store.membership_id(params["GroupId"], params["MemberId"]["UserId"])
        if membership_id is None:
            raise missing("GROUP_MEMBERSHIP")
        return _with_store(store, MembershipId=membership_id)

    def _is_member_in_groups(self, store: IdentityStore, params: dict[str, Any]) -> dict[str, Any]:
        group_ids, user_id = params["GroupIds"], params["MemberId"]["UserId"]
        if not 1 <= len(group_ids) <= MAX_GROUP_IDS:
            raise invalid(f"GroupIds must hold between 1 and {MAX_GROUP_IDS} ids")
        store.require_user(user_id)
        results = [
            {
                "GroupId": group_id,
                "MemberId": {"UserId": user_id},
                "MembershipExists": store.membership_id(group_id, user_id) is not None,
            }
            for group_id in group_ids
        ]
        return {"Results": results}

    def _list_group_memberships(self, store: IdentityStore, params: dict[str, Any]) -> dict[str, Any]:
        return _page(params, store.memberships_of_group(params["GroupId"]), name="GroupMemberships")

    def _list_group_memberships_for_member(self, store: IdentityStore, params: dict[str, Any]) -> dict[str, Any]:
        return _page(params, store.memberships_of_user(params["MemberId"]["UserId"]), name="GroupMemberships")


def install(cloud: Cloud) -> None:
    """Put these answers in the place of moto's. Call before moto has served its first identity store request."""
    SandboxIdentityStore.cloud = cloud
    urls.url_paths["{0}/$"] = SandboxIdentityStore.dispatch


def _find(
    params: dict[str, Any],
    *,
    paths: set[str],
    records: dict[str, dict[str, Any]],
    find: Callable[[str], str | None],
) -> str | None:
    alternate = params.get("AlternateIdentifier") or {}
    if "ExternalId" in alternate:
        wanted = alternate["ExternalId"]
        return next((key for key, record in records.items() if wanted in record.get("ExternalIds", [])), None)
    unique = alternate.get("UniqueAttribute") or {}
    if str(unique.get("AttributePath", "")).lower() not in paths:
        raise invalid(f"The attribute {unique.get('AttributePath')} is not a unique attribute")
    return find(str(unique.get("AttributeValue", "")))


def _filtered(
    params: dict[str, Any],
    *,
    attribute: str,
    records: dict[str, dict[str, Any]],
    find: Callable[[str], str | None],
) -> dict[str, dict[str, Any]]:
    filters = params.get("Filters") or []
    if not filters:
        return records
    if len(filters) > 1 or filters[0].get("AttributePath") != attribute:
        raise invalid(f"Only one filter, by {attribute}, is supported")
    key = find(str(filters[0].get("AttributeValue", "")))
    return {key: records[key]} if key else {}


def _page(params: dict[str, Any], records: dict[str, dict[str, Any]], *, name: str) -> dict[str, Any]:
    shown, next_token = page(records, max_results=params.get("MaxResults"), next_token=params.get("NextToken"))
    return {name: shown} | ({"NextToken": next_token} if next_token else {})


def _with_store(store: IdentityStore, **fields: str) -> dict[str, Any]:
    return {**fields, "IdentityStoreId": store.identity_store_id}


def _wire_error(error: IdentityError) -> JsonRESTError:
    refusal = JsonRESTError(error.code, error.message)
    refusal.description = json.dumps({"__type": error.code, "Message": error.message, **error.details})
    return refusal
