"""Ending what somebody has open, on every device."""

from django.contrib.auth.base_user import AbstractBaseUser
from django.db.models import F

from paddock.accounts.models import User


def end_all_sessions(user: AbstractBaseUser) -> None:
    """Sessions that begin with this very object from now on are good ones."""
    User.objects.filter(pk=user.pk).update(session_generation=F("session_generation") + 1)
    user.refresh_from_db(fields=["session_generation"])
