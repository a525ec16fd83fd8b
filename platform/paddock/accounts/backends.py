"""How somebody proves who they are."""

from typing import Any

from django.conf import settings
from django.contrib.auth.backends import ModelBackend
from django.http import HttpRequest

from paddock.accounts.models import User


class PasswordBackend(ModelBackend):
    """E-mail and password: of operators always, of anybody else where PASSWORD_SIGN_IN allows it."""

    def authenticate(
        self, request: HttpRequest | None, username: str | None = None, password: str | None = None, **kwargs: Any
    ) -> User | None:
        if username is None:
            return None
        user = super().authenticate(request, username=username.strip().lower(), password=password, **kwargs)
        return user if isinstance(user, User) and (settings.PASSWORD_SIGN_IN or user.is_superuser) else None
