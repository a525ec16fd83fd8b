"""Whether Amazon SES lets a sender's mail leave. Pinpoint sends from the same identities."""

from email.utils import parseaddr
from typing import TYPE_CHECKING

from integrations import aws
from integrations.aws import AwsAccess
from integrations.errors import IntegrationError
from integrations.mail.protocol import SenderHealth

if TYPE_CHECKING:
    from mypy_boto3_sesv2 import SESV2Client

SERVICE = "Amazon SES"


def check_sender(access: AwsAccess, sender: str) -> SenderHealth:
    """`sender` may be “Name <address>”. Its address or the whole of its domain may be verified."""
    client: SESV2Client = aws.client(access, "sesv2")
    with aws.integration_errors(SERVICE):
        account = client.get_account()
    address = parseaddr(sender)[1]
    return SenderHealth(
        is_verified=_is_verified(client, address) or _is_verified(client, address.rpartition("@")[2]),
        reaches_everybody=account.get("ProductionAccessEnabled", False),
        is_paused=not account.get("SendingEnabled", True),
    )


def _is_verified(client: "SESV2Client", identity: str) -> bool:
    try:
        with aws.integration_errors(SERVICE):
            return client.get_email_identity(EmailIdentity=identity).get("VerifiedForSendingStatus", False)
    except IntegrationError as error:
        if error.code == "NotFoundException":
            return False
        raise
