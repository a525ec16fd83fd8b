"""A process that has loaded the application, and forks others that run a module of it: loading takes seconds.

It reads one request a line from its standard input and answers each with a line. What it forked ends when it does, and
it ends when that input does.
"""

import json
import os
import runpy
import signal
import sys
import threading
from pathlib import Path
from subprocess import PIPE, Popen
from typing import Any, NoReturn

import django

ROOT = Path(__file__).resolve().parents[2]


class Forker:
    """The side of whoever asks."""

    def __init__(self, environment: dict[str, str]) -> None:
        command = [sys.executable, "-m", "tests.support.forking"]
        self._process = Popen(command, cwd=ROOT, env=environment, stdin=PIPE, stdout=PIPE, text=True)

    def fork(self, module: str, arguments: list[str], *, log: Path) -> int:
        """Have `python -m module arguments` run and write to the log. Returns its process id."""
        return self._ask(module=module, arguments=arguments, log=str(log))

    def kill(self, process_id: int) -> None:
        """SIGKILL, and wait for the end."""
        self._ask(kill=process_id)

    def close(self) -> None:
        """End it and all that it forked."""
        self._process.communicate()

    def _ask(self, **request: Any) -> int:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(f"{json.dumps(request)}\n")
        self._process.stdin.flush()
        return int(self._process.stdout.readline())


def serve() -> None:
    rope, held = os.pipe()
    children: set[int] = set()
    for line in sys.stdin:
        request = json.loads(line)
        if "kill" in request:
            answer = request["kill"]
            bury(answer)
            children.remove(answer)
        elif (answer := os.fork()) == 0:
            os.close(held)
            run(**request, rope=rope)
        else:
            children.add(answer)
        sys.stdout.write(f"{answer}\n")
        sys.stdout.flush()
    for child in children:
        bury(child)


def bury(child: int) -> None:
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)


def run(*, module: str, arguments: list[str], log: str, rope: int) -> NoReturn:
    threading.Thread(target=end_with_the_rope, args=(rope,), daemon=True).start()
    with Path(os.devnull).open() as nothing, Path(log).open("a") as output:
        for source, target in ((nothing, sys.stdin), (output, sys.stdout), (output, sys.stderr)):
            os.dup2(source.fileno(), target.fileno())
    sys.argv = [module, *arguments]
    runpy.run_module(module, run_name="__main__", alter_sys=True)
    sys.exit()


def end_with_the_rope(rope: int) -> None:
    os.read(rope, 1)  # nobody writes, so this returns when the other end is gone
    os._exit(1)


def load() -> None:
    """All that a worker imports before it begins."""
    django.setup()
    from celery import current_app

    current_app.loader.import_default_modules()
    current_app.finalize()


if __name__ == "__main__":
    load()
    serve()
