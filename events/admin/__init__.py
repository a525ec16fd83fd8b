"""The admin of what organizers own. Django finds it here."""

from events.admin import api_keys, connections, identity_providers, members

__all__ = ["api_keys", "connections", "identity_providers", "members"]
