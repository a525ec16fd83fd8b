"""Secrets at rest: one cipher for database columns and cached tokens."""

from functools import lru_cache

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured


@lru_cache
def cipher() -> MultiFernet:
    """The cipher made of SECRET_KEYS: the first key encrypts, every key decrypts."""
    if not settings.SECRET_KEYS:
        raise ImproperlyConfigured("SECRET_KEYS is empty. Set at least one Fernet key.")
    try:
        return MultiFernet([Fernet(key) for key in settings.SECRET_KEYS])
    except ValueError as error:
        raise ImproperlyConfigured(
            "SECRET_KEYS holds a value that is not a Fernet key (32 url-safe base64-encoded bytes)."
        ) from error


def encrypt(text: str) -> str:
    return cipher().encrypt(text.encode()).decode()


def is_current(token: str) -> bool:
    """Whether the first key made it: what an older one made is encrypted anew when it is written."""
    try:
        Fernet(settings.SECRET_KEYS[0]).decrypt(token.encode())
    except InvalidToken:
        return False
    return True


def decrypt(token: str) -> str:
    """Raises ImproperlyConfigured when none of SECRET_KEYS fits: the row is intact, the setting is not."""
    try:
        return cipher().decrypt(token.encode()).decode()
    except InvalidToken as error:
        sentence = "A stored secret fits none of SECRET_KEYS. Put the old key back, then rotate."
        raise ImproperlyConfigured(sentence) from error
