"""What each kind of step does: one module per kind, from a batch of steps to an outcome for each."""

from importlib import import_module

# In the order of the journey.
KINDS = ["group", "assignment", "identity", "membership", "push", "profile", "access", "welcome"]
KINDS += ["sponsorship", "stop", "models"]
KINDS += ["remove_quota", "remove_sponsorship", "remove_jobs", "remove_waiting", "remove_models"]
KINDS += ["remove_assignment", "remove_membership", "remove_profile", "remove_mode"]
KINDS += ["races", "announcement", "invitations"]


def load() -> None:
    """Register all kinds with the engine."""
    for name in KINDS:
        import_module(f"participants.steps.{name}")
