"""Cognito user pools behind moto's wire. All of them belong to deployments of DeepRacer on AWS."""

from collections.abc import Callable
from typing import Any, ClassVar

from moto.cognitoidp import urls
from moto.cognitoidp.responses import CognitoIdpResponse
from moto.core.exceptions import JsonRESTError
from moto.core.responses import ActionResult

from integrations.sandbox.aws.cognito_listing import list_users, wire_user
from integrations.sandbox.aws.cognito_passwords import PasswordPolicyError, one_time_password
from integrations.sandbox.aws.cognito_pools import CognitoError, PoolUser, UserPool, UserStatus
from integrations.sandbox.aws.cognito_sign_in import initiate_auth, respond_to_challenge
from integrations.sandbox.cloud import Cloud
from integrations.sandbox.droa.sign_up import create_user, note_sign_in, send_invitation

Params = dict[str, Any]


class SandboxUserPools(CognitoIdpResponse):
    """One method per operation, found by moto through its name."""

    cloud: ClassVar[Cloud]

    def admin_create_user(self) -> ActionResult:
        return self._administer(self._create_user)

    def admin_set_user_password(self) -> ActionResult:
        return self._administer(
            lambda pool, params: pool.set_password(
                params["Username"],
                params["Password"],
                permanent=bool(params.get("Permanent")),
                now=self.cloud.now(),
            )
        )

    def admin_get_user(self) -> ActionResult:
        return self._administer(
            lambda pool, params: wire_user(pool.require(params["Username"]), attributes_key="UserAttributes")
        )

    def admin_delete_user(self) -> ActionResult:
        return self._administer(lambda pool, params: pool.delete(params["Username"]))

    def admin_disable_user(self) -> ActionResult:
        return self._administer(lambda pool, params: pool.set_enabled(params["Username"], False, now=self.cloud.now()))

    def admin_enable_user(self) -> ActionResult:
        return self._administer(lambda pool, params: pool.set_enabled(params["Username"], True, now=self.cloud.now()))

    def admin_user_global_sign_out(self) -> ActionResult:
        return self._administer(lambda pool, params: pool.sign_out(params["Username"], now=self.cloud.now()))

    def admin_add_user_to_group(self) -> ActionResult:
        return self._administer(lambda pool, params: pool.join_group(params["Username"], params["GroupName"]))

    def admin_remove_user_from_group(self) -> ActionResult:
        return self._administer(lambda pool, params: pool.leave_group(params["Username"], params["GroupName"]))

    def admin_list_groups_for_user(self) -> ActionResult:
        return self._administer(
            lambda pool, params: {"Groups": [_wire_group(pool, g) for g in pool.require(params["Username"]).groups]}
        )

    def list_users(self) -> ActionResult:
        return self._administer(self._list_users)

    def initiate_auth(self) -> ActionResult:
        return self._answer(self._initiate_auth)

    def respond_to_auth_challenge(self) -> ActionResult:
        return self._answer(self._respond_to_challenge)

    def _administer(self, operation: Callable[[UserPool, Params], Params | None]) -> ActionResult:
        """For whoever is signed in to the pool's account with more than a racer's identity."""
        return self._answer(lambda params: operation(self._pool(params["UserPoolId"]), params))

    def _answer(self, operation: Callable[[Params], Params | None]) -> ActionResult:
        try:
            return ActionResult(operation(self.parameters) or {})
        except KeyError as error:
            raise JsonRESTError("InvalidParameterException", f"Missing required parameter {error}") from error
        except PasswordPolicyError as error:
            raise JsonRESTError("InvalidPasswordException", str(error)) from error
        except CognitoError as error:
            raise JsonRESTError(error.code, error.message) from error

    def _pool(self, pool_id: str) -> UserPool:
        if self.get_access_key() in self.cloud.cognito.sessions:
            raise CognitoError("AccessDeniedException", "This identity is not authorized to administer the user pool.")
        pool = self.cloud.cognito.user_pools.get(pool_id)
        if pool is None or (pool.account_id, pool.region) != (self.current_account, self.region):
            raise CognitoError("ResourceNotFoundException", f"User pool {pool_id} does not exist.")
        return pool

    def _client_pool(self, params: Params) -> UserPool:
        """Signing in is not signed, so neither account nor region is known but by the client."""
        client_id = params["ClientId"]
        pools = self.cloud.cognito.user_pools.values()
        pool = next((pool for pool in pools if pool.client_id == client_id), None)
        if pool is None:
            raise CognitoError("ResourceNotFoundException", f"User pool client {client_id} does not exist.")
        return pool

    def _create_user(self, pool: UserPool, params: Params) -> Params:
        if params.get("MessageAction") == "RESEND":
            user = self._renew_password(pool, params)
        else:
            user = create_user(
                self.cloud,
                pool,
                username=params["Username"],
                attributes={a["Name"]: a.get("Value", "") for a in params.get("UserAttributes") or []},
                metadata=params.get("ClientMetadata") or {},
                password=params.get("TemporaryPassword") or "",
            )
        if params.get("MessageAction") != "SUPPRESS" and "EMAIL" in (params.get("DesiredDeliveryMediums") or ["SMS"]):
            send_invitation(self.cloud, self.cloud.droa.of_pool(pool.pool_id), user)
        return {"User": wire_user(user)}

    def _renew_password(self, pool: UserPool, params: Params) -> PoolUser:
        user = pool.require(params["Username"])
        if user.status is not UserStatus.FORCE_CHANGE_PASSWORD:
            message = f"Resend not possible. {user.username} status is not FORCE_CHANGE_PASSWORD"
            raise CognitoError("UnsupportedUserStateException", message)
        password = params.get("TemporaryPassword") or one_time_password()
        pool.set_password(user.username, password, permanent=False, now=self.cloud.now())
        return user

    def _initiate_auth(self, params: Params) -> Params:
        pool, parameters = self._client_pool(params), params.get("AuthParameters") or {}
        answer = initiate_auth(pool, params["AuthFlow"], parameters, now=self.cloud.now())
        return self._note_sign_in(pool, parameters, answer)

    def _respond_to_challenge(self, params: Params) -> Params:
        pool, responses = self._client_pool(params), params.get("ChallengeResponses") or {}
        challenge, session = params["ChallengeName"], params.get("Session", "")
        answer = respond_to_challenge(pool, challenge, session, responses, now=self.cloud.now())
        return self._note_sign_in(pool, responses, answer)

    def _note_sign_in(self, pool: UserPool, parameters: Params, answer: Params) -> Params:
        user = pool.find(parameters.get("USERNAME", ""))
        if user is not None and "AuthenticationResult" in answer:
            note_sign_in(self.cloud, pool, user)
        return answer

    def _list_users(self, pool: UserPool, params: Params) -> Params:
        users, token = list_users(
            pool,
            expression=params.get("Filter") or "",
            limit=params.get("Limit"),
            token=params.get("PaginationToken") or "",
        )
        return {"Users": [wire_user(user) for user in users]} | ({"PaginationToken": token} if token else {})


def install(cloud: Cloud) -> None:
    """Put these answers in the place of moto's. Call before moto has served its first cognito-idp request."""
    SandboxUserPools.cloud = cloud
    urls.url_paths["{0}/$"] = SandboxUserPools.dispatch


def _wire_group(pool: UserPool, name: str) -> Params:
    return {"GroupName": name, "UserPoolId": pool.pool_id, "Description": f"DeepRacer on AWS - {name}"}
