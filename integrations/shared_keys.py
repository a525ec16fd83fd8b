"""Keys of what processes share through Django's cache."""

import hashlib


def shared_key(kind: str, *parts: str) -> str:
    """Hashed, because names and ids of people's choosing may hold anything and be of any length."""
    return f"{kind}:{hashlib.sha256(chr(0).join(parts).encode()).hexdigest()}"
