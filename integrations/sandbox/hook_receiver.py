"""Where webhooks arrive: POST /hooks/<name>. In front of the gate, because a slow answer must not hold its lock."""

import io
import re
import time
from collections.abc import Iterable
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from integrations.sandbox.cloud import Cloud

_ADDRESS = re.compile(r"/hooks/([\w-]+)")


class HookReceiver:
    """WSGI application; requests that are no webhooks go on to the next one."""

    def __init__(self, cloud: Cloud, *, otherwise: WSGIApplication) -> None:
        self._cloud = cloud
        self._otherwise = otherwise

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        found = _ADDRESS.fullmatch(environ["PATH_INFO"])
        if found is None or environ["REQUEST_METHOD"] != "POST":
            return self._otherwise(environ, start_response)
        content = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        with self._cloud.lock:
            manner = self._cloud.hooks.get(found[1]).take(_read_headers(environ), content.decode("utf-8", "replace"))
            self._cloud.changed.set()
        time.sleep(manner.seconds)
        body = f'{{"receiver": "{found[1]}", "answer": "{manner.status}"}}\n'.encode()
        start_response(manner.status, [("Content-Type", "application/json"), *manner.headers])
        return io.BytesIO(body)


def _read_headers(environ: WSGIEnvironment) -> dict[str, str]:
    sent = {name[5:]: value for name, value in environ.items() if name.startswith("HTTP_")}
    sent["CONTENT_TYPE"] = environ.get("CONTENT_TYPE", "")
    return {name.replace("_", "-").lower(): str(value) for name, value in sorted(sent.items())}
