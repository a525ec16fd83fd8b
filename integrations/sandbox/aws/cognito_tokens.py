"""Tokens of the user pools. They carry all they say, so they outlive a restart; nobody but the sandbox reads them."""

import uuid
from typing import Any, Literal

import jwt
from jwt.types import Options

from integrations.sandbox.aws.cognito_pools import PoolUser, UserPool

ACCESS_SECONDS = 3600
_REFRESH_SECONDS = 86_400
_CHALLENGE_SECONDS = 180
_SIGNING_KEY = "another key of the sandbox alone, which protects nothing"

Use = Literal["id", "access", "refresh", "challenge"]


class InvalidTokenError(Exception):
    """The token is none of this pool's, or has expired."""


def issue_tokens(pool: UserPool, user: PoolUser, *, now: float) -> dict[str, Any]:
    """An AuthenticationResult, with a refresh token."""
    groups = {"cognito:groups": user.groups} if user.groups else {}
    who = {"cognito:username": user.username, "email": user.email, "email_verified": True, "aud": pool.client_id}
    return {
        "AccessToken": _issue(pool, user, "access", {**groups, "username": user.username}, ACCESS_SECONDS, now),
        "IdToken": _issue(pool, user, "id", {**groups, **who}, ACCESS_SECONDS, now),
        "RefreshToken": _issue(pool, user, "refresh", {}, _REFRESH_SECONDS, now),
        "ExpiresIn": ACCESS_SECONDS,
        "TokenType": "Bearer",
    }


def issue_session(pool: UserPool, user: PoolUser, challenge: str, *, now: float) -> str:
    """The session of a challenge that is still to be answered."""
    return _issue(pool, user, "challenge", {"challenge": challenge}, _CHALLENGE_SECONDS, now)


def read_token(pool: UserPool, token: str, use: Use, *, now: float) -> dict[str, Any]:
    """The claims. Raises InvalidTokenError; its text continues the message of a refused login."""
    options: Options = {"verify_aud": False, "verify_exp": False, "verify_iat": False}
    try:
        claims: dict[str, Any] = jwt.decode(token, _SIGNING_KEY, algorithms=["HS256"], options=options)
    except jwt.InvalidTokenError as error:
        raise InvalidTokenError("Not a valid OpenId Connect identity token.") from error
    if claims["iss"] != f"https://{pool.provider_name}" or claims["token_use"] != use:
        raise InvalidTokenError("Issuer doesn't match providerName")
    if claims["exp"] <= now:
        raise InvalidTokenError(f"Token expired: {int(claims['exp'])} >= {int(now)}")
    return claims


def _issue(pool: UserPool, user: PoolUser, use: Use, more: dict[str, Any], seconds: int, now: float) -> str:
    claims = {
        "sub": user.sub,
        "iss": f"https://{pool.provider_name}",
        "client_id": pool.client_id,
        "token_use": use,
        "jti": str(uuid.uuid4()),
        "auth_time": int(now),
        "iat": now,
        "exp": now + seconds,
        **more,
    }
    return jwt.encode(claims, _SIGNING_KEY, algorithm="HS256")
