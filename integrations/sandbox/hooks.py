"""Receivers of webhooks: what arrived, and how each has been told to answer."""

import uuid
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime

# What a page keeps of each receiver.
ARRIVALS_KEPT = 500


@dataclass(frozen=True)
class Manner:
    """How a receiver answers: after so many seconds, with this status and these headers."""

    title: str
    status: str
    seconds: float = 0
    headers: tuple[tuple[str, str], ...] = ()


MANNERS = {
    "accept": Manner("accepts everything", "200 OK"),
    "error": Manner("answers 500", "500 Internal Server Error"),
    "busy": Manner("answers 429 and asks for 30 seconds", "429 Too Many Requests", headers=(("Retry-After", "30"),)),
    "slow": Manner("accepts after 12 seconds, which is too late", "200 OK", seconds=12),
    "gone": Manner("answers 410: nobody listens any more", "410 Gone"),
}


@dataclass(frozen=True)
class Arrival:
    headers: dict[str, str]
    body: str
    answered: str
    id: str = field(default_factory=lambda: uuid.uuid4().hex)
    at: str = field(default_factory=lambda: datetime.now(UTC).isoformat(timespec="milliseconds"))

    @property
    def webhook_id(self) -> str:
        return self.headers.get("webhook-id", "")


@dataclass
class Receiver:
    """Its arrivals, oldest first. It verifies nothing: it was not given the secret."""

    manner: str = "accept"
    arrivals: list[Arrival] = field(default_factory=list)

    def take(self, headers: dict[str, str], body: str) -> Manner:
        manner = MANNERS[self.manner]
        self.arrivals.append(Arrival(headers, body, manner.status))
        del self.arrivals[:-ARRIVALS_KEPT]
        return manner

    def find(self, arrival_id: str) -> Arrival | None:
        return next((each for each in self.arrivals if each.id == arrival_id), None)

    def as_dict(self) -> dict[str, object]:
        """Newest first."""
        return {"manner": self.manner, "arrivals": [asdict(each) for each in reversed(self.arrivals)]}


@dataclass
class Hooks:
    """By the last part of their address, which is whatever somebody sends to."""

    receivers: dict[str, Receiver] = field(default_factory=dict)

    def get(self, name: str) -> Receiver:
        return self.receivers.setdefault(name, Receiver())
