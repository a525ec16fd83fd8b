"""What the documentation shows; the tests send it."""

from drf_spectacular.utils import OpenApiExample

ANN = {"email": "ann@example.com", "given_name": "Ann", "family_name": "Lee", "racer_alias": "fast-ann"}
BOB = {"email": "bob@example.com", "given_name": "Bob", "family_name": "Ray"}

REGISTER = [OpenApiExample("One person", value=ANN, request_only=True)]
REGISTER_MANY = [OpenApiExample("Two people", value={"registrations": [ANN, BOB]}, request_only=True)]
RENAME = [OpenApiExample("A new family name", value={"family_name": "Lee-Ray"}, request_only=True)]
REMOVE = [
    OpenApiExample("They cannot come", value={"reason": "Cannot come.", "keeps_models": False}, request_only=True)
]
