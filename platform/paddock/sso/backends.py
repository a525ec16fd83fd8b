"""The backend that sessions of single sign-on name."""

from typing import Any

from django.contrib.auth.backends import ModelBackend
from django.http import HttpRequest

from paddock.accounts.models import User
from paddock.sso.lookup import find_provider_of


class SingleSignOnBackend(ModelBackend):
    """Lets nobody in by credentials: the identity provider has looked at them."""

    def authenticate(
        self, request: HttpRequest | None, username: str | None = None, password: str | None = None, **kwargs: Any
    ) -> None:
        return None

    def get_user(self, user_id: int) -> User | None:
        """Whose provider has been switched off or disconnected is signed out with their next request."""
        user = super().get_user(user_id)
        if not isinstance(user, User):
            return None
        provider = find_provider_of(user)
        return user if provider and provider.is_active else None
