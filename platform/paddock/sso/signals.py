"""What others add to a sign-in. Receivers run inside its transaction and the organization's scope."""

from django.dispatch import Signal

# With `membership` and the `rules` that gave it: events of those that are not for all events are to be chosen.
membership_mapped = Signal()
