"""What the documentation shows; the tests send it."""

from drf_spectacular.utils import OpenApiExample

CHANGE_EVENT = [
    OpenApiExample("More places", value={"capacity": 250, "summary": "Now in the big hall."}, request_only=True)
]
