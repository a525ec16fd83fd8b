"""Spreading an event's people over its sponsoring accounts."""

from collections.abc import Mapping, Sequence

from django.core.exceptions import ImproperlyConfigured

from events.models import Event, EventAccount, SponsoringAccount


def find_accounts(*, event: Event) -> list[EventAccount]:
    accounts = list(event.accounts.select_related("sponsoring_account").order_by("id"))
    if not accounts:
        raise ImproperlyConfigured(f"“{event}” has no sponsoring account. Add one on the event's page.")
    return accounts


def choose_account(*, accounts: Sequence[EventAccount], taken: Mapping[int, int]) -> EventAccount:
    """The one that is emptiest for its share. `taken` counts people by the event account's id."""
    return min(accounts, key=lambda account: (taken.get(account.pk, 0) + 1) / account.share)


def has_own_sign_ins(event: Event) -> bool:
    """Whether people of the event sign in at an account's own site, or some of them do."""
    return event.accounts.exclude(sponsoring_account__kind=SponsoringAccount.Kind.MULTI_USER).exists()
