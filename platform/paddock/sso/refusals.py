"""Why somebody does not get in."""

NOT_PROVEN = "The sign-in could not be verified. It may have taken too long, or been used already. Please start again."
CANCELLED = "You did not sign in, so nothing happened here."
REFUSED_THERE = "{provider} did not let you in. If you should have been, ask whoever administers it."
NO_ANSWER = "{provider} does not answer at the moment. Try again in a few minutes."


class SignInRefused(Exception):
    """The message is a sentence for the person; `detail` is for the log alone."""

    def __init__(self, message: str, detail: str = "") -> None:
        super().__init__(message)
        self.detail = detail


class ProviderUnusable(Exception):
    """What an owner typed in leads to no identity provider; the message says what to mend."""
