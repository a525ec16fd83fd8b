"""What people are called by: their e-mail address, whichever way they sign in."""

from django.contrib.auth.base_user import AbstractBaseUser


def address_of(user: AbstractBaseUser) -> str:
    return str(getattr(user, user.get_email_field_name()))
