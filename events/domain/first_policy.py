"""What a new organization begins with, so that nobody trains without a limit that nobody meant."""

from typing import Any

from events.models import QuotaPolicy

# What AWS gives a sponsored racer who is told nothing else, and as many models as a beginner makes in that time.
MINUTES, MODELS = 300, 10


def begin_with_policy(sender: Any = None, **kwargs: Any) -> None:
    """Inside the organization's scope. One that has a policy of its own keeps it."""
    QuotaPolicy.objects.get_or_create(event=None, group=None, defaults={"minutes": MINUTES, "model_count": MODELS})
