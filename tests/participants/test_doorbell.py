"""Who rings names the task that is to answer: a name that no task has would wake nobody, and tell nobody."""

import inspect
import re
from pathlib import Path

import pytest

from participants import tasks

CODE = Path(tasks.__file__).parent
RINGS = {
    (path.relative_to(CODE).as_posix(), name)
    for path in CODE.rglob("*.py")
    for name in re.findall(r"(?:doorbell\.wake\(|Bell\([^)]*\),)\s*\"(\w+)\"", path.read_text())
}


def test_rings_are_found() -> None:
    assert {name for _, name in RINGS} >= {"converge", "sync_account", "read_results", "run_preflight", "settle_mode"}


@pytest.mark.parametrize(("module", "name"), sorted(RINGS))
def test_somebody_answers(module: str, name: str) -> None:
    task = getattr(tasks, name)
    assert task.name == f"participants.tasks.{name}", module
    assert "organization_id" in inspect.signature(task.run).parameters
