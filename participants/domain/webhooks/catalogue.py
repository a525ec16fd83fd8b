"""Every type of event that a webhook may tell of: when it is told, and what stands in `data`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

# Of the envelope and of what is in `data`: fields may join, and none changes its meaning, before this number does.
VERSION = 1

REGISTRATION = "5f0c1c86-2a0d-4f0e-9a53-7b1f8f0f6c11"


@dataclass(frozen=True)
class Field:
    """`kind` is a type of JSON, with its format where it has one."""

    kind: str
    about: str
    example: Any
    is_nullable: bool = False


@dataclass(frozen=True)
class EventType:
    name: str
    when: str
    fields: Mapping[str, Field] = field(default_factory=dict)

    @property
    def example(self) -> dict[str, Any]:
        data = {name: each.example for name, each in self.fields.items()}
        return {"type": self.name, "version": VERSION, "timestamp": "2027-03-01T09:30:00.125Z", "data": data}

    @property
    def schema(self) -> dict[str, Any]:
        """Of `data`, as JSON Schema."""
        return {
            "type": "object",
            "properties": {name: _describe(each) for name, each in self.fields.items()},
            "required": list(self.fields),
            "additionalProperties": False,
        }


def _describe(each: Field) -> dict[str, Any]:
    kind, _, shape = each.kind.partition(" ")
    described: dict[str, Any] = {"type": [kind, "null"] if each.is_nullable else kind, "description": each.about}
    return described | ({"format": shape} if shape else {})


ORGANIZATION = {"organization": Field("string", "The slug in the organization's addresses.", "contoso")}
EVENT = ORGANIZATION | {"event": Field("string", "The slug in the event's address.", "summer-cup")}
PERSON = EVENT | {"registration": Field("string uuid", "The registration's reference.", REGISTRATION)}
CAUSE = {"by": Field("string", "Who did it: organizer or budget.", "organizer")}


def _limit(about: str, example: int | None) -> Field:
    return Field("integer", f"{about}; null is no limit.", example, is_nullable=True)


def _money(about: str, example: int) -> Field:
    return Field("integer", f"{about}, in millionths of a US dollar.", example)


CATALOGUE: Sequence[EventType] = (
    EventType(
        "registration.created",
        "Somebody has registered, or was let in again after they had been removed.",
        PERSON | {"is_return": Field("boolean", "Whether they had been removed before.", example=False)},
    ),
    EventType(
        "registration.removed",
        "Somebody is to go: from now on everything is taken back from them.",
        PERSON | {"keeps_models": Field("boolean", "Whether their models stay.", example=False)},
    ),
    EventType(
        "access.verified", "The racing service was seen to let somebody in; the mail with the way in follows.", PERSON
    ),
    EventType(
        "registration.failed",
        "A step on the way in has failed, and waits for a person. The API and the admin say why.",
        PERSON | {"step": Field("string", "The kind of step that failed.", "identity")},
    ),
    EventType(
        "quota.changed",
        "Somebody may train or keep more or less than before.",
        PERSON
        | {
            "minutes_before": _limit("Training minutes until now", 480),
            "minutes": _limit("Training minutes from now on", 600),
            "models_before": _limit("Models until now", 5),
            "models": _limit("Models from now on", 5),
        },
    ),
    EventType(
        "sponsorship.paused", "Somebody may not train any more, by an organizer or by the budget guard.", PERSON | CAUSE
    ),
    EventType("sponsorship.resumed", "Somebody may train again who was paused.", PERSON | CAUSE),
    EventType(
        "budget.threshold",
        "Spending has reached a threshold of a budget; told once, until it is armed again.",
        ORGANIZATION
        | {
            "event": Field(
                "string", "The event's slug, where the budget is an event's.", "summer-cup", is_nullable=True
            ),
            "account": Field("string", "The AWS account's number, where it is an account's.", None, is_nullable=True),
            "percent": Field("integer", "The threshold.", 80),
            "action": Field("string", "What Paddock did: alert, freeze or stop.", "alert"),
            "amount": _money("The budget", 500_000_000),
            "spent": _money("What is spent", 401_250_000),
            "exposure": _money("What running and queued jobs may cost at worst", 12_600_000),
        },
    ),
    EventType(
        "offboarding.completed",
        "Everything that could be taken back after the end of an event has been, and was read back.",
        EVENT
        | {
            "people": Field("integer", "How many were to go.", 240),
            "quarantined": Field("integer", "From how many something would not go and waits for a person.", 0),
        },
    ),
)
# Only sent by the button, to one endpoint.
TEST = EventType(
    "webhook.test",
    "Somebody pressed the test button. It comes whatever types were chosen.",
    ORGANIZATION | {"sent_by": Field("string", "Who pressed it.", "owner@contoso.example")},
)
TYPES = {each.name: each for each in (*CATALOGUE, TEST)}
