"""What the documentation shows; the tests send it."""

from typing import Any

from drf_spectacular.utils import OpenApiExample

ANN = {"email": "ann@example.com", "given_name": "Ann", "family_name": "Lee", "racer_alias": "fast-ann"}
BOB = {"email": "bob@example.com", "given_name": "Bob", "family_name": "Ray"}
# The demonstration of the documentation; tests put one of their own in its place.
SOMEBODY = "6b2f1c1e-5f43-4c0e-9d8a-2f7f6f2f1a10"
EVERYBODY = {"everybody": True}


def _send(title: str, value: Any) -> list[OpenApiExample]:
    return [OpenApiExample(title, value=value, request_only=True)]


REGISTER = _send("One person", ANN)
REGISTER_MANY = _send("Two people", {"registrations": [ANN, BOB]})
RENAME = _send("A new family name", {"family_name": "Lee-Ray"})
REMOVE = _send("A team that withdrew", {"registrations": [SOMEBODY], "reason": "The team withdrew."})
END_EVENT = _send("It is over", {"reason": "The season is over.", "keeps_models": True})
RETRY = _send("Everybody", EVERYBODY | {"reason": "The directory's credential was renewed."})
CHANGE_QUOTA = _send(
    "Two more hours for everybody", EVERYBODY | {"minutes": {"add": 120}, "reason": "The finals are longer."}
)
FOLLOW_POLICY = _send("Everybody alike again", EVERYBODY | {"reason": "The finals are over."})
PAUSE = _send("One person", {"registrations": [SOMEBODY], "reason": "They asked for it."})
STOP = _send("Everybody, at once", EVERYBODY | {"and_pause": True, "reason": "The budget is used up."})
PUT_IN_GROUP = _send("Into one group", EVERYBODY | {"group": "Juniors", "reason": "They train less."})
SEND_PASSWORDS = _send("Everybody", EVERYBODY | {"reason": "The first mail got lost."})
ADD_RACE = _send(
    "A race that was made elsewhere",
    {"name": "Final", "url": "https://racing.example.com/final", "opens_at": "2027-05-01T08:00:00Z"},
)
CHANGE_RACE = _send("Another name", {"name": "Grand final"})
CLOSE_RACE = _send("Before its time", {"reason": "The track is closed."})
RENEW_INVITATION = _send("It leaked", {"reason": "It was posted in public."})
MAIL = _send(
    "To everybody",
    EVERYBODY
    | {
        "subject": "News about {{event}}",
        "body": "Hello {{given_name}},\n\nthe final is on Friday.",
        "reason": "The date was moved.",
    },
)
START_PREFLIGHT = _send("Now", {})
