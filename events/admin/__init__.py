"""The admin of what organizers own. Django finds it here."""

from events.admin import connections, event

__all__ = ["connections", "event"]
