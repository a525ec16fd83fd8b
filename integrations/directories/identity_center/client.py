"""Calls of the identity store and of sso-admin, throttled and with errors translated."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from integrations import aws
from integrations.directories.identity_center.config import IdentityCenterConfig
from integrations.throttle import Limit, shared_throttle

if TYPE_CHECKING:
    from mypy_boto3_identitystore import IdentityStoreClient
    from mypy_boto3_sso_admin import SSOAdminClient

SERVICE = "IAM Identity Center"
# Both quotas are shared by everything that calls the instance.
IDENTITY_STORE = Limit("identity-store", 20, 1)
SSO_ADMIN = Limit("sso-admin", 20, 1)


class IdentityCenterClient:
    """Each `with` block below is for one call."""

    def __init__(self, config: IdentityCenterConfig) -> None:
        self.config = config

    @contextmanager
    def identity_store(self) -> "Iterator[IdentityStoreClient]":
        client: IdentityStoreClient = aws.client(self.config.access, "identitystore")
        shared_throttle().acquire(IDENTITY_STORE, self.config.instance_arn)
        with aws.integration_errors(SERVICE):
            yield client

    @contextmanager
    def sso_admin(self) -> "Iterator[SSOAdminClient]":
        client: SSOAdminClient = aws.client(self.config.access, "sso-admin")
        shared_throttle().acquire(SSO_ADMIN, self.config.instance_arn)
        with aws.integration_errors(SERVICE):
            yield client
