"""Local accounts by their e-mail address."""

from paddock.accounts.models import User


def find_or_invite_user(*, email: str) -> User:
    """The local account with this address; an unknown one is made without a password."""
    known = User.objects.filter(login=email.strip().lower()).first()
    return known or User.objects.create_user(email)
