"""Whether a threshold fires, and why."""

from dataclasses import dataclass

from events.models import Threshold
from paddock.money import show_dollars
from participants.domain.guard.figures import Figures


@dataclass(frozen=True)
class Verdict:
    """The finding is for people and holds the figures."""

    fires: bool
    finding: str


def judge(threshold: Threshold, figures: Figures) -> Verdict:
    is_reached = figures.reaches(threshold.percent)
    finding = f"{say_figures(figures)} {_say_mark(threshold, figures, is_reached=is_reached)}"
    if threshold.fired_at:
        fired = f"Fired on {threshold.fired_at:%Y-%m-%d at %H:%M} UTC and stays quiet until it is armed again."
        return Verdict(fires=False, finding=f"{fired} {finding}")
    return Verdict(is_reached, finding)


def say_figures(figures: Figures) -> str:
    spent, exposure = show_dollars(figures.spent), show_dollars(figures.exposure)
    if figures.counts_exposure:
        together = show_dollars(figures.counted)
        return (
            f"Spent {spent}, and running and queued jobs cost {exposure} at worst: together {together}. "
            "They count, because this service counts a job only when it ends."
        )
    return f"Spent {spent}; running and queued jobs cost {exposure} more at worst."


def _say_mark(threshold: Threshold, figures: Figures, *, is_reached: bool) -> str:
    mark = show_dollars(figures.find_mark(threshold.percent))
    verdict = "is reached" if is_reached else "is not reached"
    return f"The mark of {mark}, {threshold.percent} % of {show_dollars(figures.amount)}, {verdict}."
