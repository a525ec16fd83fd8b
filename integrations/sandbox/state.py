"""Keeps the sandbox's state in a file, so that a restart finds everything where it was."""

import pickle
import sys
import threading
from pathlib import Path
from typing import Any

from moto.dynamodb.models import dynamodb_backends
from moto.pinpoint.models import pinpoint_backends
from moto.ses.models import ses_backends
from moto.ssoadmin.models import ssoadmin_backends

from integrations.sandbox.cloud import Cloud

_DEBOUNCE_SECONDS = 0.5
_FORMAT = 1
_OWN = ("knobs", "tenants", "aws", "cognito", "racing", "droa", "saml", "portal_tables", "mailbox", "hooks")
_MOTO: dict[str, tuple[Any, tuple[str, ...]]] = {
    "sso-admin": (ssoadmin_backends, ("instances", "permission_sets", "account_assignments")),
    "ses": (ses_backends, ("email_identities", "templates")),
    "pinpoint": (pinpoint_backends, ("apps",)),
    "dynamodb": (dynamodb_backends, ("tables",)),
}


class StateFile(threading.Thread):
    """Saves at most about a second after a change, and once more at the end.

    The file is a pickle, so load only one that a sandbox of your own has written.
    """

    def __init__(self, cloud: Cloud, path: Path) -> None:
        super().__init__(name="state-saver", daemon=True)
        self._cloud = cloud
        self._path = path
        self._stopped = threading.Event()

    def load(self) -> None:
        """A damaged file is reported and set aside, and the sandbox stays empty."""
        if not self._path.exists():
            return
        try:
            own, moto = _read(self._path.read_bytes())
        except Exception as error:  # noqa: BLE001 - a damaged pickle raises anything
            damaged = self._path.replace(self._path.with_name(self._path.name + ".damaged"))
            sys.stderr.write(f"sandbox: {self._path} cannot be read ({error!r}); starting empty, kept as {damaged}\n")
            return
        for name, value in own.items():
            setattr(self._cloud, name, value)
        self._cloud.racing.clock.resume(real=self._cloud.now())
        for backends, account_id, region, attributes in moto:
            vars(backends[account_id][region]).update(attributes)

    def run(self) -> None:
        while not self._stopped.wait(_DEBOUNCE_SECONDS):
            if self._cloud.changed.is_set():
                self.save()

    def save(self) -> None:
        """Atomically: a crash leaves the file as it was before."""
        with self._cloud.lock:
            self._cloud.changed.clear()
            content = pickle.dumps(self._snapshot())
        draft = self._path.with_name(self._path.name + ".draft")
        draft.write_bytes(content)
        draft.replace(self._path)

    def stop(self) -> None:
        self._stopped.set()
        self.join()
        self.save()

    def _snapshot(self) -> dict[str, Any]:
        own = {name: getattr(self._cloud, name) for name in _OWN}
        moto = {
            service: [
                (account_id, region, {name: getattr(backend, name) for name in names})
                for account_id, region, backend in backends.iter_backends()
            ]
            for service, (backends, names) in _MOTO.items()
        }
        return {"format": _FORMAT, "own": own, "moto": moto}


def _read(content: bytes) -> tuple[dict[str, Any], list[tuple[Any, str, str, dict[str, Any]]]]:
    """(own parts, rows of moto's backends); nothing is applied before everything was found readable."""
    snapshot = pickle.loads(content)
    if snapshot["format"] != _FORMAT:
        raise ValueError(f"unknown format {snapshot['format']}")
    own = {name: snapshot["own"][name] for name in _OWN if name in snapshot["own"]}  # an older file has fewer parts
    moto = [(_MOTO[service][0], *row) for service, rows in snapshot["moto"].items() for row in rows]
    return own, moto
