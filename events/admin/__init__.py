"""The admin of what organizers own. Django finds it here."""

from events.admin import connections, members

__all__ = ["connections", "members"]
