"""Refusals, in the codes that the service is known to have."""


class DeepRacerError(Exception):
    """Answered with status 400."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


def invalid(message: str) -> DeepRacerError:
    return DeepRacerError("InvalidRequestException", message)


def missing(arn: str) -> DeepRacerError:
    return DeepRacerError("ResourceDoesNotExistException", f"{arn} does not exist.")


def in_use(arn: str) -> DeepRacerError:
    return DeepRacerError("ResourceInUseException", f"{arn} is in use.")


def not_active(arn: str) -> DeepRacerError:
    return DeepRacerError("JobNotActiveException", f"No job of {arn} is active.")


def limit_exceeded(message: str) -> DeepRacerError:
    return DeepRacerError("ResourceLimitExceededException", message)
