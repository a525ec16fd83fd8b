"""What people decide about budgets. A threshold is armed again in these ways alone."""

from collections.abc import Iterable, Sequence

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import transaction
from django.utils import timezone

from events.models import Budget, Firing, Threshold
from paddock.audit.recording import record
from paddock.money import MICROS, show_dollars
from participants.domain.guard.figures import see_figures
from participants.domain.guard.freezing import thaw
from participants.domain.guard.looking import lock
from participants.domain.guard.subjects import subject_of
from participants.models import Operation

# Offered for a new budget: percent and action.
DEFAULT_THRESHOLDS = [
    (50, Threshold.Action.ALERT),
    (80, Threshold.Action.ALERT),
    (100, Threshold.Action.FREEZE),
]
CENT = MICROS // 100


class AmountTooSmall(ValueError):
    """The message is a sentence for whoever typed the amount; `least` is in micro-dollars."""

    def __init__(self, message: str, least: int) -> None:
        super().__init__(message)
        self.least = least


def change_amount(*, budget: Budget, amount: int, actor: AbstractBaseUser | None, reason: str) -> list[Threshold]:
    """A raised amount arms those thresholds again whose mark is now above what counts as spent. Returns them."""
    with transaction.atomic():
        thresholds, before = _lock_thresholds(budget), budget.amount
        budget.amount = amount
        budget.save(update_fields=["amount"])
        figures = see_figures(budgets=[budget])[budget.pk]
        armed = _arm([each for each in thresholds if not figures.reaches(each.percent)]) if amount > before else []
        _record(budget, "changed the budget", actor, reason, before=before, armed=armed)
    return armed


def rearm(*, threshold: Threshold, actor: AbstractBaseUser, reason: str) -> bool:
    """Whether it had fired. Where its mark is reached still, it fires again at the next look."""
    with transaction.atomic():
        locked = [each for each in _lock_thresholds(threshold.budget) if each.pk == threshold.pk]
        armed = _arm(locked)
        if armed:
            _record(threshold.budget, "armed a threshold", actor, reason, before=None, armed=armed)
    return bool(armed)


def unfreeze(*, budget: Budget, new_amount: int, actor: AbstractBaseUser, reason: str) -> list[Operation]:
    """Raise the limit, arm what is ahead again and let everybody go on, but for those whom a person has paused.

    Raises AmountTooSmall where the new amount is no raise, or would leave the budget without anything that holds it.
    """
    with transaction.atomic():
        _lock_thresholds(budget)
        least = find_least_amount(budget=budget)
        if new_amount < least:
            raise AmountTooSmall(
                f"Enter {show_dollars(least)} or more: with less, the mark at which everybody is paused would be "
                "behind what is spent already.",
                least,
            )
        change_amount(budget=budget, amount=new_amount, actor=actor, reason=reason)
        operations = thaw(budget=budget, title="Unfreeze with a higher budget", reason=reason, actor=actor)
        record(
            actor=actor,
            action="unfroze it with a higher budget",
            about=subject_of(budget),
            event_id=budget.event_id,
            reason=reason,
            changes={"sponsorship": ["frozen", "as before"]},
        )
    return operations


def find_least_amount(*, budget: Budget) -> int:
    """What a raise must reach, in whole cents: more than now, and every freezing mark above what counts as spent."""
    figures = see_figures(budgets=[budget])[budget.pk]
    freezing = budget.thresholds.exclude(action=Threshold.Action.ALERT).values_list("percent", flat=True)
    limits = [figures.amount, *(figures.counted * 100 // percent for percent in freezing)]
    return (max(limits) // CENT + 1) * CENT


def _lock_thresholds(budget: Budget) -> list[Threshold]:
    """The budget's row first: one without thresholds is changed by one person at a time, too. It is read anew."""
    budget.refresh_from_db(fields=["amount"], from_queryset=Budget.objects.select_for_update(no_key=True))
    return list(lock(Threshold.objects.filter(budget=budget).select_related("budget").order_by("percent", "id")))


def _arm(thresholds: Iterable[Threshold]) -> list[Threshold]:
    fired = [each for each in thresholds if each.fired_at]
    Threshold.objects.filter(pk__in=[each.pk for each in fired]).update(
        fired_at=None, looked_at=None, finding="Armed again; Paddock looks at it after the next reading of the usage."
    )
    Firing.objects.filter(threshold__in=fired, rearmed_at=None).update(rearmed_at=timezone.now())
    return fired


def _record(
    budget: Budget,
    action: str,
    actor: AbstractBaseUser | None,
    reason: str,
    *,
    before: int | None,
    armed: Sequence[Threshold],
) -> None:
    amounts = {} if before is None else {"amount": [show_dollars(before), show_dollars(budget.amount)]}
    marks = {f"{each.percent} %, {each.get_action_display()}": ["fired", "armed"] for each in armed}
    record(
        actor=actor,
        action=action,
        about=budget,
        event_id=budget.event_id,
        reason=reason,
        changes={**amounts, **marks},
    )
