"""Log files of the processes that the launcher starts."""

from pathlib import Path


def read_tail(log: Path, *, lines: int = 15) -> str:
    """Return the last lines of a log file, or an empty string when there is none."""
    if not log.exists():
        return ""
    return "\n".join(log.read_text(errors="replace").splitlines()[-lines:])


def begin_log(log: Path) -> Path:
    """Put the log of the run before aside, as `<name>.previous.log`, and return the same path for a new one."""
    log.parent.mkdir(parents=True, exist_ok=True)
    if log.exists():
        log.replace(log.with_name(f"{log.stem}.previous.log"))
    return log
