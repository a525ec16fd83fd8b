"""How much was used and what it costs, on the pages of events and of sponsoring accounts."""

from typing import Any

from django.template.defaultfilters import filesizeformat
from django.urls import reverse
from unfold.components import BaseComponent, register_component

from events.models import Event, SponsoringAccount
from paddock.money import show_dollars
from paddock.tenancy.admin_base import show_time
from participants.domain.usage.figures import Usage, see_account_usage, see_event_usage
from participants.domain.usage.pricing import load_price_lists


@register_component
class UsagePanelComponent(BaseComponent):  # type: ignore[misc]
    """The usage of `subject`, an event or an account."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        subject: Event | SponsoringAccount = kwargs["subject"]
        if isinstance(subject, Event):
            usage, zone = see_event_usage(events=[subject])[subject.pk], subject.zone
            accounts = [each.sponsoring_account for each in subject.accounts.select_related("sponsoring_account")]
            racers = f"?event={subject.pk}"
        else:
            usage, zone = see_account_usage(accounts=[subject])[subject.pk], None
            accounts = [subject]
            racers = f"?account={subject.pk}"
        return {
            "figures": list_figures(usage),
            "as_of": show_time(usage.as_of, zone) if usage.as_of else "",
            "racers_address": reverse("admin:participants_racerprofile_changelist") + racers,
            "notes": [note for account in accounts for note in describe_account(account)],
        }


def list_figures(usage: Usage) -> list[dict[str, str]]:
    return [
        {"label": "Training", "value": word_hours(usage.training_seconds)},
        {"label": "Spent", "value": show_dollars(usage.spent)},
        {"label": "Running and queued, at worst", "value": show_dollars(usage.exposure)},
        {"label": "Stored now", "value": filesizeformat(usage.storage_bytes)},
        {"label": "Racers who trained", "value": f"{usage.racers:,}"},
        {"label": "Training now", "value": f"{usage.training_now:,}"},
    ]


def word_hours(seconds: int) -> str:
    return f"{seconds / 3600:,.1f} h"


def describe_account(account: SponsoringAccount) -> list[str]:
    """What keeps the figures from being the whole truth."""
    notes = []
    if account.sync_error:
        notes.append(f"{account.name} could not be read the last time. {account.sync_error}")
    if account.mode_is_on is False:
        notes.append(
            f"Multi-user mode is off in {account.name}: nobody can train, but the models that are kept there cost on."
        )
    prices = load_price_lists([account])[account.pk]
    if not prices.prices and not prices.default.training_hour:
        notes.append(
            f"{account.name} has no prices, so that everything counts as $0.00. Enter what its AWS bill says an hour "
            "of training and a gigabyte's month cost."
        )
    return notes
