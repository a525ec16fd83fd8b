"""AssumeRole with the checks that moto leaves out: the role must exist and the external id must be its own."""

import secrets
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

from moto.core.exceptions import AccessDeniedError
from moto.core.responses import ActionResult
from moto.sts import urls
from moto.sts.responses import TokenResponse

from integrations.sandbox.aws.credentials import account_of, new_access_key
from integrations.sandbox.cloud import Cloud

_DEFAULT_DURATION_SECONDS = 3600


class SandboxTokens(TokenResponse):
    cloud: ClassVar[Cloud]

    def assume_role(self) -> ActionResult:
        role_arn, external_id = self._get_param("RoleArn"), self._get_param("ExternalId") or ""
        expected = self.cloud.aws.roles.get(role_arn)
        if expected is None or external_id != expected:
            raise AccessDeniedError(self._caller(), f"sts:AssumeRole on resource: {role_arn}")
        return ActionResult(self._credentials(role_arn))

    def get_caller_identity(self) -> ActionResult:
        access_key = self.get_access_key()
        return ActionResult({"UserId": access_key, "Account": account_of(access_key), "Arn": self._caller()})

    def _caller(self) -> str:
        access_key = self.get_access_key()
        unknown = f"arn:aws:iam::{account_of(access_key)}:user/sandbox"
        return self.cloud.aws.assumed_roles.get(access_key, unknown)

    def _credentials(self, role_arn: str) -> dict[str, Any]:
        account_id, role_name = role_arn.split(":")[4], role_arn.rpartition("/")[2]
        session_name = self._get_param("RoleSessionName")
        access_key = new_access_key(account_id)
        arn = f"arn:aws:sts::{account_id}:assumed-role/{role_name}/{session_name}"
        self.cloud.aws.assumed_roles[access_key] = arn
        seconds = self._get_int_param("DurationSeconds", _DEFAULT_DURATION_SECONDS)
        credentials = {
            "AccessKeyId": access_key,
            "SecretAccessKey": secrets.token_urlsafe(30),
            "SessionToken": secrets.token_urlsafe(120),
            "Expiration": datetime.now(UTC) + timedelta(seconds=seconds),
        }
        user = {"AssumedRoleId": f"AROA{secrets.token_hex(8).upper()}:{session_name}", "Arn": arn}
        return {"Credentials": credentials, "AssumedRoleUser": user, "PackedPolicySize": 6}


def install(cloud: Cloud) -> None:
    """Put these answers in the place of moto's. Call before moto has served its first sts request."""
    SandboxTokens.cloud = cloud
    urls.url_paths["{0}/$"] = SandboxTokens.dispatch
