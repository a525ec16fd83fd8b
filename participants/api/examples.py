"""What the documentation shows; the tests send it."""

from typing import Any

from drf_spectacular.utils import OpenApiExample

ANN = {"email": "ann@example.com", "given_name": "Ann", "family_name": "Lee", "racer_alias": "fast-ann"}
BOB = {"email": "bob@example.com", "given_name": "Bob", "family_name": "Ray"}
# The demonstration of the documentation; tests put one of their own in its place.
SOMEBODY = "6b2f1c1e-5f43-4c0e-9d8a-2f7f6f2f1a10"


def _send(title: str, value: Any) -> list[OpenApiExample]:
    return [OpenApiExample(title, value=value, request_only=True)]


REGISTER = _send("One person", ANN)
REGISTER_MANY = _send("Two people", {"registrations": [ANN, BOB]})
RENAME = _send("A new family name", {"family_name": "Lee-Ray"})
REMOVE = _send("They cannot come", {"reason": "Cannot come.", "keeps_models": False})
REMOVE_MANY = _send("A team that withdrew", {"registrations": [SOMEBODY], "reason": "The team withdrew."})
END_EVENT = _send("It is over", {"reason": "The season is over.", "keeps_models": True})
RETRY = _send("After a mended setting", {"reason": "The directory's credential was renewed."})
