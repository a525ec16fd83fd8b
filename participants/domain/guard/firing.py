"""What a threshold does when it is reached."""

from events.models import Budget, Firing, SponsoringAccount, Threshold
from paddock.audit.recording import record
from paddock.money import show_dollars
from participants.domain.guard.figures import Figures
from participants.domain.guard.freezing import freeze
from participants.domain.webhooks.telling import tell_threshold
from participants.models import RacerProfile

DEEDS = {
    Threshold.Action.ALERT: "alerted the contacts",
    Threshold.Action.FREEZE: "paused everybody",
    Threshold.Action.STOP: "paused everybody and ended running jobs",
}


def fire(*, threshold: Threshold, figures: Figures, why: str) -> Firing:
    """Belongs into the transaction that locks the threshold, which is told by `fired_at` alone: its caller saves it."""
    budget = threshold.budget
    if threshold.action != Threshold.Action.ALERT:
        _freeze(threshold, why)
        why += _warn_of_strangers(budget.sponsoring_account)
    firing = Firing.objects.create(
        organization_id=budget.organization_id,
        threshold=threshold,
        amount=figures.amount,
        spent=figures.spent,
        exposure=figures.exposure,
        explanation=why,
    )
    threshold.fired_at = firing.fired_at
    tell_threshold(firing)
    _record(budget, threshold, figures, why)
    return firing


def _freeze(threshold: Threshold, why: str) -> None:
    stops_jobs = threshold.action == Threshold.Action.STOP
    title = f"{'Stop' if stops_jobs else 'Freeze'}: {threshold.percent} % of the budget is reached"
    freeze(budget=threshold.budget, title=title, reason=why, stops_jobs=stops_jobs)


def _warn_of_strangers(account: SponsoringAccount | None) -> str:
    """What others train in an account costs just as much, but Paddock does not touch whom it does not know."""
    strangers = RacerProfile.objects.filter(sponsoring_account=account, participant=None).exclude(service_id="")
    number = strangers.count() if account else 0
    if not number:
        return ""
    racers = "1 racer of the account belongs" if number == 1 else f"{number} racers of the account belong"
    return f" {racers} to nobody whom Paddock knows, and can train on: link them, or pause them in the account itself."


def _record(budget: Budget, threshold: Threshold, figures: Figures, why: str) -> None:
    record(
        actor=None,
        action=f"{DEEDS[Threshold.Action(threshold.action)]} at {threshold.percent} % of the budget",
        about=budget,
        event_id=budget.event_id,
        reason=why,
        changes={
            "threshold": ["armed", "fired"],
            "spent of the budget": [show_dollars(figures.spent), show_dollars(figures.amount)],
        },
    )
