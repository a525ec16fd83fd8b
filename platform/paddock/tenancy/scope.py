"""Which tenant this request, task or command acts for, told to the database itself.

Row-level security reads the setting `paddock.organization`. Without a scope a tenant table has no rows and takes none.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper
from psycopg.pq import TransactionStatus

APPLICATION_ROLE = "paddock_app"
SYSTEM_ROLE = "paddock_system"


@dataclass(frozen=True)
class Scope:
    organization_id: int | None = None
    role: str = APPLICATION_ROLE


NO_TENANT = Scope()

_scope: ContextVar[Scope] = ContextVar("scope", default=NO_TENANT)


def current_organization_id() -> Any:
    """The tenant's id, or None outside of any tenant's scope; then a row without a tenant is refused."""
    return _scope.get().organization_id


@contextmanager
def organization_scope(organization_id: int) -> Iterator[None]:
    """Act for one organization; everything else does not exist meanwhile."""
    with _entered(Scope(organization_id=organization_id)):
        yield


@contextmanager
def across_tenants(reason: str) -> Iterator[None]:
    """Work for the deployment rather than for a tenant. The reason is for whoever reads the call."""
    if not reason:
        raise ValueError("across_tenants() needs a reason.")
    with _entered(Scope(role=SYSTEM_ROLE)):
        yield


@contextmanager
def _entered(scope: Scope) -> Iterator[None]:
    before = _scope.get()
    token = _scope.set(scope)
    _apply(connection, scope)
    try:
        yield
    finally:
        _scope.reset(token)
        _apply(connection, before)


def apply_scope_to_new_connection(sender: Any, connection: BaseDatabaseWrapper, **kwargs: Any) -> None:
    """A connection opened or reopened inside a scope starts in that scope."""
    if works_as_owner(connection):
        return
    _apply(connection, _scope.get())


def works_as_owner(connection: BaseDatabaseWrapper) -> bool:
    """Migrations connect as the owner, for whom no role was chosen."""
    return "role=" not in str(connection.settings_dict["OPTIONS"].get("options", ""))


def _apply(connection: Any, scope: Scope) -> None:
    """Set role and tenant on the open connection, beneath Django's cursor, which refuses in a broken transaction."""
    raw = connection.connection
    if raw is None or raw.closed or works_as_owner(connection):
        return
    if raw.info.transaction_status == TransactionStatus.INERROR:
        return  # the roll-back that must follow restores what stood before the transaction
    tenant = "" if scope.organization_id is None else str(scope.organization_id)
    raw.execute(
        "select set_config('role', %s, false), set_config('paddock.organization', %s, false)", (scope.role, tenant)
    )
