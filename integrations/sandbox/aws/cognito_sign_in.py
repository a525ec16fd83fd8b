"""Signing in to a user pool: by password, by a refresh token, and by changing a one-time password on the way."""

from typing import Any

from integrations.sandbox.aws.cognito_pools import CognitoError, PoolUser, UserPool, UserStatus
from integrations.sandbox.aws.cognito_tokens import InvalidTokenError, issue_session, issue_tokens, read_token

NEW_PASSWORD_REQUIRED = "NEW_PASSWORD_REQUIRED"

_REFRESH_FLOWS = frozenset({"REFRESH_TOKEN_AUTH", "REFRESH_TOKEN"})


def initiate_auth(pool: UserPool, flow: str, parameters: dict[str, str], *, now: float) -> dict[str, Any]:
    """The body of the answer: an AuthenticationResult or a challenge. Raises CognitoError."""
    if flow == "USER_PASSWORD_AUTH":
        return sign_in(pool, _parameter(parameters, "USERNAME"), _parameter(parameters, "PASSWORD"), now=now)
    if flow in _REFRESH_FLOWS:
        return _refresh(pool, _parameter(parameters, "REFRESH_TOKEN"), now=now)
    if flow == "USER_SRP_AUTH":
        raise CognitoError("InvalidParameterException", "The sandbox knows no SRP; use USER_PASSWORD_AUTH.")
    raise CognitoError("InvalidParameterException", f"{flow} is not enabled for the client.")


def sign_in(pool: UserPool, name: str, password: str, *, now: float) -> dict[str, Any]:
    user = pool.require(name)
    if user.password != password:
        raise CognitoError("NotAuthorizedException", "Incorrect username or password.")
    _check_enabled(user)
    if user.status is UserStatus.FORCE_CHANGE_PASSWORD:
        return _challenge(pool, user, now)
    return {"ChallengeParameters": {}, "AuthenticationResult": issue_tokens(pool, user, now=now)}


def respond_to_challenge(
    pool: UserPool, challenge: str, session: str, responses: dict[str, str], *, now: float
) -> dict[str, Any]:
    """Only NEW_PASSWORD_REQUIRED is ever asked."""
    if challenge != NEW_PASSWORD_REQUIRED:
        raise CognitoError("InvalidParameterException", f"{challenge} is not a challenge of this pool.")
    user = pool.require(_parameter(responses, "USERNAME"))
    _check_session(pool, user, session, now)
    _check_enabled(user)
    pool.set_password(user.username, _parameter(responses, "NEW_PASSWORD"), permanent=True, now=now)
    return {"ChallengeParameters": {}, "AuthenticationResult": issue_tokens(pool, user, now=now)}


def _challenge(pool: UserPool, user: PoolUser, now: float) -> dict[str, Any]:
    shown = f'{{"email_verified":"true","email":"{user.email}"}}'
    parameters = {"USER_ID_FOR_SRP": user.username, "requiredAttributes": "[]", "userAttributes": shown}
    session = issue_session(pool, user, NEW_PASSWORD_REQUIRED, now=now)
    return {"ChallengeName": NEW_PASSWORD_REQUIRED, "Session": session, "ChallengeParameters": parameters}


def _refresh(pool: UserPool, token: str, *, now: float) -> dict[str, Any]:
    try:
        claims = read_token(pool, token, "refresh", now=now)
    except InvalidTokenError as error:
        raise CognitoError("NotAuthorizedException", "Invalid Refresh Token") from error
    user = pool.find(claims["sub"])
    if user is None or claims["iat"] <= user.signed_out_at:
        raise CognitoError("NotAuthorizedException", "Refresh Token has been revoked")
    _check_enabled(user)
    result = issue_tokens(pool, user, now=now)
    del result["RefreshToken"]  # the old one is used on
    return {"ChallengeParameters": {}, "AuthenticationResult": result}


def _check_session(pool: UserPool, user: PoolUser, session: str, now: float) -> None:
    try:
        claims = read_token(pool, session, "challenge", now=now)
    except InvalidTokenError as error:
        raise CognitoError("NotAuthorizedException", "Invalid session for the user.") from error
    if claims["sub"] != user.sub or user.status is not UserStatus.FORCE_CHANGE_PASSWORD:
        raise CognitoError("NotAuthorizedException", "Invalid session for the user, session can only be used once.")


def _check_enabled(user: PoolUser) -> None:
    if not user.enabled:
        raise CognitoError("NotAuthorizedException", "User is disabled.")


def _parameter(parameters: dict[str, str], name: str) -> str:
    if not parameters.get(name):
        raise CognitoError("InvalidParameterException", f"Missing required parameter {name}")
    return parameters[name]
