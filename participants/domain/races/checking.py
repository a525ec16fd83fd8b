"""What a race must be like before anybody is asked to make it, and what cannot be done to one."""

from django.core.exceptions import ValidationError

from events.domain.connections import open_racing
from events.models import Event, Race, SponsoringAccount
from participants.domain.races.intent import is_over

LINKED = "Was made elsewhere, so it is looked after there."
NOT_MADE = "Is not made yet."


def check_race(race: Race) -> None:
    """Raises ValidationError, with sentences by field. Whether the service has the track only the service knows."""
    race.full_clean()
    # The address of one that was made is what Paddock wrote down itself.
    url = race.url if race.pk is None else ""
    if errors := find_place_errors(event=race.event, account=race.sponsoring_account, url=url):
        raise ValidationError(errors)


def find_place_errors(*, event: Event, account: SponsoringAccount | None, url: str) -> dict[str, str]:
    """Why a race of the event cannot be made there, by field."""
    if account is None:
        return {}
    if url:
        return {"url": "Paddock knows the address of a race that it makes. Leave this empty."}
    if not account.is_multi_user and not event.accounts.filter(sponsoring_account=account):
        return {"sponsoring_account": f"Nobody of {event} races there, and a deployment lets in nobody else."}
    return {}


def find_obstacle_to_closing(race: Race) -> str:
    """Why it cannot be closed; "" where it can."""
    return _find_common_obstacle(race) or ("Is over already." if is_over(race) else "")


def find_obstacle_to_renewing(race: Race) -> str:
    """Why it cannot have a new invitation; "" where it can."""
    if obstacle := _find_common_obstacle(race):
        return obstacle
    if race.sponsoring_account and not open_racing(race.sponsoring_account).capabilities.has_race_tokens:
        return "Has no invitation: every racer of the deployment sees it."
    return "Is over." if is_over(race) else ""


def _find_common_obstacle(race: Race) -> str:
    if race.sponsoring_account is None:
        return LINKED
    return "" if race.service_id else NOT_MADE
