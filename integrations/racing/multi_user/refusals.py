"""Refusals of the multi-user service in an organizer's words.

It answers 400 to nearly all of them, also where others answer 403 or 404, so the code alone tells what is the matter.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from botocore.exceptions import ClientError

from integrations import aws
from integrations.errors import IntegrationError

SERVICE = "AWS DeepRacer"

DENIED = "CustomerAuthorizationFailedException"
INVALID = "InvalidRequestException"
GONE = "ResourceDoesNotExistException"
IN_USE = "ResourceInUseException"
NOT_ACTIVE = "JobNotActiveException"

# These stay until a person acts.
_PERMANENT = {
    DENIED: (
        "AWS DeepRacer did not let Paddock call {operation}. Allow deepracer:{operation} in the policy of the role "
        "that Paddock assumes, and see to it that its session carries no racer's user token, because the service "
        "refuses an administrator who has one."
    ),
    INVALID: "AWS DeepRacer cannot take this request ({operation}). It says: {message}",
    GONE: (
        "AWS DeepRacer does not know what {operation} is about. It was deleted, or it belongs to another account: "
        "check the account and have it read again."
    ),
    NOT_ACTIVE: "This job has ended already ({operation}). There is nothing left to stop.",
    "ResourceAlreadyExistsException": "AWS DeepRacer already has one of this name ({operation}). Choose another name.",
    "ResourceLimitExceededException": (
        "The AWS account has reached a limit of AWS DeepRacer and cannot {operation}. Delete what is no longer needed, "
        "or ask AWS Support to raise the limit."
    ),
}

# These pass by themselves; with the seconds to wait.
_PASSING = {
    IN_USE: ("AWS DeepRacer is still working on it ({operation}). Paddock tries again.", 30),
    "ServiceException": ("AWS DeepRacer has trouble ({operation}). Paddock tries again.", 2),
}


@contextmanager
def explained_refusals() -> Iterator[None]:
    """For the body of one call. Raises IntegrationError alone."""
    with aws.integration_errors(SERVICE):
        try:
            yield
        except ClientError as error:
            if explained := _explain(error):
                raise explained from error
            raise


def _explain(error: ClientError) -> IntegrationError | None:
    """None for what every AWS service refuses alike."""
    code = error.response["Error"].get("Code", "")
    words = {
        "operation": error.operation_name,
        "message": error.response["Error"].get("Message") or "nothing more.",
    }
    if code in _PERMANENT:
        return IntegrationError(_PERMANENT[code].format(**words), permanent=True, code=code)
    if code in _PASSING:
        sentence, seconds = _PASSING[code]
        return IntegrationError(sentence.format(**words), retry_after=seconds, code=code)
    return None
