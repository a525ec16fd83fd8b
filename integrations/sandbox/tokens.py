"""Access tokens of the sign-in endpoint. They carry all they say, so they outlive a restart like real ones."""

import time

import jwt

AUDIENCE = "https://graph.microsoft.com"
_SIGNING_KEY = "a key of the sandbox alone, which protects nothing"


class InvalidTokenError(Exception):
    """The token is no token of this sandbox, or has expired; the text is Graph's message."""


def issue_token(*, tenant_id: str, client_id: str, lifetime_seconds: float) -> str:
    now = time.time()
    claims = {"aud": AUDIENCE, "tid": tenant_id, "appid": client_id, "iat": now, "exp": now + lifetime_seconds}
    return jwt.encode(claims, _SIGNING_KEY, algorithm="HS256")


def read_token(token: str) -> tuple[str, str]:
    """(tenant id, client id) of a valid token."""
    try:
        claims = jwt.decode(token, _SIGNING_KEY, algorithms=["HS256"], audience=AUDIENCE)
    except jwt.ExpiredSignatureError as error:
        raise InvalidTokenError("Lifetime validation failed, the token is expired.") from error
    except jwt.InvalidTokenError as error:
        raise InvalidTokenError("CompactToken parsing failed with error code: 80049217") from error
    return str(claims["tid"]), str(claims["appid"])
