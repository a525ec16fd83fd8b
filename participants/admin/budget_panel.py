"""How a budget stands, wherever it is shown: its figures, its thresholds, what fired, and who is frozen."""

from typing import Any

from django.urls import reverse
from unfold.components import BaseComponent, register_component

from events.models import Budget, Event, Firing, SponsoringAccount, Threshold
from paddock.money import show_dollars
from paddock.tenancy.admin_base import may, show_label, show_time
from paddock.tenancy.models import Membership
from participants.domain.guard.figures import Figures, see_figures
from participants.domain.guard.overview import BudgetView, find_budget, find_freezes, see_budget
from participants.domain.guard.subjects import subject_of

STANDING = {"Armed": "success", "Fired": "danger"}
MAIL = {
    Firing.MailState.SENT: "success",
    Firing.MailState.FAILED: "danger",
    Firing.MailState.SENDING: "info",
    Firing.MailState.QUEUED: "warning",
}
# The bar is that many units long, and so are its marks; a mark beyond shortens the rest.
BAR = 100.0


@register_component
class BudgetPanelComponent(BaseComponent):  # type: ignore[misc]
    """The budget of `subject`, an event or an account, or of the page of a `budget` itself."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        subject: Event | SponsoringAccount = kwargs.get("subject") or subject_of(kwargs["budget"])
        budget: Budget | None = kwargs.get("budget") or find_budget(subject=subject)
        role = Membership.Role.ORGANIZER if isinstance(subject, Event) else Membership.Role.OWNER
        return {
            "panel": show_budget(see_budget(budget=budget)) if budget else None,
            "is_own_page": "budget" in kwargs,
            "may_change": may(self.request, role),
            "add_address": _find_add_address(subject),
            "freezes": describe_freezes(subject, budget),
        }


def _find_add_address(subject: Event | SponsoringAccount) -> str:
    name = "event" if isinstance(subject, Event) else "sponsoring_account"
    return f"{reverse('admin:events_budget_add')}?{name}={subject.pk}"


def describe_freezes(subject: Event | SponsoringAccount, budget: Budget | None) -> list[dict[str, Any]]:
    """One line for whatever keeps people from training; `can_unfreeze` where it is this very budget."""
    frozen = find_freezes(events=[subject]).get(subject.pk, []) if isinstance(subject, Event) else [subject]
    return [describe_freeze(each) | {"can_unfreeze": each == subject} for each in frozen if each.frozen_at]


def describe_freeze(frozen: Event | SponsoringAccount) -> dict[str, Any]:
    zone = frozen.zone if isinstance(frozen, Event) else None
    what = "this event" if isinstance(frozen, Event) else f"the account “{frozen.name}”"
    return {
        "sentence": f"Everybody is paused: the budget of {what} is used up.",
        "since": show_time(frozen.frozen_at, zone),
    }


def show_budget(view: BudgetView) -> dict[str, Any]:
    budget, figures = view.budget, view.figures
    zone = budget.event.zone if budget.event else None
    return {
        "address": reverse("admin:events_budget_change", args=[budget.pk]),
        "unfreeze_address": reverse("admin:events_budget_unfreeze", args=[budget.pk]),
        "figures": list_figures(figures),
        "as_of": f"As of {show_time(figures.as_of, zone)}" if figures.as_of else "Not read yet",
        "bar": draw_bar(figures, [threshold.percent for threshold in view.thresholds]),
        "summary": f"{figures.find_share(figures.spent):.0f} % of the budget is spent.",
        "thresholds": [_show_threshold(threshold, figures, zone) for threshold in view.thresholds],
        "firings": [_show_firing(firing, zone) for firing in view.firings],
    }


def describe_figures(budget: Budget) -> list[dict[str, str]]:
    return list_figures(see_figures(budgets=[budget])[budget.pk])


def list_figures(figures: Figures) -> list[dict[str, str]]:
    return [
        {"label": "Budget", "money": show_dollars(figures.amount)},
        {"label": "Spent", "money": show_dollars(figures.spent)},
        {"label": "Running and queued, at worst", "money": show_dollars(figures.exposure)},
    ]


def draw_bar(figures: Figures, percents: list[int]) -> dict[str, Any]:
    """Where spent ends, where exposure ends on top of it, and where the marks stand; as an SVG wants its numbers."""
    spent = figures.find_share(figures.spent)
    together = spent + figures.find_share(figures.exposure)
    longest = max(100.0, *percents, min(together, 200.0))

    def scale(percent: float) -> str:
        return f"{min(percent, longest) / longest * BAR:.2f}"

    return {
        "spent": scale(spent),
        "together": scale(together),
        "marks": [scale(percent) for percent in percents],
    }


def _show_threshold(threshold: Threshold, figures: Figures, zone: Any) -> dict[str, Any]:
    word = "Fired" if threshold.fired_at else "Armed"
    return {
        "percent": threshold.percent,
        "money": show_dollars(figures.find_mark(threshold.percent)),
        "action": threshold.get_action_display(),
        "standing": show_label(word, word, STANDING),
        "finding": threshold.finding or "Paddock looks at it after the next reading of the usage.",
        "looked_at": show_time(threshold.looked_at, zone) if threshold.looked_at else "",
    }


def _show_firing(firing: Firing, zone: Any) -> dict[str, Any]:
    return {
        "when": show_time(firing.fired_at, zone),
        "what": f"{firing.threshold.percent} %, {firing.threshold.get_action_display()}",
        "why": firing.explanation,
        "mail": show_label(firing.mail_state, f"Mail {firing.get_mail_state_display().lower()}", MAIL),
        "told": ", ".join(firing.mail_sent_to),
        "problem": firing.mail_error,
        "rearmed": show_time(firing.rearmed_at, zone) if firing.rearmed_at else "",
    }
