"""The way up and the way down."""

import os
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from paddock.launch.choices import DEFAULT_PORT, Ports, choose_ports
from paddock.launch.commands import build_commands
from paddock.launch.databases import NAME, ensure_database
from paddock.launch.endings import is_alive
from paddock.launch.environment import build_environment
from paddock.launch.errors import LaunchError
from paddock.launch.interrupts import Interrupts, Parent
from paddock.launch.processes import Processes, stop_leftovers
from paddock.launch.progress import show_step
from paddock.launch.report import write_report
from paddock.launch.servers import (
    SUPERUSER,
    PostgresServer,
    ValkeyServer,
    start_postgres,
    start_valkey,
    stop_postgres,
    stop_valkey,
)
from paddock.launch.state import State

# A worker finishes the tasks it is at for this long; what it drops is found again by the sweep.
STOP_PATIENCE_SECONDS = 5
WATCH_SECONDS = 0.25


@dataclass
class Machine:
    """Everything that one start has brought up so far."""

    state: State
    interrupts: Interrupts
    postgres: PostgresServer | None = None
    valkey: ValkeyServer | None = None
    processes: Processes | None = None

    def start(self) -> dict[str, Any]:
        """Bring everything up and return the report."""
        leftovers = stop_leftovers(self.state)
        self.state.run.unlink(missing_ok=True)
        if leftovers:
            print(f"  The last run was killed; stopped what it left: {', '.join(leftovers)}.")
        ports = choose_ports(self.state)
        if ports.web_port != DEFAULT_PORT and not os.environ.get("PORT"):
            print(f"  Port {DEFAULT_PORT} is taken, using {ports.web_port} instead. PORT=… chooses another.")
        environment = build_environment(self.state, ports, self._start_servers())
        self.processes = Processes(self.state, environment, self.interrupts)
        self._start_processes(self.processes, ports)
        return write_report(self.state, ports, environment)

    def _start_servers(self) -> dict[str, str]:
        """Start the servers that the person has not given, and return their addresses as variables."""
        addresses = {}
        if not os.environ.get("DATABASE_URL"):
            with show_step("PostgreSQL"), self.interrupts.held():
                self.postgres = start_postgres(self._postgres_folder)
                ensure_database(self.postgres)
            addresses["DATABASE_URL"] = self.postgres.url_for(NAME, NAME)
            addresses["DATABASE_OWNER_URL"] = self.postgres.url_for(NAME, SUPERUSER)
        if not os.environ.get("CELERY_BROKER_URL"):
            with show_step("Valkey"), self.interrupts.held():
                self.valkey = start_valkey(self._valkey_folder)
            addresses["CELERY_BROKER_URL"] = self.valkey.url
        return addresses

    def _start_processes(self, processes: Processes, ports: Ports) -> None:
        commands, address = build_commands(self.state, ports), f"http://localhost:{ports.web_port}"
        # What needs a while to load does so while the steps before it are under way. Only the worker must wait: it
        # would find the demonstration's work owed to a sandbox that does not know its tenants yet.
        sandbox = processes.start("sandbox", commands["sandbox"])
        provider = processes.start("sign-in provider", commands["sign-in provider"])
        with show_step("Database tables"):
            processes.run("migration", commands["migration"])
        with ports.web as listener:
            web = processes.start("web server", commands["web server"], inherited=[listener.fileno()])
        with show_step("Sandbox for Microsoft and AWS"):
            processes.wait_until_ready(sandbox, f"{ports.sandbox_url}/")
            processes.wait_until_ready(provider, f"{ports.oidc_url}/")
        with show_step("Demonstration"):
            processes.run("demonstration", commands["demonstration"])
        with show_step("Web server, worker, scheduler"):
            processes.start("worker", commands["worker"])
            processes.start("beat", commands["beat"])
            processes.wait_until_ready(web, f"{address}/")
            processes.check()

    def watch(self, parent: Parent) -> None:
        """Return when the parent is gone.

        Raises:
            LaunchError: when something that should run has ended.
        """
        while not parent.is_gone():
            if self.processes is not None:
                self.processes.check()
            for name, server in (("PostgreSQL", self.postgres), ("Valkey", self.valkey)):
                if server is not None and not _is_running(server.pid):
                    raise LaunchError(f"{name} ended unexpectedly. Its log is in {server.folder}.")
            time.sleep(WATCH_SECONDS)

    def stop(self) -> None:
        """Stop everything, those that use a server before that server."""
        self.state.run.unlink(missing_ok=True)
        if self.processes is not None:
            self.processes.stop(patience=STOP_PATIENCE_SECONDS, names=["web server", "worker", "beat"])
            self.processes.stop(patience=STOP_PATIENCE_SECONDS)
        stop_valkey(self._valkey_folder)
        stop_postgres(self._postgres_folder)

    @property
    def _postgres_folder(self) -> Path:
        return self.state.folder / "postgres"

    @property
    def _valkey_folder(self) -> Path:
        return self.state.folder / "valkey"


def _is_running(pid: int) -> bool:
    try:
        return is_alive(psutil.Process(pid))
    except psutil.NoSuchProcess:
        return False
