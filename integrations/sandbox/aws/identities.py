"""The content of an Identity Center identity store, with the uniqueness and the refusals of the real one."""

import re
import uuid
from dataclasses import dataclass, field
from typing import Any

_FORBIDDEN = re.compile(r"[<>;:%\x00-\x1f\x7f]")

Record = dict[str, Any]


class IdentityError(Exception):
    """A refusal of the identity store: AWS error code, message and the members that go with it."""

    def __init__(self, code: str, message: str, **details: str) -> None:
        super().__init__(message)
        self.code, self.message, self.details = code, message, details


def missing(resource_type: str, resource_id: str = "") -> IdentityError:
    return IdentityError(
        "ResourceNotFoundException",
        f"{resource_type} not found.",
        ResourceType=resource_type,
        ResourceId=resource_id,
    )


def conflict(message: str) -> IdentityError:
    return IdentityError("ConflictException", message, Reason="UNIQUENESS_CONSTRAINT_VIOLATION")


def invalid(message: str) -> IdentityError:
    return IdentityError("ValidationException", message)


@dataclass
class IdentityStore:
    """Users, groups and memberships as wire records, indexed by every key they are looked up by."""

    identity_store_id: str
    account_id: str
    region: str
    users: dict[str, Record] = field(default_factory=dict)
    groups: dict[str, Record] = field(default_factory=dict)
    memberships: dict[str, Record] = field(default_factory=dict)
    _user_keys: dict[str, str] = field(default_factory=dict)  # user name or e-mail, lower case → user id
    _group_names: dict[str, str] = field(default_factory=dict)
    _members: dict[str, dict[str, str]] = field(default_factory=dict)  # group id → user id → membership id
    _groups_of: dict[str, dict[str, str]] = field(default_factory=dict)  # user id → group id → membership id

    def create_user(self, attributes: Record) -> str:
        _check_user(attributes)
        if any(key in self._user_keys for key in _user_keys(attributes)):
            raise conflict("Duplicate UserName or e-mail address.")
        user_id = str(uuid.uuid4())
        given = {name: value for name, value in attributes.items() if value not in (None, "", [])}
        self.users[user_id] = {
            "UserStatus": "ENABLED",
            **given,
            "UserId": user_id,
            "IdentityStoreId": self.identity_store_id,
        }
        self._user_keys |= dict.fromkeys(_user_keys(attributes), user_id)
        return user_id

    def update_user(self, user_id: str, attributes: Record) -> None:
        user = self.require_user(user_id)
        changed = {**user, **attributes}
        _check_user(changed)
        if any(self._user_keys.get(key, user_id) != user_id for key in _user_keys(changed)):
            raise conflict("Duplicate UserName or e-mail address.")
        self._forget_keys(user)
        user.update(attributes)
        self._user_keys |= dict.fromkeys(_user_keys(user), user_id)

    def delete_user(self, user_id: str) -> None:
        user = self.require_user(user_id)
        for membership_id in list(self._groups_of.get(user_id, {}).values()):
            self.delete_membership(membership_id)
        self._forget_keys(user)
        del self.users[user_id]

    def find_user(self, key: str) -> str | None:
        """By user name or e-mail address, whatever its case."""
        return self._user_keys.get(key.lower())

    def require_user(self, user_id: str) -> Record:
        if user_id not in self.users:
            raise missing("USER", user_id)
        return self.users[user_id]

    def create_group(self, display_name: str, description: str = "") -> str:
        if not display_name:
            raise invalid("displayName is a required attribute")
        if display_name.lower() in self._group_names:
            raise conflict("Duplicate GroupDisplayName")
        group_id = str(uuid.uuid4())
        self.groups[group_id] = {
            "GroupId": group_id,
            "DisplayName": display_name,
            "Description": description,
            "ExternalIds": [],
            "IdentityStoreId": self.identity_store_id,
        }
        self._group_names[display_name.lower()] = group_id
        return group_id

    def delete_group(self, group_id: str) -> None:
        group = self.require_group(group_id)
        for membership_id in list(self._members.get(group_id, {}).values()):
            self.delete_membership(membership_id)
        del self._group_names[group["DisplayName"].lower()]
        del self.groups[group_id]

    def find_group(self, display_name: str) -> str | None:
        return self._group_names.get(display_name.lower())

    def require_group(self, group_id: str) -> Record:
        if group_id not in self.groups:
            raise missing("GROUP", group_id)
        return self.groups[group_id]

    def create_membership(self, group_id: str, user_id: str) -> str:
        self.require_group(group_id)
        self.require_user(user_id)
        if self.membership_id(group_id, user_id) is not None:
            raise conflict("Member already exists in the group.")
        membership_id = str(uuid.uuid4())
        self.memberships[membership_id] = {
            "IdentityStoreId": self.identity_store_id,
            "MembershipId": membership_id,
            "GroupId": group_id,
            "MemberId": {"UserId": user_id},
        }
        self._members.setdefault(group_id, {})[user_id] = membership_id
        self._groups_of.setdefault(user_id, {})[group_id] = membership_id
        return membership_id

    def delete_membership(self, membership_id: str) -> None:
        membership = self.require_membership(membership_id)
        group_id, user_id = membership["GroupId"], membership["MemberId"]["UserId"]
        del self.memberships[membership_id]
        del self._members[group_id][user_id]
        del self._groups_of[user_id][group_id]

    def remove_member(self, group_id: str, user_id: str) -> None:
        """Without complaint when there is no such membership."""
        membership_id = self.membership_id(group_id, user_id)
        if membership_id is not None:
            self.delete_membership(membership_id)

    def membership_id(self, group_id: str, user_id: str) -> str | None:
        return self._members.get(group_id, {}).get(user_id)

    def require_membership(self, membership_id: str) -> Record:
        if membership_id not in self.memberships:
            raise missing("GROUP_MEMBERSHIP", membership_id)
        return self.memberships[membership_id]

    def memberships_of_group(self, group_id: str) -> dict[str, Record]:
        self.require_group(group_id)
        return {key: self.memberships[key] for key in self._members.get(group_id, {}).values()}

    def memberships_of_user(self, user_id: str) -> dict[str, Record]:
        self.require_user(user_id)
        return {key: self.memberships[key] for key in self._groups_of.get(user_id, {}).values()}

    def _forget_keys(self, user: Record) -> None:
        for key in _user_keys(user):
            self._user_keys.pop(key, None)


def _user_keys(attributes: Record) -> set[str]:
    values = [attributes["UserName"], *(email["Value"] for email in attributes.get("Emails") or [])]
    return {value.lower() for value in values}


def _check_user(attributes: Record) -> None:
    name = attributes.get("Name") or {}
    required = {
        "userName": attributes.get("UserName"),
        "displayName": attributes.get("DisplayName"),
        "givenName": name.get("GivenName"),
        "familyName": name.get("FamilyName"),
    }
    absent = [attribute for attribute, value in required.items() if not value]
    if absent:
        raise invalid(", ".join(f"{attribute}: The attribute {attribute} is required" for attribute in absent))
    for attribute, value in required.items():
        if _FORBIDDEN.search(str(value)):
            raise invalid(f"{attribute}: The attribute {attribute} contains characters that are not allowed")
    if len(attributes.get("Emails") or []) > 1:
        raise invalid("emails: Only one e-mail address is supported")
