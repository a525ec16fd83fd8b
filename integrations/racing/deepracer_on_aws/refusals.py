"""What the REST API of a deployment refuses, as sentences that tell an organizer what to do."""

from http import HTTPStatus
from typing import Any

import requests

from integrations.errors import IntegrationError
from integrations.racing.protocol import EMAIL_EXISTS

NAME = "DeepRacer on AWS"

_NOT_ADMINISTRATOR = (
    "Paddock's user of the deployment is no administrator. Let the deployment's administrator give it the role Admin "
    "(group dr-admins)."
)
_FIREWALL = (
    "The firewall of the deployment (AWS WAF) does not let Paddock in. Let its web ACL allow the address from which "
    "Paddock's servers call, with a rule above the managed ones."
)
_UNKNOWN_CALL = (
    "The deployment does not know this call. Paddock needs DeepRacer on AWS 1.2 or newer; let its administrator update "
    "the deployment."
)
_NO_COGNITO_USER = (
    "The deployment takes calls from users of its own user pool alone. Check the site URL and the administrator's "
    "e-mail in the sponsoring account."
)

# By a part of the service's own message; forbidden comes as 400 as well as 403.
_SENTENCES = {
    "Admin permission required": _NOT_ADMINISTRATOR,
    "Only administrators": _NOT_ADMINISTRATOR,
    "Non-admin user": _NOT_ADMINISTRATOR,
    "Not authorized.": _NOT_ADMINISTRATOR,
    "is not authorized to perform": _NOT_ADMINISTRATOR,
    "Missing Authentication Token": _UNKNOWN_CALL,
    "Missing authentication provider": _NO_COGNITO_USER,
    "Invalid email address": "The deployment does not take this e-mail address. Let the person register with another.",
    "already exists": "Somebody with this e-mail address is in the deployment already.",
    "future leaderboards that have not started": "DeepRacer on AWS lets a race be changed until it opens, and this one "
    "has opened. Create another race if it must be different.",
    "Cannot edit closed": "DeepRacer on AWS lets a race be changed until it opens, and this one is over.",
    "delete an open leaderboard": "DeepRacer on AWS deletes no race while it is open. Paddock tries again until the "
    "race has closed.",
    "Opening time cannot be after": "The race would close before it opens. Correct its times.",
    "Invalid track configuration": "The deployment does not know this track. Choose another one.",
    "maximum and minimum laps": "The deployment does not take this number of laps. Choose another one.",
    "Invalid request structure": "The deployment does not take these settings. Let its administrator update it to "
    "version 1.2 or newer.",
    "Signature expired": "The clock of Paddock's servers is wrong. Let whoever runs them synchronize it.",
    "Item not found": "DeepRacer on AWS does not have this any more.",
}
# Goes away when the race closes, without anybody's help.
_PASSING = "delete an open leaderboard"
_STALE_CREDENTIALS = ("ExpiredToken", "UnrecognizedClient")

# Codes that callers tell refusals by, where the service's own code would not do.
NOT_FOUND = "NotFoundError"
FIREWALL = "Firewall"


def no_answer() -> IntegrationError:
    return IntegrationError(f"{NAME} gave no answer. Paddock tries again.", retry_after=10, code="NoAnswer")


def not_listed(service_id: str) -> IntegrationError:
    return IntegrationError(
        f"The deployment has no racer {service_id}. The profile was deleted there, or never made.",
        permanent=True,
        code=NOT_FOUND,
    )


def rejects_credentials(response: requests.Response) -> bool:
    """New credentials may be accepted, as when these have expired early."""
    if response.status_code != HTTPStatus.FORBIDDEN:
        return False
    kind = response.headers.get("x-amzn-ErrorType", "")
    return kind.startswith(_STALE_CREDENTIALS) or "security token included in the request" in response.text


def over_limit() -> IntegrationError:
    """The firewall says no more when a caller is too quick than when it never lets them in."""
    return IntegrationError(
        "The firewall of the deployment (AWS WAF) lets Paddock look at a hundred racers' models in five minutes. It "
        "goes on when it may.",
        retry_after=60,
        code="Throttled",
    )


def explain_refusal(status: int, kind: str, content: Any, retry_after: float | None) -> IntegrationError:
    """For an answer of 300 and above. `kind` is the header x-amzn-ErrorType; `content` is None if it was no JSON."""
    message = _message(content)
    code = _find_code(status, kind, message)
    sentence = _find_sentence(message)
    if status == HTTPStatus.GATEWAY_TIMEOUT:
        return no_answer()
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        return _passing("asked Paddock to slow down", retry_after, code)
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        if sentence == _NO_COGNITO_USER:
            return IntegrationError(sentence, permanent=True, code=code)
        return _passing(f"has trouble ({code})", retry_after, code)
    if status == HTTPStatus.CONFLICT:
        return _passing("is changing the same thing at this moment", retry_after, code)
    if status == HTTPStatus.FORBIDDEN and (not isinstance(content, dict) or message == "Forbidden"):
        return IntegrationError(_FIREWALL, permanent=True, code=FIREWALL)
    if sentence is None:
        sentence = f"{NAME} refused the request: {message.rstrip('.') or f'status {status}'}."
    return IntegrationError(sentence, permanent=_PASSING not in message, code=code)


def _message(content: Any) -> str:
    """Handlers say "message", IAM says "Message", and the gateway's own checks say "errorMessage"."""
    fields = content if isinstance(content, dict) else {}
    found = (fields.get(name) for name in ("message", "Message", "errorMessage"))
    return next((str(text) for text in found if text), "")


def _find_code(status: int, kind: str, message: str) -> str:
    if status == HTTPStatus.NOT_FOUND:
        return NOT_FOUND
    if _find_sentence(message) == _NOT_ADMINISTRATOR:
        return "NotAdministrator"
    return EMAIL_EXISTS if "address already exists" in message else kind.partition(":")[0] or str(status)


def _find_sentence(message: str) -> str | None:
    return next((sentence for part, sentence in _SENTENCES.items() if part in message), None)


def _passing(trouble: str, retry_after: float | None, code: str) -> IntegrationError:
    """The gateway hardly ever says how long it wants to be left alone."""
    return IntegrationError(f"{NAME} {trouble}. Paddock tries again.", retry_after=retry_after, code=code)
