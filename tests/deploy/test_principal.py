"""PADDOCK_AWS_PRINCIPAL: whatever a trust policy can name, and nothing else."""

import pytest
from django.core.exceptions import ImproperlyConfigured

from paddock.aws_principal import read_principal

ROLE = "arn:aws:iam::111122223333:role/service/Paddock"


@pytest.mark.parametrize(
    ("text", "principal"),
    [
        ("", ""),
        ("111122223333", "arn:aws:iam::111122223333:root"),
        (" 111122223333\n", "arn:aws:iam::111122223333:root"),
        (ROLE, ROLE),
        ("arn:aws-us-gov:iam::111122223333:root", "arn:aws-us-gov:iam::111122223333:root"),
    ],
)
def test_an_account_or_an_arn_is_read(text: str, principal: str) -> None:
    assert read_principal(text) == principal


@pytest.mark.parametrize(
    "text",
    ["*", "1111-2222-3333", "Paddock", "arn:aws:iam::*:root", "arn:aws:sts::111122223333:assumed-role/Paddock/web"],
)
def test_what_no_trust_policy_could_name_is_refused(text: str) -> None:
    with pytest.raises(ImproperlyConfigured, match=r"PADDOCK_AWS_PRINCIPAL is .* twelve digits .* IAM role"):
        read_principal(text)
