"""The mail about a firing: what happened, with its figures, what was done, and how to go on."""

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse

from events.models import Budget, Event, Firing, Threshold
from integrations.mail.protocol import Template
from paddock.money import show_dollars
from participants.domain.guard.subjects import subject_of

HEADLINES = {
    Threshold.Action.ALERT: "{percent} % of the budget of {name} is reached",
    Threshold.Action.FREEZE: "{name} is frozen: {percent} % of its budget is reached",
    Threshold.Action.STOP: "{name} is stopped: {percent} % of its budget is reached",
}
DEEDS = {
    Threshold.Action.ALERT: "Nothing was held back: racing goes on.",
    Threshold.Action.FREEZE: (
        "Paddock is pausing everybody, so that no new training starts. What runs already goes on to its end, "
        "and costs as much as the figures above say at worst."
    ),
    Threshold.Action.STOP: "Paddock is pausing everybody and ending the jobs that run.",
}
WAYS_ON = {
    Threshold.Action.ALERT: "If more money may be spent, open its page and choose “Change the amount…”.",
    Threshold.Action.FREEZE: (
        "To let everybody go on, open its page and choose “Raise and unfreeze…”: one step raises the budget, arms its "
        "thresholds again and lets everybody train, except for those whom somebody has paused by hand."
    ),
}
WAYS_ON[Threshold.Action.STOP] = WAYS_ON[Threshold.Action.FREEZE]


def word_mail(firing: Firing) -> Template:
    """Without marks: everybody reads the same."""
    threshold, budget = firing.threshold, firing.threshold.budget
    action, name = Threshold.Action(threshold.action), str(subject_of(budget))
    headline = HEADLINES[action].format(percent=threshold.percent, name=name)
    context = {
        "event": {"title": name, "organization": budget.organization},  # what the head of every mail names
        "headline": headline,
        "figures": [
            ("Spent", show_dollars(firing.spent)),
            ("Running and queued jobs, at worst", show_dollars(firing.exposure)),
            ("Budget", show_dollars(firing.amount)),
        ],
        "firing": firing,
        "deed": DEEDS[action],
        "way_on": WAYS_ON[action],
        "page": settings.SITE_URL + find_page(budget),
    }
    return Template(
        subject=_disarm(headline),
        text=_disarm(render_to_string("mail/firing.txt", context)),
        html=_disarm(render_to_string("mail/firing.html", context)),
    )


def find_page(budget: Budget) -> str:
    """Where somebody can do something about it, without scheme and host."""
    subject = subject_of(budget)
    kind = "event" if isinstance(subject, Event) else "sponsoringaccount"
    return reverse(f"admin:events_{kind}_change", args=[subject.pk])


def _disarm(text: str) -> str:
    """A name that looks like a mark must not be filled in as one."""
    return text.replace("{{", "{ {")
