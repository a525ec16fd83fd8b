"""What needs a person, in words and with the page where it is mended."""

from collections.abc import Callable
from typing import Any

from django.urls import reverse

from events.models import Event
from paddock.tenancy.admin_base import show_time
from participants.admin.steps import describe_step
from participants.domain.dashboard.attention import Concern, Kind
from participants.models import Step

DANGER, WARNING = "danger", "warning"
LABELS: dict[Kind, tuple[str, str]] = {
    Kind.FROZEN: ("Frozen", DANGER),
    Kind.QUARANTINED: ("Quarantined", DANGER),
    Kind.FAILED_STEPS: ("Failed", DANGER),
    Kind.MODE_OFF: ("Mode off", DANGER),
    Kind.SYNC_ERROR: ("No usage", DANGER),
    Kind.SYNC_STALE: ("Old usage", WARNING),
    Kind.BUDGET: ("Over budget", DANGER),
    Kind.THRESHOLD_NEAR: ("Near", WARNING),
    Kind.ALERT_NOT_SENT: ("Alert lost", DANGER),
    Kind.RACE: ("Race", WARNING),
    Kind.PREFLIGHT: ("Preflight", WARNING),
    Kind.UNLINKED: ("Unlinked", WARNING),
}


def show_concern(concern: Concern, event: Event) -> dict[str, Any]:
    label, variant = LABELS[concern.kind]
    numbered = concern.kind in (Kind.FAILED_STEPS, Kind.UNLINKED, Kind.QUARANTINED)
    return {
        "label": f"{concern.number} {label.lower()}" if numbered else label,
        "variant": variant,
        "title": TITLES[concern.kind](concern),
        "why": concern.why,
        "since": show_time(concern.since, event.zone) if concern.since else "",
        "href": find_page(concern, event),
    }


def _name_account(sentence: str) -> Callable[[Concern], str]:
    return lambda concern: sentence.format(getattr(concern.about, "name", concern.about))


def _title_failure(concern: Concern) -> str:
    return describe_step(concern.about) if isinstance(concern.about, Step) else str(concern.about)


TITLES: dict[Kind, Callable[[Concern], str]] = {
    Kind.FROZEN: _name_account("The budget guard froze “{}”: nobody may train"),
    Kind.QUARANTINED: lambda concern: "Could not be taken back",
    Kind.FAILED_STEPS: _title_failure,
    Kind.MODE_OFF: _name_account("Multi-user mode of “{}” is off: nobody gets in"),
    Kind.SYNC_ERROR: _name_account("The usage of “{}” cannot be read"),
    Kind.SYNC_STALE: _name_account("The usage of “{}” has not been read for a while"),
    Kind.BUDGET: lambda concern: f"{concern.about} is used up",
    Kind.THRESHOLD_NEAR: lambda concern: f"{concern.about}: {concern.number} % is near",
    Kind.ALERT_NOT_SENT: lambda concern: (
        f"Nobody could be told about the {str(concern.about)[0].lower()}{str(concern.about)[1:]}"
    ),
    Kind.RACE: _name_account("Race “{}”"),
    Kind.PREFLIGHT: lambda concern: f"{concern.number} red in the last preflight",
    Kind.UNLINKED: _name_account("Racers of “{}” of whom nobody knows whose they are"),
}


def find_page(concern: Concern, event: Event) -> str:
    """Where it is mended; the row's own page unless there is a better one."""
    match concern.kind:
        case Kind.QUARANTINED:
            return reverse("admin:events_event_offboarding", args=[event.pk], query={"outcome": "quarantined"})
        case Kind.FAILED_STEPS if isinstance(concern.about, Step):
            query = {"state__exact": Step.State.FAILED.value, "kind": concern.about.kind, "event": event.pk}
            return reverse("admin:participants_step_changelist", query=query)
        case Kind.UNLINKED:
            query = {"link": "unlinked", "account": concern.about.pk}
            return reverse("admin:participants_racerprofile_changelist", query=query)
        case Kind.PREFLIGHT:
            return reverse("admin:events_event_preflight", args=[event.pk])
    meta = concern.about._meta
    return reverse(f"admin:{meta.app_label}_{meta.model_name}_change", args=[concern.about.pk])
