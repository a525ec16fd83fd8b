"""What others add to a new tenant. Receivers run inside its transaction and the organization's scope."""

from django.dispatch import Signal

# With `organization`.
organization_opened = Signal()
