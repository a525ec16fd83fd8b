"""How Entra's provisioning job says it is."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.utils.dateparse import parse_datetime, parse_duration


@dataclass(frozen=True)
class JobHealth:
    """`quarantine` is Entra's reason, empty where the job is in none; `error` is what its last run ended with."""

    is_paused: bool
    quarantine: str
    ended_at: datetime | None
    interval: timedelta | None
    error: str

    @property
    def is_running(self) -> bool:
        return not (self.is_paused or self.quarantine)


def is_running(job: Mapping[str, Any]) -> bool:
    return read_health(job).is_running


def read_health(job: Mapping[str, Any]) -> JobHealth:
    """From a synchronizationJob of Graph."""
    schedule, status = job.get("schedule") or {}, job.get("status") or {}
    execution = status.get("lastExecution") or {}
    interval = str(schedule.get("interval") or "")
    return JobHealth(
        is_paused=schedule.get("state") in {"Disabled", "Paused"},
        quarantine=_read_quarantine(status) if status.get("code") == "Quarantine" else "",
        ended_at=parse_datetime(str(execution.get("timeEnded", ""))),
        interval=parse_duration(interval) if interval else None,
        error=_read_message(execution.get("error")) if execution.get("state") == "Failed" else "",
    )


def _read_quarantine(status: Mapping[str, Any]) -> str:
    quarantine = status.get("quarantine") or {}
    return _read_message(quarantine.get("error")) or str(quarantine.get("reason") or "") or "no reason given"


def _read_message(error: Any) -> str:
    found = error if isinstance(error, Mapping) else {}
    return str(found.get("message") or found.get("code") or "")
