"""`python -m paddock.launch`: everything that Paddock needs on one machine, until Ctrl-C."""

import contextlib
import sys
import time

from paddock.launch.errors import LaunchError
from paddock.launch.interrupts import Interrupted, Interrupts, Parent
from paddock.launch.report import print_report
from paddock.launch.state import State, find_state
from paddock.launch.steps import Machine


def main() -> int:
    """Run until asked to stop. Returns the exit code: 0 when stopped on request, 1 when something failed."""
    parent, interrupts = Parent(), Interrupts()
    interrupts.install()
    try:
        state = find_state()
        with state.hold():
            _run(state, interrupts, parent)
    except Interrupted:
        return 0
    except (LaunchError, OSError) as error:
        print(f"\n{error}", file=sys.stderr)
        return 1
    return 0


def _run(state: State, interrupts: Interrupts, parent: Parent) -> None:
    machine = Machine(state, interrupts)
    started = time.monotonic()
    try:
        report = machine.start()
        print_report(state, report, seconds=time.monotonic() - started)
        machine.watch(parent)
    finally:
        interrupts.ignore()
        # After a hang-up there is no terminal left to write to.
        with contextlib.suppress(OSError):
            print("\n  Stopping …", flush=True)
        machine.stop()


if __name__ == "__main__":
    sys.exit(main())
