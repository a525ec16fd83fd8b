"""The admin of what organizers own. Django finds it here."""

from events.admin import connections, identity_providers, members

__all__ = ["connections", "identity_providers", "members"]
