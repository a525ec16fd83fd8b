"""Looking at a page as people may have it: on a phone or a desktop, by day or by night.

A page is opened once and then changes its looks, because opening it is most of the work.
"""

from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect
from playwright.sync_api import TimeoutError as SettlingTimeoutError

DESKTOP, PHONE, SMALL = 1280, 390, 320
HEIGHT = 850
LOOKS = [(scheme, width) for width in (DESKTOP, PHONE) for scheme in ("light", "dark")]
# For what comes by itself; other tests have the machine, too.
LONGEST_WAIT_MILLISECONDS = 30_000
SETTLING_MILLISECONDS = 15_000  # menus fold and charts are drawn anew when the width changes
SIDEWAYS = "document.documentElement.scrollWidth > window.innerWidth"

expect.set_options(timeout=LONGEST_WAIT_MILLISECONDS)


def find_faults(page: Page) -> list[tuple[Any, ...]]:
    """What shuts people out: the look, the rule and the elements. Nothing moves meanwhile."""
    return [(scheme, width, *fault) for scheme, width in LOOKS for fault in _find_faults_of_look(page, scheme, width)]


def _find_faults_of_look(page: Page, scheme: Any, width: int) -> list[tuple[str, list[str]]]:
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    page.set_viewport_size({"width": width, "height": HEIGHT})
    faults = Axe().run(page).response["violations"]
    return [(fault["id"], [node["html"] for node in fault["nodes"]]) for fault in faults]


def find_overflows(page: Page, *widths: int) -> list[int]:
    """The widths, of a phone and a desktop unless told otherwise, at which the page would scroll sideways."""
    before = page.viewport_size
    found = [width for width in widths or (DESKTOP, PHONE) if _overflows(page, width)]
    if before:
        page.set_viewport_size(before)
    return found


def _overflows(page: Page, width: int) -> bool:
    page.set_viewport_size({"width": width, "height": HEIGHT})
    try:
        page.wait_for_function(f"!({SIDEWAYS})", timeout=SETTLING_MILLISECONDS)
    except SettlingTimeoutError:
        return True
    return False
