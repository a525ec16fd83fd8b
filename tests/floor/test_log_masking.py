"""What is hidden in a line of the log, and what is not."""

import logging
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paddock.log_masking import MASK, MaskingFormatter, mask

SECRET = "5f0c9a7be1d24c63a8e2"
HIDDEN = [
    f"Not Found: /e/contoso/cup/registrations/{SECRET}:{SECRET}/",
    f"Internal Server Error: /e/contoso/cup/registrations/{SECRET}/withdraw/",
    f"Gone: /join/contoso/{SECRET}/",
    f"Authorization: Bearer {SECRET}",
    f"Invalid header value: b'Bearer {SECRET}'",
    f"authorization: basic {SECRET}==",
    f"POST /token client_id=paddock&client_secret={SECRET}&grant_type=client_credentials",
    f"{{'client_secret': '{SECRET}', 'grant_type': 'password'}}",
    f'{{"access_token": "{SECRET}", "token_type": "Bearer"}}',
    f'{{"smtp_password": "{SECRET}"}}',
    f"https://app.example/callback?code={SECRET}&state=x",
    f"https://app.example/callback?x=y&state={SECRET}",
    f"Cookie: sessionid={SECRET}; csrftoken={SECRET}",
    f"Cookie: __Host-sessionid={SECRET}",
    f"SAMLResponse={SECRET}&RelayState=",
    f"postgresql://paddock:{SECRET}@db.example/paddock",
    f"X-Amz-Security-Token={SECRET}",
    f"key pdk_1a2b3c4d_{SECRET} was refused",
    f"id_token_hint={SECRET}",
    f"the token eyJhbGciOiJSUzI1NiJ9.{SECRET}.{SECRET} is expired",
    f"aws_secret_access_key={SECRET}",
    f"'SecretAccessKey': '{SECRET}'",
]
PLAIN = [
    "Not Found: /e/contoso/cup/",
    "Bad Request: /api/v1/organizations/contoso/registrations/remove/",
    "Basic information about the bearer of this mail is missing.",
    "The state of the step is claimed; code 429 was answered.",
    "https://graph.microsoft.com/v1.0/groups?$filter=displayName eq 'Racers'",
    "redis://127.0.0.1:6379/0 does not answer.",
    "Throttled by sso-admin: ThrottlingException (code: Throttled)",
]


@pytest.mark.parametrize("line", HIDDEN)
def test_secrets_are_hidden(line: str) -> None:
    assert SECRET not in mask(line)
    assert MASK in mask(line)


@pytest.mark.parametrize("line", PLAIN)
def test_everything_else_is_not(line: str) -> None:
    assert mask(line) == line


@given(st.text())
def test_any_line_can_be_looked_at(line: str) -> None:
    mask(line)


def test_a_traceback_is_looked_at_too() -> None:
    try:
        int(f"client_secret={SECRET}")  # the message of which repeats it
    except ValueError:
        record = logging.LogRecord("x", logging.ERROR, __file__, 1, "It broke", (), sys.exc_info())
    told = MaskingFormatter("%(message)s").format(record)
    assert "Traceback" in told
    assert SECRET not in told
