"""How the group and the permission set are called that lead an event's people into a sponsoring account."""

from events.models import Event, EventAccount

MULTI_USER_POLICY = "arn:aws:iam::aws:policy/AWSDeepRacerDefaultMultiUserAccess"


def name_group(account: EventAccount) -> str:
    """The first account's group bears the event's name; membership of another one leads into another account."""
    event = account.event
    name = event.group_name or f"paddock-{event.organization.slug}-{event.slug}"
    return name if _is_first(event, account) else f"{name}-{account.sponsoring_account.account_id}"


def _is_first(event: Event, account: EventAccount) -> bool:
    first = event.accounts.order_by("id").first()
    return first is not None and first.pk == account.pk
