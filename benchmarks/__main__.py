"""`make bench`: starts its own servers, runs every benchmark, prints a JSON line for each figure.

Exits 0 whether or not a figure meets its goal: what is missed is printed and said, not hidden behind a red light.
"""

import os
import sys

import django

from tests.support import services
from tests.support.sandbox import Sandbox

# Production's own pace, not the tests' hurry.
PACE = {"SWEEP_SECONDS": "15", "CLAIM_SECONDS": "180"}


def main() -> None:
    with Sandbox() as sandbox:
        os.environ.update(sandbox.environment(), DJANGO_SETTINGS_MODULE="paddock.settings.test")
        os.environ["CELERY_BROKER_URL"] = services.broker_url()
        os.environ["DATABASE_URL"] = os.environ["DATABASE_OWNER_URL"] = services.postgres().owner_url
        django.setup()
        _measure(sandbox, sys.argv[1:])


def _measure(sandbox: Sandbox, names: list[str]) -> None:
    """All benchmarks, or those whose function is named."""
    from django.core.management import call_command

    from benchmarks.api import measure_api
    from benchmarks.onboarding import measure_bulk_load, measure_single_access
    from benchmarks.report import report, say
    from benchmarks.usage import measure_usage_sync
    from tests.support.workers import crew

    call_command("migrate", verbosity=0)
    for measure in (measure_bulk_load, measure_single_access, measure_usage_sync, measure_api):
        if names and measure.__name__ not in names:
            continue
        say(measure.__name__.replace("_", " "))
        with crew(sandbox, **PACE) as hired:
            for figure in measure(sandbox, hired):
                report(figure)


if __name__ == "__main__":
    main()
