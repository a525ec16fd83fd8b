"""What ends when somebody signs out, or works for nobody any more."""

from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser
from django.http import HttpRequest

from paddock.accounts.models import User
from paddock.accounts.sessions import end_all_sessions
from paddock.tenancy.lookup import list_memberships
from paddock.tenancy.middleware import OPERATOR_SESSION_KEY
from paddock.tenancy.operator_sessions import end_operator_session, find_operator_session


def end_session_of_request(
    sender: Any, request: HttpRequest | None, user: AbstractBaseUser | None, **kwargs: Any
) -> None:
    """An operator who signs out has left the tenant too."""
    if request is None or not isinstance(user, User):
        return
    session = find_operator_session(operator=user, session_id=request.session.get(OPERATOR_SESSION_KEY))
    if session:
        end_operator_session(session=session)


def end_sessions_of_leaver(user: User) -> None:
    """Once the last membership is gone. Whoever works elsewhere stays signed in for that."""
    if not list_memberships(user):
        end_all_sessions(user)
