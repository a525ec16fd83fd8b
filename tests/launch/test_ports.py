"""Which ports a start takes, and what it says when it cannot have one."""

import socket
from pathlib import Path

import pytest

from paddock.launch.ports import LOOPBACK, explain_refusal, find_free_port
from tests.launch.launcher import launching


def test_preferred_port_is_taken_when_free_and_avoided_when_not() -> None:
    free = find_free_port()
    assert find_free_port(preferred=free) == free
    with socket.create_server((LOOPBACK, 0)) as server:
        taken = server.getsockname()[1]
        assert explain_refusal(taken) == "Address already in use"
        assert find_free_port(preferred=taken) != taken


@pytest.mark.parametrize("port", ["0", "65536", "http", "-1", "80 80"])
def test_port_that_is_none_is_refused(tmp_path: Path, port: str) -> None:
    with launching(tmp_path / "state", PORT=port) as launcher:
        assert launcher.wait_for_end() == 1
        assert f"PORT={port} is not a port." in launcher.read_output()


def test_given_port_that_is_taken_is_refused(tmp_path: Path) -> None:
    with socket.create_server((LOOPBACK, 0)) as server:
        port = server.getsockname()[1]
        with launching(tmp_path / "state", PORT=str(port)) as launcher:
            assert launcher.wait_for_end() == 1
            assert f"Port {port} cannot be used: Address already in use." in launcher.read_output()
            assert not (tmp_path / "state" / "postgres").exists()
