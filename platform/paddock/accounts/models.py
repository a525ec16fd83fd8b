"""People who sign in. They belong to no tenant themselves; memberships tie them to organizations."""

from typing import Any

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.db import models
from django.utils.crypto import salted_hmac


class UserManager(BaseUserManager["User"]):
    def create_user(self, login: str, password: str | None = None, **fields: Any) -> "User":
        """A local account, which signs in by its e-mail address."""
        address = login.strip().lower()
        user = self.model(login=address, email=address, **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, login: str, password: str | None = None, **fields: Any) -> "User":
        return self.create_user(login, password, is_superuser=True, **fields)


class User(AbstractBaseUser, PermissionsMixin):
    """A superuser is an operator of the whole deployment.

    `login` is who somebody is: of a local account the e-mail address in lower case, of single sign-on the identity
    provider's key and the subject there. An e-mail address alone says nothing: two providers may claim the same one.
    """

    login = models.CharField("e-mail address", max_length=254, unique=True, editable=False)
    email = models.EmailField(db_index=True)
    name = models.CharField(max_length=200, blank=True)
    is_active = models.BooleanField(default=True)
    date_joined = models.DateTimeField(auto_now_add=True)
    session_generation = models.PositiveIntegerField(
        default=0, editable=False, help_text="Counted up, it ends every session that is open."
    )

    USERNAME_FIELD = "login"
    EMAIL_FIELD = "email"
    objects = UserManager()

    class Meta:
        constraints = [
            # Otherwise whoever runs an organization's identity provider could become an operator of all of them.
            models.CheckConstraint(
                condition=models.Q(is_superuser=False) | models.Q(login__contains="@"),
                name="only_local_accounts_operate",
                violation_error_message="Only a local account can be an operator's.",
            )
        ]

    def __str__(self) -> str:
        return self.name or self.email

    def get_full_name(self) -> str:
        """What the admin calls whoever is signed in; it would show the login instead, which is no name."""
        return str(self)

    def get_session_auth_hash(self) -> str:
        """What sessions carry to stay valid: a new password ends them, and so does a new generation."""
        told = f"{self.password}:{self.session_generation}"
        return salted_hmac("paddock.accounts.session", told, algorithm="sha256").hexdigest()

    @property
    def is_local(self) -> bool:
        """Whether the account is of this deployment alone; no login of single sign-on holds this character."""
        return "@" in self.login

    @property
    def is_staff(self) -> bool:
        """Whether the admin may open its door at all; what is behind it depends on memberships."""
        return self.is_active
