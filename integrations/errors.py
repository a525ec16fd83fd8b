"""The only exception that leaves this package."""


class IntegrationError(Exception):
    """A provider's refusal, told to an organizer.

    `message` is a sentence that says what to do. A `permanent` error stays until a person acts; any other goes away
    by itself. `retry_after` is the number of seconds to wait where that is known. `code` is the provider's own code.

    Calls that serve many people return these as values, one per person, and raise none. The code "NoAnswer" says that
    the call may have been carried out all the same.
    """

    def __init__(
        self, message: str, *, permanent: bool = False, retry_after: float | None = None, code: str = ""
    ) -> None:
        super().__init__(message)
        self.message = message
        self.permanent = permanent
        self.retry_after = retry_after
        self.code = code

    def __repr__(self) -> str:
        return (
            f"IntegrationError({self.message!r}, permanent={self.permanent}, "
            f"retry_after={self.retry_after}, code={self.code!r})"
        )

    def __reduce__(self) -> tuple[object, ...]:
        # Keyword-only arguments are lost by the default; task queues pickle exceptions.
        return _restore, (self.message, self.permanent, self.retry_after, self.code)


def _restore(message: str, permanent: bool, retry_after: float | None, code: str) -> IntegrationError:
    return IntegrationError(message, permanent=permanent, retry_after=retry_after, code=code)
