"""Where somebody stands, and numbers, as a person says them."""

from participants.models import Registration

Status = Registration.Status

HEADLINES = {
    Status.REGISTERED: "You're registered",
    Status.PREPARING: "Preparing your access",
    Status.READY: "You're in",
    Status.FAILED: "We could not let you in yet",
    Status.REMOVING: "Your access is being closed",
    Status.REMOVED: "Your access is closed",
}


def word_duration(seconds: int) -> str:
    """Whole minutes, since a quota is in minutes."""
    hours, minutes = divmod(seconds // 60, 60)
    parts = [f"{hours:,} h" if hours else "", f"{minutes} min" if minutes or not hours else ""]
    return " ".join(part for part in parts if part)
