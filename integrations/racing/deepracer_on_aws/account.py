"""The account of a deployment, entered by a role: clients of its services, throttled and with errors translated."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from integrations import aws
from integrations.racing.deepracer_on_aws.config import DeepRacerOnAwsConfig, missing_role
from integrations.racing.deepracer_on_aws.site import Site, read_site
from integrations.throttle import Limit, shared_throttle

# Cognito counts calls by what they are for, and those of the deployment itself with them: it takes 50 users to create
# in a second, 30 searches, and 25 of the rarest changes.
CREATIONS = Limit("droa-user-creations", 40, 1)
READS = Limit("droa-user-reads", 50, 1)
SEARCHES = Limit("droa-user-searches", 20, 1)
CHANGES = Limit("droa-user-changes", 20, 1)
JOBS = Limit("droa-jobs", 10, 1)


class AccountClient:
    """Each `with` block below is for one call."""

    def __init__(self, config: DeepRacerOnAwsConfig) -> None:
        self._config = config

    @property
    def site(self) -> Site:
        return read_site(self._config.site_url)

    @contextmanager
    def user_pool(self, limit: Limit = CHANGES) -> Iterator[Any]:
        """A client of cognito-idp."""
        client = self._client("cognito-idp")
        shared_throttle().acquire(limit, self.site.user_pool_id)
        with aws.integration_errors("Amazon Cognito"):
            yield client

    @contextmanager
    def table(self) -> Iterator[Any]:
        """A client of dynamodb, which is not throttled: the deployment's table grows with its use."""
        client = self._client("dynamodb")
        with aws.integration_errors("Amazon DynamoDB"):
            yield client

    @contextmanager
    def jobs(self) -> Iterator[Any]:
        """A client of sagemaker."""
        client = self._client("sagemaker")
        shared_throttle().acquire(JOBS, self.site.user_pool_id)
        with aws.integration_errors("Amazon SageMaker"):
            yield client

    @contextmanager
    def identity(self) -> Iterator[Any]:
        """A client of sts."""
        client = self._client("sts")
        with aws.integration_errors("AWS"):
            yield client

    def _client(self, service_name: str) -> Any:
        if self._config.access is None:
            raise missing_role()
        return aws.client(replace(self._config.access, region=self.site.region), service_name)
