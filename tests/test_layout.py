"""`platform/` is a plain folder: as a package it would shadow Python's own module and break Django, Celery and uuid."""

import platform
import subprocess
import sys
import sysconfig
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def test_platform_folder_is_not_a_package() -> None:
    assert not (ROOT / "platform" / "__init__.py").exists()
    assert Path(platform.__file__).parent == Path(sysconfig.get_path("stdlib"))


def test_standard_library_wins_in_a_fresh_interpreter() -> None:
    code = "import platform, uuid; print(platform.system(), uuid.uuid4())"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT).returncode == 0


def test_nothing_but_the_project_lies_in_platform() -> None:
    assert [each.name for each in (ROOT / "platform").iterdir() if each.name != "__pycache__"] == ["paddock"]
