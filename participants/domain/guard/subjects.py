"""What a budget is of."""

from events.models import Budget, Event, SponsoringAccount


def subject_of(budget: Budget) -> Event | SponsoringAccount:
    subject = budget.event or budget.sponsoring_account
    if subject is None:
        raise ValueError("A budget belongs to an event or to a sponsoring account; the database refuses others.")
    return subject
