"""``python -m integrations.sandbox --port N --smtp-port N [--state FILE]``: run the local cloud on loopback."""

import argparse
import signal
import sys
from pathlib import Path
from types import FrameType

from werkzeug.serving import make_server

from integrations.sandbox.app import create_application
from integrations.sandbox.cloud import Cloud
from integrations.sandbox.handler import KeepAliveHandler
from integrations.sandbox.smtp import smtp_server
from integrations.sandbox.state import StateFile
from integrations.sandbox.sync import SyncClock

HOST = "127.0.0.1"


def main(arguments: list[str] | None = None) -> None:
    options = _parser().parse_args(arguments)
    signal.signal(signal.SIGTERM, _exit)
    cloud = Cloud()
    application = create_application(cloud)
    state = StateFile(cloud, options.state) if options.state else None
    if state:
        state.load()
        state.start()
    clock = SyncClock(cloud)
    clock.start()
    smtp = smtp_server(cloud, options.smtp_port)
    smtp.start()
    server = make_server(HOST, options.port, application, threaded=True, request_handler=KeepAliveHandler)
    cloud.url = f"http://{HOST}:{server.server_port}"
    sys.stdout.write(f"sandbox ready on {cloud.url}\n")
    sys.stdout.flush()
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        pass
    finally:
        smtp.stop()
        clock.stop()
        if state:
            state.stop()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m integrations.sandbox", description="The local cloud, on loopback.")
    parser.add_argument("--port", type=int, required=True, help="HTTP port")
    parser.add_argument("--smtp-port", type=int, required=True, help="SMTP port")
    parser.add_argument("--state", type=Path, help="file that keeps the state over a restart")
    return parser


def _exit(signum: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    main()
