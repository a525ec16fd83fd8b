"""Cognito identity pools: a user's token in, temporary keys of the role of the user's group out."""

import json
import secrets
import uuid
from collections.abc import Callable
from typing import Any, ClassVar

from moto.cognitoidentity import urls
from moto.cognitoidentity.responses import CognitoIdentityResponse
from moto.core.exceptions import JsonRESTError

from integrations.sandbox.aws.cognito_pools import UserPool
from integrations.sandbox.aws.cognito_store import IdentityPool, IdentitySession
from integrations.sandbox.aws.cognito_tokens import InvalidTokenError, read_token
from integrations.sandbox.aws.credentials import new_access_key
from integrations.sandbox.cloud import Cloud

SESSION_SECONDS = 3600

Params = dict[str, Any]


class SandboxIdentityPools(CognitoIdentityResponse):
    """One method per operation, found by moto through its name. The two are called without a signature."""

    cloud: ClassVar[Cloud]

    def get_id(self) -> str:
        return self._answer(lambda params: {"IdentityId": self._identify(self._pool(params["IdentityPoolId"]), params)})

    def get_credentials_for_identity(self) -> str:
        return self._answer(self._get_credentials)

    def _answer(self, operation: Callable[[Params], Params]) -> str:
        try:
            return json.dumps(operation(json.loads(self.body)))
        except KeyError as error:
            raise JsonRESTError("ValidationException", f"Missing required parameter {error}") from error

    def _pool(self, pool_id: str) -> IdentityPool:
        pool = self.cloud.cognito.identity_pools.get(pool_id)
        if pool is None:
            raise JsonRESTError("ResourceNotFoundException", f"IdentityPool '{pool_id}' not found.")
        return pool

    def _identify(self, pool: IdentityPool, params: Params) -> str:
        user_pool, claims = self._claims(pool, params)
        return _identity_id(pool, user_pool, claims["sub"])

    def _get_credentials(self, params: Params) -> Params:
        identity_id = params["IdentityId"]
        for pool in self.cloud.cognito.identity_pools.values():
            user_pool = self.cloud.cognito.user_pools[pool.user_pool_id]
            if user_pool.provider_name in (params.get("Logins") or {}):
                _, claims = self._claims(pool, params)
                if _identity_id(pool, user_pool, claims["sub"]) == identity_id:
                    return self._open_session(pool, user_pool, claims, identity_id)
        raise JsonRESTError("ResourceNotFoundException", f"Identity '{identity_id}' not found.")

    def _claims(self, pool: IdentityPool, params: Params) -> tuple[UserPool, Params]:
        logins = params.get("Logins") or {}
        if not logins:
            message = "Unauthenticated access is not supported for this identity pool."
            raise JsonRESTError("NotAuthorizedException", message)
        user_pool = self.cloud.cognito.user_pools[pool.user_pool_id]
        if user_pool.provider_name not in logins:
            message = "Token is not from a supported provider of this identity pool."
            raise JsonRESTError("NotAuthorizedException", message)
        try:
            return user_pool, read_token(user_pool, logins[user_pool.provider_name], "id", now=self.cloud.now())
        except InvalidTokenError as error:
            raise JsonRESTError("NotAuthorizedException", f"Invalid login token. {error}") from error

    def _open_session(self, pool: IdentityPool, user_pool: UserPool, claims: Params, identity_id: str) -> Params:
        group = next((group for group in pool.role_arns if group in claims.get("cognito:groups", [])), None)
        if group is None:
            raise JsonRESTError("NotAuthorizedException", f"Access to Identity '{identity_id}' is forbidden.")
        session = IdentitySession(
            user_pool_id=user_pool.pool_id,
            sub=claims["sub"],
            group=group,
            role_arn=pool.role_arns[group],
            secret_key=secrets.token_urlsafe(30),
            session_token=secrets.token_urlsafe(120),
            expires_at=self.cloud.now() + SESSION_SECONDS,
        )
        access_key = self._remember(session, user_pool.account_id)
        credentials = {
            "AccessKeyId": access_key,
            "SecretKey": session.secret_key,
            "SessionToken": session.session_token,
            "Expiration": session.expires_at,
        }
        return {"IdentityId": identity_id, "Credentials": credentials}

    def _remember(self, session: IdentitySession, account_id: str) -> str:
        """Under a key that nobody else has; those that have expired are forgotten."""
        now = self.cloud.now()
        known = {key: kept for key, kept in self.cloud.cognito.sessions.items() if kept.expires_at > now}
        access_key = new_access_key(account_id)
        while access_key in known or access_key in self.cloud.aws.assumed_roles:
            access_key = new_access_key(account_id)
        self.cloud.cognito.sessions = known | {access_key: session}
        return access_key


def install(cloud: Cloud) -> None:
    """Put these answers in the place of moto's. Call before moto has served its first cognito-identity request."""
    SandboxIdentityPools.cloud = cloud
    urls.url_paths["{0}/$"] = SandboxIdentityPools.dispatch


def _identity_id(pool: IdentityPool, user_pool: UserPool, sub: str) -> str:
    """The same for the same user for ever."""
    return f"{user_pool.region}:{uuid.uuid5(uuid.NAMESPACE_URL, f'{pool.pool_id}/{sub}')}"
