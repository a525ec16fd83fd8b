"""DynamoDB's refusals in an organizer's words."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from integrations.aws import AwsAccess, integration_errors
from integrations.errors import IntegrationError

SERVICE = "Amazon DynamoDB"
# Codes that a reader of a stream acts on.
EXPIRED_ITERATOR = "ExpiredIteratorException"
FORGOTTEN = "TrimmedDataAccessException"
NO_STREAM = "NoStream"

_MISSING = "ResourceNotFoundException"
_DENIED = {"AccessDenied", "AccessDeniedException"}
# More than five reads of a shard in a second, or two readers of it.
_BUSY = {"LimitExceededException"}


@dataclass(frozen=True)
class TableConfig:
    """A portal's table, and how it is reached."""

    access: AwsAccess
    table_name: str

    def __str__(self) -> str:
        return f"“{self.table_name}” in {self.access.region}"


@contextmanager
def table_errors(config: TableConfig) -> Iterator[None]:
    """For calls about the table itself."""
    try:
        with integration_errors(SERVICE):
            yield
    except IntegrationError as error:
        raise _explain_table(config, error) from error


@contextmanager
def stream_errors(config: TableConfig) -> Iterator[None]:
    """For calls about the table's stream. What the stream has forgotten or never had comes as FORGOTTEN."""
    try:
        with integration_errors(SERVICE):
            yield
    except IntegrationError as error:
        raise _explain_stream(config, error) from error


def _explain_table(config: TableConfig, error: IntegrationError) -> IntegrationError:
    if error.code == _MISSING:
        return _permanent(
            f"There is no table {config}. Correct the name of the table, or the region that it is in.", error
        )
    if error.code in _DENIED:
        return _explain_denial(config, error)
    return _explain_silence(config, error)


def _explain_silence(config: TableConfig, error: IntegrationError) -> IntegrationError:
    if error.code != "Unreachable":
        return error
    return IntegrationError(
        f"AWS cannot be reached in the region “{config.access.region}”. Correct it if it is misspelled; if not, "
        "Paddock tries again.",
        retry_after=error.retry_after,
        code=error.code,
    )


def _explain_denial(config: TableConfig, error: IntegrationError) -> IntegrationError:
    """IAM denies what a role was not given by name, so a wrong name or region looks like a missing permission."""
    if "AssumeRole" in str(error) or "trust policy" in str(error):
        return error
    return _permanent(
        f"The role may not read {config}. Check the table's name and its region first; if both are right, update the "
        f"role's stack with the command on this page. {error}",
        error,
    )


def _explain_stream(config: TableConfig, error: IntegrationError) -> IntegrationError:
    if error.code in (FORGOTTEN, _MISSING):
        return IntegrationError(
            f"The stream of {config} has forgotten what came after the last look: it keeps a day. Paddock reads the "
            "whole table again.",
            permanent=True,  # the same call would be refused again
            code=FORGOTTEN,
        )
    if error.code == EXPIRED_ITERATOR:
        return IntegrationError(
            "The place in the stream has expired. Paddock asks for it again.", permanent=True, code=error.code
        )
    if error.code in _BUSY:
        return IntegrationError(
            f"Others read the stream of {config} at this moment, too. Paddock tries again.",
            retry_after=1,
            code=error.code,
        )
    return _explain_denial(config, error) if error.code in _DENIED else error


def _permanent(sentence: str, error: IntegrationError) -> IntegrationError:
    return IntegrationError(sentence, permanent=True, code=error.code)


def no_stream(config: TableConfig) -> IntegrationError:
    return IntegrationError(
        f"The table {config} has no stream, so nobody hears of new registrations. Switch it on in DynamoDB under "
        "Exports and streams, with the view type “New image” or “New and old images”.",
        permanent=True,
        code=NO_STREAM,
    )


def no_new_image(config: TableConfig, view_type: str) -> IntegrationError:
    return IntegrationError(
        f"The stream of {config} has the view type {view_type}, which does not tell what was written. Switch the "
        "stream off and on again with “New image” or “New and old images”; Paddock then reads the whole table again.",
        permanent=True,
        code=NO_STREAM,
    )
