"""What every provider call passes: it is counted, delayed, failed, throttled, and carried out one at a time."""

import io
import socket
import time
from collections.abc import Iterable
from typing import Any, NoReturn, Protocol
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from werkzeug.wrappers import Response

from integrations.sandbox.cloud import Cloud
from integrations.sandbox.failures import RETRY_AFTER_SECONDS, Failure

ARRIVED_AT = "sandbox.arrived_at"
_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


class Provider(Protocol):
    """One simulated provider, as the gate sees it."""

    @property
    def application(self) -> WSGIApplication: ...
    @property
    def latency_ms(self) -> float: ...
    def accepts(self, environ: WSGIEnvironment) -> bool: ...
    def name_call(self, environ: WSGIEnvironment) -> tuple[str, str]: ...
    def changes(self, environ: WSGIEnvironment) -> bool: ...
    def refuse(self, environ: WSGIEnvironment, failure: Failure, retry_after: float) -> Response: ...
    def throttle(self, environ: WSGIEnvironment) -> float: ...


class Gate:
    """WSGI application in front of the providers; requests of none of them go to the sandbox's own pages."""

    def __init__(self, cloud: Cloud, *, providers: list[Provider], pages: WSGIApplication) -> None:
        self._cloud = cloud
        self._providers = providers
        self._pages = pages

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        _read_body(environ)
        provider = next((provider for provider in self._providers if provider.accepts(environ)), None)
        if provider is not None:
            return self._call_provider(provider, environ, start_response)
        return self._answer(self._pages, environ, start_response, environ["REQUEST_METHOD"] not in _SAFE_METHODS)

    def _call_provider(
        self, provider: Provider, environ: WSGIEnvironment, start_response: StartResponse
    ) -> Iterable[bytes]:
        # A provider counts what reaches it when it does, however long its work then takes.
        environ[ARRIVED_AT] = self._cloud.now()
        self._cloud.calls.count(*provider.name_call(environ))
        time.sleep(provider.latency_ms / 1000)
        failure = self._cloud.failures.draw()
        if failure is Failure.DROPPED_BEFORE:
            _drop_connection(environ)
        if failure is not None and failure is not Failure.DROPPED_AFTER:
            return provider.refuse(environ, failure, RETRY_AFTER_SECONDS)(environ, start_response)
        with self._cloud.lock:
            wait = provider.throttle(environ)
        if wait:
            self._cloud.calls.count("throttled", " ".join(provider.name_call(environ)))
            return provider.refuse(environ, Failure.THROTTLED, wait)(environ, start_response)
        if failure is Failure.DROPPED_AFTER:
            self._work_unanswered(provider, environ, start_response)
        return self._answer(provider.application, environ, start_response, provider.changes(environ))

    def _work_unanswered(self, provider: Provider, environ: WSGIEnvironment, start_response: StartResponse) -> NoReturn:
        with self._cloud.lock:
            mails_before = len(self._cloud.mailbox.mails)
            self._answer(provider.application, environ, start_response, provider.changes(environ))
            self._cloud.mailbox.lose_answers(since=mails_before)
        _drop_connection(environ)

    def _answer(
        self, application: WSGIApplication, environ: WSGIEnvironment, start_response: StartResponse, changes: bool
    ) -> Iterable[bytes]:
        """The whole answer is made under the lock, because neither moto nor our stores expect company."""
        with self._cloud.lock:
            answer = application(environ, start_response)
            try:
                return list(answer)
            finally:
                if changes:
                    self._cloud.changed.set()
                _close(answer)


def _read_body(environ: WSGIEnvironment) -> None:
    """Take the body off the connection now, so that a slow sender never holds the lock."""
    stream: Any = environ["wsgi.input"]
    if environ.get("wsgi.input_terminated"):
        content = stream.read()
        environ["CONTENT_LENGTH"] = str(len(content))
    else:
        content = stream.read(int(environ.get("CONTENT_LENGTH") or 0))
    environ["wsgi.input"] = io.BytesIO(content)


def _drop_connection(environ: WSGIEnvironment) -> NoReturn:
    connection: socket.socket = environ["werkzeug.socket"]
    connection.shutdown(socket.SHUT_RDWR)
    raise ConnectionAbortedError("dropped on purpose")


def _close(answer: Any) -> None:
    close = getattr(answer, "close", None)
    if close is not None:
        close()
