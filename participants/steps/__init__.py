"""What each kind of step does: one module per kind, from a batch of steps to an outcome for each."""

from importlib import import_module

# In the order of the journey.
KINDS = ["group", "assignment", "identity", "membership", "push", "access", "welcome", "sponsorship", "stop"]


def load() -> None:
    """Register all kinds with the engine."""
    for name in KINDS:
        import_module(f"participants.steps.{name}")
