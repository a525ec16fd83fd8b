"""People by their e-mail address."""

from paddock.accounts.models import User


def find_or_invite_user(*, email: str) -> User:
    """The user with this address; an unknown one is made without a password, to come in by single sign-on."""
    known = User.objects.filter(email=email.strip().lower()).first()
    return known or User.objects.create_user(email)
