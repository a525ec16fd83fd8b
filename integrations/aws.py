"""AWS sessions by AssumeRole, and AWS errors in an organizer's words."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

import boto3
import botocore.session
from botocore.config import Config
from botocore.credentials import (
    AssumeRoleCredentialFetcher,
    CredentialProvider,
    CredentialResolver,
    DeferredRefreshableCredentials,
)
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    HTTPClientError,
    NoCredentialsError,
    ParamValidationError,
    PartialCredentialsError,
)
from botocore.exceptions import ConnectionError as UnreachableError
from botocore.loaders import Loader
from botocore.parsers import ResponseParserError
from django.conf import settings

from integrations.errors import IntegrationError

_building = threading.RLock()
# Service models of our own, one folder per service, for services that botocore does not know.
_OWN_MODELS = (Path(__file__).parent / "racing" / "multi_user" / "models",)


@dataclass(frozen=True)
class AwsAccess:
    """How an AWS account is reached. Without `role_arn`, the standard credential chain itself is used."""

    region: str
    role_arn: str = ""
    external_id: str = ""


class _AssumedRole(CredentialProvider):
    METHOD = "assume-role"

    def __init__(self, source: botocore.session.Session, access: AwsAccess) -> None:
        super().__init__()
        self._source = source
        self._access = access

    def load(self) -> DeferredRefreshableCredentials:
        """Credentials that call AssumeRole when first used and again shortly before they expire."""
        source_credentials = self._source.get_credentials()
        if source_credentials is None:
            raise NoCredentialsError
        extra = {"RoleSessionName": "paddock"}
        if self._access.external_id:
            extra["ExternalId"] = self._access.external_id
        fetcher = AssumeRoleCredentialFetcher(
            client_creator=partial(self._source.create_client, region_name=self._access.region, config=_config()),
            source_credentials=source_credentials,
            role_arn=self._access.role_arn,
            extra_args=extra,
        )
        return DeferredRefreshableCredentials(refresh_using=fetcher.fetch_credentials, method=self.METHOD)


def _config() -> Config:
    return Config(
        connect_timeout=5,
        read_timeout=settings.PROVIDER_TIMEOUT_SECONDS,
        # Convergence tries again. A repetition here would pass the throttle by, and send a mail twice whose acceptance
        # was lost on the way.
        retries={"mode": "standard", "total_max_attempts": 1},
    )


def session(access: AwsAccess) -> boto3.Session:
    """The process's session for `access`. Its credentials are kept until they expire."""
    with _building, integration_errors("AWS"):
        return _build_session(access)


@lru_cache(maxsize=1024)
def _build_session(access: AwsAccess) -> boto3.Session:
    source = new_session()
    if not access.role_arn:
        return boto3.Session(botocore_session=source, region_name=access.region)
    assumed = new_session()
    assumed.register_component("credential_provider", CredentialResolver([_AssumedRole(source, access)]))
    return boto3.Session(botocore_session=assumed, region_name=access.region)


def new_session() -> botocore.session.Session:
    """A session without credentials that shares what all sessions know: reading it anew takes 8 MB and 0.1 s each."""
    created = botocore.session.get_session()
    created.register_component("data_loader", _load_knowledge())
    return created


@lru_cache(maxsize=1)
def _load_knowledge() -> Loader:
    """AWS's regions and the models of its services, each read from disk once."""
    loader: Loader = botocore.session.get_session().get_component("data_loader")
    # First, so that a model of the same service under ~/.aws/models does not take the place of ours.
    loader.search_paths[:0] = map(str, _OWN_MODELS)
    return loader


def client(access: AwsAccess, service_name: str) -> Any:
    """The process's client of one service, ready to call: its credentials are there and will last a while.

    Ask for the client first and for the throttle's leave last, or what the throttle granted is spent on waiting.
    """
    with integration_errors("AWS"):
        # Clients are thread-safe; building them is not.
        with _building:
            built = _build_client(access, service_name)
            credentials = _build_session(access).get_credentials()
        if credentials is None:
            raise NoCredentialsError
        credentials.get_frozen_credentials()
        return built


@lru_cache(maxsize=4096)
def _build_client(access: AwsAccess, service_name: str) -> Any:
    build: Callable[..., Any] = _build_session(access).client
    return build(service_name, config=_config())


