"""What Pinpoint says about a single address."""

from typing import TYPE_CHECKING

from integrations.errors import IntegrationError

if TYPE_CHECKING:
    from mypy_boto3_pinpoint.type_defs import MessageResultTypeDef

_TEMPORARY = {
    "THROTTLED": ("Amazon Pinpoint's sending rate is used up.", 5.0),
    "TEMPORARY_FAILURE": ("Amazon Pinpoint could not deliver for now.", 60.0),
    "UNKNOWN_FAILURE": ("Amazon Pinpoint does not say why it failed.", 60.0),
}
_PERMANENT = {
    "OPT_OUT": "The person has opted out of mails from this Pinpoint application. Give them the link in person.",
    "PERMANENT_FAILURE": "Amazon Pinpoint refuses this address: it is invalid, or suppressed after a bounce or a "
    "complaint. Check the address, or take it off the suppression list.",
    "DUPLICATE": "Amazon Pinpoint has already served this address in the same call.",
}


def read_result(result: "MessageResultTypeDef | None") -> str | IntegrationError:
    """The message id, or the outcome as an error."""
    if result is None:
        return IntegrationError("Amazon Pinpoint left this address out. Paddock tries again.", retry_after=60)
    status = str(result.get("DeliveryStatus", ""))
    if status == "SUCCESSFUL":
        return result.get("MessageId", "")
    detail = f" Pinpoint says: {message}" if (message := result.get("StatusMessage")) else ""
    if sentence := _PERMANENT.get(status):
        return IntegrationError(sentence + detail, permanent=True, code=status)
    sentence, wait = _TEMPORARY.get(status, _TEMPORARY["UNKNOWN_FAILURE"])
    return IntegrationError(f"{sentence} Paddock tries again.{detail}", retry_after=wait, code=status)
