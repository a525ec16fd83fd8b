"""A Chromium for the tests that open pages.

`make test` runs this module once and hands its answer to pytest as PADDOCK_CHROMIUM, so that no two workers install a
browser at once. Without that variable, tests use what is there and install nothing.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

from playwright.sync_api import sync_playwright

VARIABLE = "PADDOCK_CHROMIUM"
# The headless shell draws the same pages with less than half of the work: it has no windows to keep.
PACKAGES = ("chromium-headless-shell", "chromium")
NAMES = (*PACKAGES, "chrome-headless-shell", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
DOWNLOAD_SECONDS = 240
PACKAGE_SECONDS = 600


@lru_cache
def find_chromium() -> Path | None:
    """Return a Chromium that runs, or None. An empty PADDOCK_CHROMIUM says that there is none."""
    if VARIABLE in os.environ:
        given = os.environ[VARIABLE]
        return Path(given) if given else None
    return find_on_path() or find_download()


def find_on_path() -> Path | None:
    found = (shutil.which(name) for name in NAMES)
    return next((Path(path) for path in found if path and runs(path)), None)


def find_download() -> Path | None:
    """Return the Chromium that Playwright has downloaded for itself earlier."""
    with sync_playwright() as playwright:
        path = playwright.chromium.executable_path
    return Path(path) if runs(path) else None


def runs(path: str) -> bool:
    """Whether it starts: some systems have a stub that only tells how to get one, or miss its libraries."""
    try:
        return subprocess.run([path, "--version"], capture_output=True, timeout=30).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False


def obtain_chromium() -> Path | None:
    """Find a Chromium, or get one: Playwright's download, else Debian's package where that may be installed."""
    return find_chromium() or download() or install_package()


def download() -> Path | None:
    tell("No Chromium here. Trying Playwright's download …")
    environment = {"PLAYWRIGHT_DOWNLOAD_CONNECTION_TIMEOUT": "5000"}
    command = [sys.executable, "-m", "playwright", "install", "--no-shell", "chromium"]
    return find_download() if succeeds(command, environment, DOWNLOAD_SECONDS) else None


def install_package() -> Path | None:
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        return None
    tell("Playwright's download cannot be had. Trying Debian's package …")
    environment = {"DEBIAN_FRONTEND": "noninteractive"}
    install = ["apt-get", "install", "--yes", "--no-install-recommends"]
    succeeds(["apt-get", "update"], environment, PACKAGE_SECONDS)
    installed = any(succeeds([*install, name], environment, PACKAGE_SECONDS) for name in PACKAGES)
    return find_on_path() if installed else None


def succeeds(command: Sequence[str], environment: dict[str, str], seconds: float) -> bool:
    try:
        result = subprocess.run(
            command,
            env=os.environ | environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=seconds,
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return result.returncode == 0


def tell(sentence: str) -> None:
    """Speak to the person, apart from the answer on standard output."""
    sys.stderr.write(f"{sentence}\n")
    sys.stderr.flush()


def main() -> int:
    """Print the path of a Chromium, or nothing and a warning. Under CI its absence is an error."""
    chromium = obtain_chromium()
    if chromium is None:
        tell("=" * 100)
        tell("NO CHROMIUM could be found or installed: the tests that open pages are SKIPPED.")
        tell("Install `chromium` (or Chrome), or run `.venv/bin/playwright install --with-deps chromium`.")
        tell("=" * 100)
        return 1 if os.environ.get("CI") == "true" else 0
    sys.stdout.write(f"{chromium}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
