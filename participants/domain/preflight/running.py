"""Carrying out a preflight, line by line. Everything is only read, so any number of runs may be under way."""

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import connection, transaction
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from events.domain.lookup import load_event
from events.models import Event
from integrations.errors import IntegrationError
from paddock.audit.recording import record
from participants.convergence import doorbell
from participants.domain.preflight import access, accounts, directory, event, intake, mail, money
from participants.domain.preflight.checks import Check, Finding, Light, amber, find_worst, red
from participants.models import PreflightRun

logger = logging.getLogger(__name__)

SUBJECTS = (event, intake, accounts, directory, access, mail, money)
# Longer than any one check can take: whoever has written nothing for so long is dead.
SILENCE = timedelta(minutes=3)


def list_checks(of: Event) -> list[Check]:
    """In the order of the page. Nothing is asked of a provider yet."""
    return [check for subject in SUBJECTS for check in subject.list_checks(of)]


def start_preflight(*, of: Event, actor: AbstractBaseUser | None, reason: str = "") -> PreflightRun:
    """A run with its lines, all waiting, and a worker woken for it once the transaction is committed."""
    loaded = load_event(of.pk)
    with transaction.atomic():
        run = PreflightRun.objects.create(
            organization_id=loaded.organization_id,
            event=loaded,
            started_by_id=actor.pk if actor else None,
            lines=[_write(check, Finding(Light.WAITING, "")) for check in list_checks(loaded)],
        )
        record(actor=actor, action="started a preflight", about=loaded, event_id=loaded.pk, reason=reason)
        doorbell.wake(
            "run_preflight", expires=SILENCE.total_seconds(), organization_id=loaded.organization.pk, run_id=run.pk
        )
    return run


def carry_out(*, run_id: int) -> None:
    """Look at everything, and write each line down as it comes. A finished run stays as it is."""
    if connection.in_atomic_block:
        raise RuntimeError("A preflight calls providers, and so must not run inside a transaction.")
    run = PreflightRun.objects.filter(pk=run_id, finished_at=None).first()
    if run is None:
        return
    checks = list_checks(load_event(run.event_id))
    lines = [_write(check, Finding(Light.WAITING, "")) for check in checks]
    for index, check in enumerate(checks):
        lines[index] = _write(check, _look(check, lines[:index]), seen_at=timezone.now())
        PreflightRun.objects.filter(pk=run_id).update(lines=lines)
    PreflightRun.objects.filter(pk=run_id).update(lines=lines, finished_at=timezone.now())


def _look(check: Check, earlier: Iterable[dict[str, str]]) -> Finding:
    """Whatever goes wrong in one check is its own finding."""
    needed = [line for line in earlier if line["name"] in check.needs]
    if cause := next((line for line in needed if line["light"] in (Light.RED, Light.SKIPPED)), None):
        return Finding(Light.SKIPPED, f"Cannot be looked at before “{cause['title']}” is mended.")
    try:
        return check.look()
    except IntegrationError as error:
        return red(_explain(error))
    except Exception:
        logger.exception("The preflight's check %s broke", check.name)
        return amber("Paddock ran into an error of its own here; its log has the details. The other lines hold.")


def _explain(error: IntegrationError) -> str:
    """A preflight tries nothing again by itself."""
    return (
        str(error).replace("Paddock tries again", "Run the preflight again").replace("It tries again", "Run it again")
    )


def _write(check: Check, finding: Finding, *, seen_at: datetime | None = None) -> dict[str, str]:
    return {
        "name": check.name,
        "group": check.group,
        "title": check.title,
        "light": finding.light.value,
        "advice": finding.advice,
        "seen_at": seen_at.isoformat() if seen_at else "",
    }


@dataclass(frozen=True)
class Standing:
    """How a run stands. `is_broken_off`: its worker has died."""

    worst: Light
    looked_at: int
    total: int
    is_over: bool
    is_broken_off: bool


def see_standing(run: PreflightRun) -> Standing:
    lights = [line["light"] for line in run.lines]
    moments = [moment for line in run.lines if (moment := parse_datetime(line["seen_at"]))]
    last_sign = max([run.started_at, *moments])
    is_over = run.finished_at is not None
    return Standing(
        worst=find_worst(lights),
        looked_at=sum(light != Light.WAITING for light in lights),
        total=len(lights),
        is_over=is_over,
        is_broken_off=not is_over and timezone.now() - last_sign > SILENCE,
    )
