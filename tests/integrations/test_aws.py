"""AWS sessions by AssumeRole, and AWS errors in plain words."""

import pickle
import threading
from typing import Any

import pytest
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectTimeoutError,
    EndpointConnectionError,
    NoCredentialsError,
    ParamValidationError,
    ReadTimeoutError,
)

from integrations import aws
from integrations.aws import AwsAccess
from integrations.errors import IntegrationError
from tests.integrations import world
from tests.support.sandbox import Sandbox


def whoami(access: AwsAccess) -> str:
    with aws.integration_errors("AWS STS"):
        return str(aws.client(access, "sts").get_caller_identity()["Arn"])


class TestSessions:
    def test_assumes_the_role_with_its_external_id(self, sandbox: Sandbox) -> None:
        assert whoami(world.ACCESS) == f"arn:aws:sts::{world.ACCOUNT_ID}:assumed-role/paddock/paddock"

    def test_without_a_role_the_standard_chain_is_used(self, sandbox: Sandbox) -> None:
        assert ":user/sandbox" in whoami(AwsAccess(world.REGION))

    def test_a_session_is_kept_for_all_clients_and_threads(self, sandbox: Sandbox) -> None:
        threads = [threading.Thread(target=whoami, args=[world.ACCESS]) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        with aws.integration_errors("AWS"):
            aws.session(world.ACCESS).client("identitystore").list_users(IdentityStoreId=world.STORE_ID)
        assert sandbox.calls()["sts"]["AssumeRole"] == 1

    def test_what_services_look_like_is_kept_once_for_all_sessions(self) -> None:
        sessions = [aws.session(AwsAccess(world.REGION, f"{world.ROLE_ARN}-{number}")) for number in range(3)]
        assert len({id(session._session.get_component("data_loader")) for session in sessions}) == 1

    @pytest.mark.parametrize(
        "access",
        [
            AwsAccess(world.REGION, world.ROLE_ARN, "somebody-elses"),
            AwsAccess(world.REGION, world.ROLE_ARN),
            AwsAccess(world.REGION, world.ROLE_ARN + "-unknown", world.EXTERNAL_ID),
        ],
    )
    def test_a_refused_role_says_what_to_check(self, sandbox: Sandbox, access: AwsAccess) -> None:
        with pytest.raises(IntegrationError, match="sts:ExternalId is the external id") as raised:
            whoami(access)
        assert raised.value.permanent

    def test_no_credentials_are_the_operators_business(self, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.delenv("AWS_ACCESS_KEY_ID")
        monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
        for access in (world.ACCESS, AwsAccess(world.REGION)):
            with pytest.raises(IntegrationError, match="Paddock itself has no AWS credentials"):
                whoami(access)


def refusal(code: str, *, status: int = 400, operation: str = "Operate", **more: Any) -> ClientError:
    response: Any = {
        "Error": {"Code": code, "Message": "Words."},
        "ResponseMetadata": {"HTTPStatusCode": status},
    } | more
    return ClientError(response, operation)


@pytest.mark.parametrize(
    ("error", "permanent", "retry_after", "words"),
    [
        (refusal("ThrottlingException", RetryAfterSeconds=7), False, 7, "slow down"),
        (refusal("TooManyRequestsException", status=429), False, 2, "slow down"),
        (refusal("ProvisionedThroughputExceededException"), False, 2, "slow down"),
        (refusal("AccessDeniedException"), True, None, "denied Operate"),
        (refusal("AccessDenied", operation="AssumeRole"), True, None, "trust policy"),
        (refusal("UnrecognizedClientException"), True, None, "own credentials"),
        (refusal("ExpiredTokenException"), False, 5, "expired"),
        (refusal("InternalServerException", status=500), False, 2, "trouble"),
        (refusal("503", status=503), False, 2, "trouble"),
        (refusal("ValidationException"), True, None, "refused Operate: Words."),
        (EndpointConnectionError(endpoint_url="https://x"), False, 10, "cannot be reached"),
        (ConnectTimeoutError(endpoint_url="https://x"), False, 10, "cannot be reached"),
        (ReadTimeoutError(endpoint_url="https://x"), False, 10, "gave no answer"),
        (NoCredentialsError(), True, None, "no AWS credentials"),
        (ParamValidationError(report="Missing"), True, None, "cannot take this request"),
        (BotoCoreError(), True, None, "could not be called"),
    ],
)
def test_errors_become_sentences(error: Exception, permanent: bool, retry_after: float | None, words: str) -> None:
    with pytest.raises(IntegrationError, match=words) as raised, aws.integration_errors("The service"):
        raise error
    assert (raised.value.permanent, raised.value.retry_after) == (permanent, retry_after)


def test_other_errors_pass() -> None:
    with pytest.raises(KeyError), aws.integration_errors("The service"):
        raise KeyError


def test_an_integration_error_survives_a_task_queue() -> None:
    error = pickle.loads(pickle.dumps(IntegrationError("Words.", permanent=True, retry_after=3, code="Code")))  # noqa: S301
    assert (error.message, error.permanent, error.retry_after, error.code) == ("Words.", True, 3, "Code")
