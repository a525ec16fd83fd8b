"""``python -m integrations.sandbox.sign_on.oidc --port N``: an OpenID Connect provider, for Contoso's people.

A process of its own: its issuer is a whole host, and the library behind it is one for tests.
"""

import argparse
import signal
import sys
import warnings
from pathlib import Path
from types import FrameType
from typing import Any

from jinja2 import ChoiceLoader, FileSystemLoader
from werkzeug.serving import make_server

HOST = "127.0.0.1"
TEMPLATES = Path(__file__).parent / "templates"
PEOPLE: list[dict[str, Any]] = [
    {"sub": "ann", "email": "ann@contoso.example", "given_name": "Ann", "family_name": "Archer"},
    {"sub": "ben", "email": "ben@contoso.example", "given_name": "Ben", "family_name": "Baker"},
    # One of those who train in the event that is under way.
    {"sub": "aisha", "email": "aisha.rahman@contoso.example", "given_name": "Aisha", "family_name": "Rahman"},
    {
        "sub": "olivia-organizes",
        "email": "olivia@contoso.example",
        "given_name": "Olivia",
        "family_name": "Ortiz",
        "groups": ["race-organizers"],
    },
    {"sub": "gus-from-elsewhere", "email": "gus@elsewhere.example", "given_name": "Gus", "family_name": "Gale"},
]


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description="An OpenID Connect provider, on loopback.")
    parser.add_argument("--port", type=int, required=True)
    signal.signal(signal.SIGTERM, _exit)
    server = make_server(HOST, parser.parse_args(arguments).port, _create_application(), threaded=True)
    sys.stdout.write(f"provider ready on http://localhost:{server.server_port}\n")
    sys.stdout.flush()
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        server.server_close()


def _create_application() -> Any:
    # The library warns of what its own next version will change.
    warnings.simplefilter("ignore")
    from oidc_provider_mock import User, app

    people = [User(sub=each["sub"], claims={k: v for k, v in each.items() if k != "sub"}) for each in PEOPLE]
    application = app(user_claims=people)
    # Its own page knows no names, and asks another host for its looks.
    application.jinja_loader = ChoiceLoader([FileSystemLoader(TEMPLATES), application.jinja_loader])
    application.jinja_env.globals["people"] = PEOPLE
    # Its debugger is not for people who look around.
    application.debug, application.wsgi_app = False, application.wsgi_app.app
    return application


def _exit(signum: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    main()
