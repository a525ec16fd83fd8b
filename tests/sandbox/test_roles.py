"""AssumeRole checks what the real one checks."""

import pytest
from botocore.exceptions import ClientError

from tests.sandbox import world
from tests.sandbox.world import Aws


def test_the_role_of_another_account_is_assumed(aws: Aws) -> None:
    identity = aws.client("sts").get_caller_identity()
    assert identity["Account"] == world.ACCOUNT
    assert identity["Arn"] == f"arn:aws:sts::{world.ACCOUNT}:assumed-role/Paddock/tests"


@pytest.mark.parametrize(
    ("role", "external_id"),
    [
        (world.ROLE, "another-id"),
        (f"arn:aws:iam::{world.ACCOUNT}:role/Unknown", world.EXTERNAL_ID),
    ],
)
def test_other_requests_are_denied(aws: Aws, role: str, external_id: str) -> None:
    with pytest.raises(ClientError) as denied:
        aws.sts.assume_role(RoleArn=role, RoleSessionName="tests", ExternalId=external_id)
    assert denied.value.response["Error"]["Code"] == "AccessDenied"


def test_the_external_id_is_not_optional(aws: Aws) -> None:
    with pytest.raises(ClientError, match="AccessDenied"):
        aws.sts.assume_role(RoleArn=world.ROLE, RoleSessionName="tests")
