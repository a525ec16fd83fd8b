"""Request rates of Cognito user pools: of an account in a region, for all operations of a category together."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Category:
    name: str
    requests_per_second: int


_AUTHENTICATION = Category("UserAuthentication", 120)
_CREATION = Category("UserCreation", 50)
_LIST = Category("UserList", 30)
_READ = Category("UserRead", 120)
_RECOVERY = Category("UserAccountRecovery", 30)
_TOKEN = Category("UserToken", 120)
_UPDATE = Category("UserUpdate", 25)

_CATEGORIES = {
    "AdminAddUserToGroup": _UPDATE,
    "AdminCreateUser": _CREATION,
    "AdminDeleteUser": _UPDATE,
    "AdminDisableUser": _UPDATE,
    "AdminEnableUser": _UPDATE,
    "AdminGetUser": _READ,
    "AdminListGroupsForUser": _LIST,
    "AdminRemoveUserFromGroup": _UPDATE,
    "AdminSetUserPassword": _RECOVERY,
    "AdminUserGlobalSignOut": _TOKEN,
    "InitiateAuth": _AUTHENTICATION,
    "ListUsers": _LIST,
}


def category_of(operation: str) -> Category | None:
    """None where the rate is not limited here, as with answers to challenges."""
    return _CATEGORIES.get(operation)
