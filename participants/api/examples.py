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


EVERYBODY = {"everybody": True}


def _ask(title: str, **body: object) -> list[OpenApiExample]:
    return [OpenApiExample(title, value=EVERYBODY | body, request_only=True)]


CHANGE_QUOTA = _ask("Two more hours for everybody", minutes={"add": 120}, reason="The finals are longer.")
FOLLOW_POLICY = _ask("Everybody alike again", reason="The finals are over.")
PAUSE = _ask("Everybody", reason="Lunch.")
STOP = _ask("Everybody, at once", and_pause=True, reason="The budget is used up.")
PUT_IN_GROUP = _ask("Into one group", group="Juniors", reason="They train less.")
SEND_PASSWORDS = _ask("Everybody", reason="The first mail got lost.")
RETRY = _ask("Everybody", reason="The directory was mended.")
ADD_RACE = [
    OpenApiExample(
        "A race that was made elsewhere",
        value={"name": "Final", "url": "https://racing.example.com/final", "opens_at": "2027-05-01T08:00:00Z"},
        request_only=True,
    )
]
CHANGE_RACE = [OpenApiExample("Another name", value={"name": "Grand final"}, request_only=True)]
CLOSE_RACE = [OpenApiExample("Before its time", value={"reason": "The track is closed."}, request_only=True)]
RENEW_INVITATION = [OpenApiExample("It leaked", value={"reason": "It was posted in public."}, request_only=True)]
MAIL = [
    OpenApiExample(
        "To everybody",
        value={
            "everybody": True,
            "subject": "News about {{event}}",
            "body": "Hello {{given_name}},\n\nthe final is on Friday.",
            "reason": "The date was moved.",
        },
        request_only=True,
    )
]
START_PREFLIGHT = [OpenApiExample("Now", value={}, request_only=True)]
