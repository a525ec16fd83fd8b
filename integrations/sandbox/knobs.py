"""What tests and benchmarks turn: how slow, how flaky and how strict the sandbox is."""

import math
from dataclasses import asdict, dataclass, fields


class InvalidKnobError(ValueError):
    """A knob that does not exist, or a value it cannot take; the text names the knob."""


@dataclass
class Knobs:
    """Settings of the running sandbox; read and changed through ``/sandbox/knobs``.

    graph_latency_ms, aws_latency_ms, smtp_latency_ms
        Time every call of that provider takes before it does any work. Sign-in calls count as Graph.
    failure_rate
        Share (0 to 1) of Graph, AWS and sign-in calls that are answered 429, 500, 503 or not at all, in equal parts.
        Half of those that get no answer have done their work. Inside a Graph ``$batch``, a Pinpoint message and an SES
        bulk mail every single item is drawn too, and every racer of DeepRacer's AdminManageUser, which does not tell.
    throttles
        Whether the providers' real rate limits apply. Sizes (20 requests a batch, 5 members a push, …) always do.
    sync_interval_seconds
        Time between two cycles of Entra's sync into IAM Identity Center. A change restarts the clock: the next cycle
        begins one new interval after the moment of the change, whatever the last cycle's time.
    sync_paused, sync_quarantined
        Whether somebody switched Entra's provisioning jobs off, or Entra itself quarantined them: no cycle runs, though
        a push on demand still works.
    ses_is_sandboxed
        Whether SES says that its accounts are in its own sandbox, where mail reaches verified addresses alone. It is
        not enforced.
    consistency_lag_seconds
        How long a Graph read shows the state before a write, and a fresh group refuses members.
    token_lifetime_seconds
        Lifetime of the access tokens issued from now on.
    racing_speed
        Racing minutes that pass in a real minute: how fast training jobs run. 0 stops the racing clock.
    racers_train
        Whether racers who have quota left start trainings of 20 to 60 minutes by themselves now and then.
    racing_ignores_changes
        Whether the multi-user service accepts changes to racers and to its mode and does nothing. It never says what
        became of them, so only a look tells.
    """

    graph_latency_ms: float = 0
    aws_latency_ms: float = 0
    smtp_latency_ms: float = 0
    failure_rate: float = 0
    throttles: bool = True
    sync_interval_seconds: float = 2400
    sync_paused: bool = False
    sync_quarantined: bool = False
    ses_is_sandboxed: bool = False
    consistency_lag_seconds: float = 0
    token_lifetime_seconds: float = 3599
    racing_speed: float = 1
    racers_train: bool = False
    racing_ignores_changes: bool = False

    def turn(self, changes: dict[str, object]) -> None:
        """Apply all changes, or raise InvalidKnobError and apply none."""
        checked = {name: _checked(name, value) for name, value in changes.items()}
        for name, value in checked.items():
            setattr(self, name, value)

    def as_dict(self) -> dict[str, float | bool]:
        return asdict(self)


_NAMES = frozenset(field.name for field in fields(Knobs))
_SWITCHES = frozenset(
    {
        *("throttles", "racers_train", "racing_ignores_changes"),
        *("sync_paused", "sync_quarantined", "ses_is_sandboxed"),
    }
)
_POSITIVE = frozenset({"sync_interval_seconds", "token_lifetime_seconds"})


def _checked(name: str, value: object) -> float | bool:
    if name not in _NAMES:
        raise InvalidKnobError(f"There is no knob '{name}'. The knobs are: {', '.join(sorted(_NAMES))}.")
    if name in _SWITCHES:
        if not isinstance(value, bool):
            raise InvalidKnobError(f"'{name}' is either true or false.")
        return value
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise InvalidKnobError(f"'{name}' must be a number.")
    if value < 0 or (name in _POSITIVE and value == 0):
        raise InvalidKnobError(f"'{name}' must be {'greater than' if name in _POSITIVE else 'at least'} zero.")
    if name == "failure_rate" and value > 1:
        raise InvalidKnobError("'failure_rate' is a share between 0 and 1.")
    return value
