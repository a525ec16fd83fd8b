"""Why somebody does not get in."""

NOT_PROVEN = "The sign-in could not be verified. It may have taken too long, or been used already. Please start again."


class SignInRefused(Exception):
    """The message is a sentence for the person; `detail` is for the log alone."""

    def __init__(self, message: str, detail: str = "") -> None:
        super().__init__(message)
        self.detail = detail


class ProviderUnusable(Exception):
    """What an owner typed in leads to no identity provider; the message says what to mend."""
