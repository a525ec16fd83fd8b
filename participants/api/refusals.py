"""What the domain refuses, as problems."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from paddock.api.problems import PROBLEMS, Problem
from participants.domain.applicants import InvalidRegistration
from participants.domain.naming import InvalidNames
from participants.domain.registration import REFUSALS, RegistrationRefused

PROBLEMS |= {state.value: sentence for state, sentence in REFUSALS.items()}
PROBLEMS["sign_in_required"] = "This event wants people to sign in."


@contextmanager
def refusing() -> Iterator[None]:
    try:
        yield
    except InvalidRegistration as error:
        raise Problem("", status_code=400, errors=list_errors(error)) from error
    except InvalidNames as error:
        raise Problem("", status_code=400, errors=error.errors) from error
    except RegistrationRefused as error:
        raise Problem("", status_code=409, code=error.state) from error


def list_errors(error: InvalidRegistration) -> dict[str, Any]:
    errors: dict[str, Any] = dict(error.errors)
    return errors | ({"answers": error.answers} if error.answers else {})
