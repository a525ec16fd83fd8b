"""Makes the virtual environment and installs a lock into it: `python -I install.py VENV LOCK`.

Run by whatever Python is there, before anything is installed: the standard library alone, and no import of `paddock`.
"""

import fcntl
import hashlib
import re
import subprocess
import sys
import time
import venv
from pathlib import Path

ENSUREPIP_ADVICE = (
    "This Python cannot make virtual environments: it lacks `venv` or `ensurepip`. "
    "On Debian and Ubuntu: apt-get install python3-venv"
)


def main() -> int:
    """Install unless the same lock is installed already. Returns the exit code."""
    environment, lock = Path(sys.argv[1]), Path(sys.argv[2])
    # Two targets of `make` at once: the second waits for the first and finds its work done.
    with lock.open() as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        return _install(environment, lock)


def _install(environment: Path, lock: Path) -> int:
    stamp = environment / f".installed-{hashlib.sha256(lock.read_bytes()).hexdigest()[:16]}"
    if not _works(environment):
        _make_environment(environment)
    elif stamp.exists():
        return 0
    for stale in environment.glob(".installed-*"):
        stale.unlink()
    if not _run_pip(environment, lock):
        return 1
    stamp.touch()
    return 0


def _works(environment: Path) -> bool:
    """Whether its Python still runs and has pip: the Python that it was made from may be gone."""
    try:
        result = subprocess.run([environment / "bin" / "python", "-c", "import pip"], capture_output=True, check=False)
    except OSError:
        return False
    return result.returncode == 0


def _make_environment(environment: Path) -> None:
    try:
        import ensurepip  # noqa: F401
    except ImportError:
        raise SystemExit(ENSUREPIP_ADVICE) from None
    try:
        venv.EnvBuilder(clear=True, symlinks=True, with_pip=True).create(environment)
    except subprocess.CalledProcessError:
        raise SystemExit(ENSUREPIP_ADVICE) from None


def _run_pip(environment: Path, lock: Path) -> bool:
    """Install the lock, counting packages on the way; pip's own words are shown only when it fails."""
    total = len(re.findall(r"^[\w.-]+(\[.*\])?==", lock.read_text(), re.MULTILINE))
    command: list[str | Path] = [
        *(environment / "bin" / "python", "-m", "pip", "install", "--require-hashes", "--requirement", lock),
        *("--no-input", "--disable-pip-version-check", "--progress-bar", "off"),
    ]
    words: list[str] = []
    progress = Progress(f"Installing up to {total} packages into {environment.name}")
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as pip:
        assert pip.stdout is not None  # noqa: S101
        for word in pip.stdout:
            words.append(word)
            progress.update(_describe(words))
    progress.finish()
    if pip.returncode != 0:
        print("".join(words[-30:]), file=sys.stderr)
        print("pip could not install the packages; its last words are above.", file=sys.stderr)
    return pip.returncode == 0


def _describe(words: list[str]) -> str:
    if any(word.startswith("Installing collected") for word in words):
        return "unpacking"
    return f"{sum(word.startswith('Collecting') for word in words)} fetched"


class Progress:
    """One line that grows older on a terminal; in a file or pipe, a line every ten seconds."""

    def __init__(self, title: str) -> None:
        self._title = title
        self._started = self._shown = time.monotonic()
        self._unpacking = False
        print(f"  {title} (a few minutes the first time) …", flush=True)

    def update(self, detail: str) -> None:
        """Show how far it is, if the last time was long enough ago."""
        now = time.monotonic()
        interval = 0.2 if sys.stdout.isatty() else 10.0
        if now - self._shown >= interval or (detail == "unpacking" and not self._unpacking):
            self._unpacking = detail == "unpacking"
            self._shown = now
            end = "" if sys.stdout.isatty() else "\n"
            print(f"\r    {detail}, {now - self._started:.0f} s   ", end=end, flush=True)

    def finish(self) -> None:
        """Say how long it took."""
        print(
            f"{chr(13) if sys.stdout.isatty() else ''}    done, {time.monotonic() - self._started:.0f} s       ",
            flush=True,
        )


if __name__ == "__main__":
    sys.exit(main())