def identify(access: AwsAccess) -> str:
    """The id of the AWS account that the access leads into. No role needs a permission for this call."""
    sts = client(access, "sts")
    with integration_errors("AWS STS"):
        return str(sts.get_caller_identity()["Account"])


@contextmanager
def integration_errors(service: str) -> Iterator[None]:
    """Turns what boto raises into IntegrationError. `service` is the name that an organizer knows."""
    try:
        yield
    except ClientError as error:
        raise _translate_refusal(service, error) from error
    except (NoCredentialsError, PartialCredentialsError) as error:
        raise IntegrationError(
            "Paddock itself has no AWS credentials. Give its servers an IAM role or the standard AWS_* variables.",
            permanent=True,
            code="NoCredentials",
        ) from error
    except ParamValidationError as error:
        raise IntegrationError(
            f"{service} cannot take this request: {error}", permanent=True, code="Invalid"
        ) from error
    except UnreachableError as error:
        raise IntegrationError(
            f"{service} cannot be reached. Paddock tries again.", retry_after=10, code="Unreachable"
        ) from error
    except (HTTPClientError, ResponseParserError) as error:
        # The call may have been carried out: only the answer is known to be missing.
        raise IntegrationError(
            f"{service} gave no answer. Paddock tries again.", retry_after=10, code="NoAnswer"
        ) from error
    except BotoCoreError as error:
        raise IntegrationError(f"{service} could not be called: {error}", permanent=True, code="Invalid") from error


_THROTTLED = {
    "Throttling",
    "ThrottlingException",
    "ThrottledException",
    "TooManyRequestsException",
    "ProvisionedThroughputExceededException",
    "RequestLimitExceeded",
    "RequestThrottled",
    "SlowDown",
}
_DENIED = {"AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "ForbiddenException"}
_OWN_CREDENTIALS_REFUSED = {"InvalidClientTokenId", "UnrecognizedClientException", "SignatureDoesNotMatch"}
_EXPIRED = {"ExpiredToken", "ExpiredTokenException", "RequestExpired"}


def _translate_refusal(service: str, error: ClientError) -> IntegrationError:
    code = error.response["Error"].get("Code", "")
    if code in _THROTTLED:
        return IntegrationError(
            f"{service} asked Paddock to slow down. It tries again.", retry_after=_seconds_to_wait(error), code=code
        )
    if code in _DENIED:
        return IntegrationError(_explain_denial(service, error), permanent=True, code=code)
    if code in _OWN_CREDENTIALS_REFUSED:
        return IntegrationError(
            "AWS refused Paddock's own credentials. Check the IAM role or the AWS_* variables of its servers.",
            permanent=True,
            code=code,
        )
    if code in _EXPIRED:
        return IntegrationError("The AWS session has expired. Paddock renews it.", retry_after=5, code=code)
    if error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0) >= 500:
        return IntegrationError(
            f"{service} has trouble ({code}). Paddock tries again.", retry_after=_seconds_to_wait(error), code=code
        )
    return IntegrationError(f"{service} refused {error.operation_name}: {_message(error)}", permanent=True, code=code)


def _explain_denial(service: str, error: ClientError) -> str:
    if error.operation_name == "AssumeRole":
        return (
            "AWS did not let Paddock assume the role. Check in its trust policy that Paddock's own principal is "
            "trusted and that sts:ExternalId is the external id that Paddock shows."
        )
    return (
        f"{service} denied {error.operation_name}. Allow it in the policy of the role that Paddock assumes. "
        f"AWS says: {_message(error)}"
    )


def _message(error: ClientError) -> str:
    details = error.response["Error"]
    # JSON services spell it "Message" or "message", and some send nothing but the code.
    text = details.get("Message") or str(error.response.get("message", "")) or details.get("Code", "unknown error")
    return text.rstrip(".") + "."


def _seconds_to_wait(error: ClientError) -> float:
    headers = error.response.get("ResponseMetadata", {}).get("HTTPHeaders", {})
    stated = str(error.response.get("RetryAfterSeconds") or headers.get("retry-after", ""))
    return float(stated) if stated.isdigit() else 2.0
