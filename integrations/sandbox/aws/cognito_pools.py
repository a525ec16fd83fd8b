"""Cognito user pools: people who sign in by e-mail address or user name, in groups, with the refusals of the real ones.

A pool is configured as DeepRacer on AWS configures it: names and addresses in any case, e-mail as an alias, no sign-up
of one's own, passwords of at least eight characters of all four kinds.
"""

import uuid
from dataclasses import dataclass, field
from enum import StrEnum

from integrations.sandbox.aws.cognito_passwords import check_password


class CognitoError(Exception):
    """A refusal: AWS error code and message."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code, self.message = code, message


class UserStatus(StrEnum):
    CONFIRMED = "CONFIRMED"
    FORCE_CHANGE_PASSWORD = "FORCE_CHANGE_PASSWORD"


@dataclass
class PoolUser:
    username: str
    attributes: dict[str, str]  # `sub` is among them
    password: str
    created_at: float
    modified_at: float
    status: UserStatus = UserStatus.FORCE_CHANGE_PASSWORD
    enabled: bool = True
    groups: list[str] = field(default_factory=list)  # in the order of joining
    signed_out_at: float = 0.0  # refresh tokens issued until then are void

    @property
    def sub(self) -> str:
        return self.attributes["sub"]

    @property
    def email(self) -> str:
        return self.attributes.get("email", "")


@dataclass
class UserPool:
    """One pool with its only client. Users are found by name, by verified address and by `sub`."""

    pool_id: str
    client_id: str
    account_id: str
    region: str
    groups: tuple[str, ...]
    users: dict[str, PoolUser] = field(default_factory=dict)  # user name in lower case → user
    _names: dict[str, str] = field(default_factory=dict)  # address in lower case or sub → key in users

    @property
    def provider_name(self) -> str:
        """What an identity pool calls this user pool; also the issuer of its tokens, without the scheme."""
        return f"cognito-idp.{self.region}.amazonaws.com/{self.pool_id}"

    def check_username(self, username: str) -> None:
        if "@" in username:
            message = "Username cannot be of email format, since user pool is configured for email alias."
            raise CognitoError("InvalidParameterException", message)
        if username.lower() in self.users:
            raise CognitoError("UsernameExistsException", "User account already exists")

    def add_user(self, username: str, attributes: dict[str, str], *, password: str, now: float) -> PoolUser:
        self.check_username(username)
        if attributes.get("email", "").lower() in self._names:
            raise CognitoError("AliasExistsException", "An account with the email already exists.")
        user = PoolUser(username, {**attributes, "sub": str(uuid.uuid4())}, password, now, now)
        key = username.lower()
        self.users[key] = user
        self._names[user.sub] = key
        if user.email:
            self._names[user.email.lower()] = key
        return user

    def find(self, name: str) -> PoolUser | None:
        """By user name, address or `sub`; names and addresses in any case."""
        key = name.lower()
        return self.users.get(key) or self.users.get(self._names.get(key, ""))

    def require(self, name: str) -> PoolUser:
        user = self.find(name)
        if user is None:
            raise CognitoError("UserNotFoundException", "User does not exist.")
        return user

    def delete(self, name: str) -> None:
        user = self.require(name)
        del self.users[user.username.lower()]
        for key in (user.sub, user.email.lower()):
            self._names.pop(key, None)

    def set_password(self, name: str, password: str, *, permanent: bool, now: float) -> None:
        user = self.require(name)
        check_password(password)
        user.password = password
        user.status = UserStatus.CONFIRMED if permanent else UserStatus.FORCE_CHANGE_PASSWORD
        user.modified_at = now

    def set_enabled(self, name: str, enabled: bool, *, now: float) -> None:
        user = self.require(name)
        user.enabled = enabled
        user.modified_at = now

    def sign_out(self, name: str, *, now: float) -> None:
        self.require(name).signed_out_at = now

    def join_group(self, name: str, group: str) -> None:
        self._check_group(group)
        user = self.require(name)
        if group not in user.groups:
            user.groups.append(group)

    def leave_group(self, name: str, group: str) -> None:
        """Somebody who is not in it leaves without complaint, as with the real service."""
        self._check_group(group)
        user = self.require(name)
        user.groups = [kept for kept in user.groups if kept != group]

    def _check_group(self, group: str) -> None:
        if group not in self.groups:
            raise CognitoError("ResourceNotFoundException", "Group not found.")
