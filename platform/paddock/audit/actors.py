"""Who acts, in which request and why: known to every audit entry, and told to the database for its row changes."""

import re
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace

import pghistory
from django.contrib.auth.base_user import AbstractBaseUser
from django.db import models
from django.utils.functional import lazy

from paddock.accounts.addresses import address_of

REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{8,64}\Z")


class Kind(models.TextChoices):
    """What sort of actor it was."""

    USER = "user", "Person"
    KEY = "key", "API key"
    OPERATOR = "operator", "Operator"
    VISITOR = "visitor", "Visitor"
    TASK = "task", "Task"
    SYSTEM = "system", "System"


@dataclass(frozen=True)
class Actor:
    """`credential_id` names the API key or the operator session that it acts with."""

    kind: Kind
    name: str
    user_id: int | None = None
    credential_id: int | None = None


PADDOCK = Actor(Kind.SYSTEM, "Paddock")
VISITOR = Actor(Kind.VISITOR, "A visitor of the portal")


@dataclass(frozen=True)
class Deed:
    """What goes on. The actor is asked for when it is needed: a request learns of it while it is answered."""

    find_actor: Callable[[], Actor]
    request_id: str = ""
    reason: str = ""


NOTHING = Deed(lambda: PADDOCK)

_deed: ContextVar[Deed] = ContextVar("deed", default=NOTHING)


def current_actor() -> Actor:
    return _deed.get().find_actor()


def current_request_id() -> str:
    return _deed.get().request_id


def current_reason() -> str:
    return _deed.get().reason


@contextmanager
def acting(actor: Actor | Callable[[], Actor], *, request_id: str = "") -> Iterator[None]:
    """All that happens meanwhile is this actor's. Within another's deed it stays a part of the same request."""
    find_actor = (lambda: actor) if isinstance(actor, Actor) else actor
    with _entered(Deed(find_actor, request_id or current_request_id() or new_request_id())):
        yield


@contextmanager
def because(reason: str) -> Iterator[None]:
    """Entries and row changes made meanwhile carry this reason, where they have none of their own."""
    with _entered(replace(_deed.get(), reason=reason)):
        yield


@contextmanager
def _entered(deed: Deed) -> Iterator[None]:
    """pghistory sends its metadata along with each statement that writes, local to the transaction of that statement.

    A context of its own within another one would add to it for good, so what stood before is put back by hand.
    """
    token = _deed.set(deed)
    try:
        with pghistory.context() as context:
            before = dict(context.metadata)
            context.metadata.update(_tell(deed))
            try:
                yield
            finally:
                context.metadata.clear()
                context.metadata.update(before)
    finally:
        _deed.reset(token)


def _tell(deed: Deed) -> dict[str, object]:
    """What the triggers read. What is lazy is worked out when a statement is sent."""
    names = ("kind", "name", "user_id", "credential_id")
    actor: dict[str, object] = {f"actor_{name}": _ask_lazily(deed.find_actor, name) for name in names}
    return actor | {"request_id": deed.request_id, "reason": deed.reason}


def _ask(find_actor: Callable[[], Actor], name: str) -> str:
    value = getattr(find_actor(), name)
    return "" if value is None else str(value)


_ask_lazily = lazy(_ask, str)  # once: each call of `lazy` makes a class


def new_request_id() -> str:
    return uuid.uuid4().hex


def accept_request_id(given: str) -> str:
    """The id that a proxy or a client gave, if it is harmless in logs and headers; else a new one."""
    return given if REQUEST_ID.match(given) else new_request_id()


def user_actor(user: AbstractBaseUser) -> Actor:
    """Under a credential of theirs, an API key or an operator session, they act as that."""
    actor = current_actor()
    return actor if actor.user_id == user.pk else Actor(Kind.USER, address_of(user), user_id=user.pk)


def task_actor(task_name: str) -> Actor:
    return Actor(Kind.TASK, f"Paddock: {task_name.rpartition('.')[2].replace('_', ' ')}")


def command_actor(command_name: str) -> Actor:
    return Actor(Kind.SYSTEM, f"Command: {command_name.replace('_', ' ')}")
