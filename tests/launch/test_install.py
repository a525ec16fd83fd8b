"""What `make` says before anything is installed."""

import subprocess
import sys
from pathlib import Path

from tests.launch.launcher import ROOT

INSTALL = [sys.executable, "-I", "platform/paddock/launch/install.py"]


def run(*command: str | Path, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, cwd=ROOT, env=variables, capture_output=True, text=True, timeout=60)


def test_second_installation_of_a_lock_does_nothing(tmp_path: Path) -> None:
    lock = tmp_path / "empty.txt"
    lock.write_text("")
    first = run(*INSTALL, tmp_path / "venv", lock)
    assert first.returncode == 0, first.stderr
    assert "Installing" in first.stdout
    second = run(*INSTALL, tmp_path / "venv", lock)
    assert (second.returncode, second.stdout, second.stderr) == (0, "", "")


def test_broken_environment_is_made_anew_and_a_failed_installation_is_told(tmp_path: Path) -> None:
    (tmp_path / "venv" / "bin").mkdir(parents=True)
    (tmp_path / "venv" / "bin" / "python").symlink_to(tmp_path / "a-python-that-is-gone")
    lock = tmp_path / "wrong.txt"
    lock.write_text("not a requirement\n")
    result = run(*INSTALL, tmp_path / "venv", lock)
    assert result.returncode == 1
    assert "pip could not install the packages" in result.stderr
    assert "Invalid requirement" in result.stderr
    assert run(tmp_path / "venv" / "bin" / "python", "-c", "import pip").returncode == 0


def test_missing_python_is_told_in_a_sentence(tmp_path: Path) -> None:
    for name in ("make", "sh", "echo", "test", "find"):
        found = Path("/usr/bin") / name
        (tmp_path / name).symlink_to(found if found.exists() else Path("/bin") / name)
    result = run("make", "install", PATH=str(tmp_path))
    assert result.returncode == 2
    assert "Paddock needs Python 3.11 or newer; none was found on the path." in result.stderr
