"""How often somebody may guess a password: from one client address, and at one account."""

import hashlib

from django.conf import settings

from paddock.rates import TooManyTries, check_tries, count_try


def check_guesses(*, client: str, email: str) -> None:
    """Raises TooManyTries where too many guesses went wrong; counts nothing."""
    for rate, key in _list_windows(client, email):
        check_tries(rate, *key)


def count_wrong_guess(*, client: str, email: str) -> None:
    """Only wrong guesses count, so that nobody who knows their password is ever kept out by their own visits."""
    for rate, key in _list_windows(client, email):
        try:
            count_try(rate, *key)
        except TooManyTries:
            continue  # others guessed at the same moment; the next check says so


def _list_windows(client: str, email: str) -> list[tuple[str, tuple[str, ...]]]:
    address = hashlib.sha256(email.strip().lower().encode()).hexdigest()
    return [
        (settings.SIGN_IN_RATE_PER_CLIENT, ("sign-in", "client", client)),
        (settings.SIGN_IN_RATE_PER_ADDRESS, ("sign-in", "address", address)),
    ]
