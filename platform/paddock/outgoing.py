"""Calls to addresses that an organization has typed in: never into the deployment's own network, never for long."""

import socket
from typing import Any

import requests
from django.conf import settings
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import NameResolutionError, NewConnectionError

from paddock.public_addresses import is_public, resolve

LONGEST_ANSWER = 1_000_000  # bytes
MOST_REDIRECTS = 3


class RefusedAddress(OSError):
    """The name leads to an address that only the deployment itself may call."""


class OutgoingSession(requests.Session):
    """Connects to the very addresses that were judged, so that no name can lead elsewhere after it was looked up."""

    def __init__(self) -> None:
        super().__init__()
        # No proxy: it would connect in our place, and look at nothing. No netrc: nobody's passwords go along.
        self.trust_env = False
        self.max_redirects = MOST_REDIRECTS
        self.mount("http://", _PublicAdapter())
        self.mount("https://", _PublicAdapter())

    def request(self, method: str | bytes, url: str | bytes, *args: Any, **kwargs: Any) -> requests.Response:
        check_scheme(str(url))
        kwargs |= {"timeout": settings.PROVIDER_TIMEOUT_SECONDS, "stream": True}
        response = super().request(method, url, *args, **kwargs)
        response._content = _read(response)  # noqa: SLF001 -- what `content` would fill in, without a limit
        return response


def check_scheme(url: str) -> None:
    """Plain HTTP is for a developer's own machine."""
    if not url.startswith("https://") and not settings.PRIVATE_ADDRESSES_ALLOWED:
        raise requests.exceptions.InvalidSchema("Only https:// addresses are called.")


def _read(response: requests.Response) -> bytes:
    """Decoded, so that a small answer cannot unfold into a large one."""
    content = b""
    for chunk in response.iter_content(65536):
        content += chunk
        if len(content) > LONGEST_ANSWER:
            response.close()
            raise requests.exceptions.ContentDecodingError("The answer is longer than 1 MB.")
    return content


def _find_addresses(connection: HTTPConnection, host: str) -> list[str]:
    """All that the name leads to, which must all be allowed: nobody gets as far as a connection otherwise."""
    try:
        addresses = resolve(host, connection.port)
    except socket.gaierror as error:
        raise NameResolutionError(host, connection, error) from error
    for address in addresses:
        if not (settings.PRIVATE_ADDRESSES_ALLOWED or is_public(address)):
            raise RefusedAddress(f"{address} is no public address.")
    return addresses


class _ToJudgedAddresses(HTTPConnection):
    """The name is resolved once, and not asked again; TLS and the request still go by it."""

    def _new_conn(self) -> socket.socket:
        name = self._dns_host
        try:
            return self._try(_find_addresses(self, name))
        finally:
            self._dns_host = name

    def _try(self, addresses: list[str]) -> socket.socket:
        *others, last = addresses
        for self._dns_host in others:
            try:
                return super()._new_conn()
            except NewConnectionError:
                continue
        self._dns_host = last
        return super()._new_conn()


class _PublicHTTPSConnection(_ToJudgedAddresses, HTTPSConnection):
    pass


class _PublicHTTPPool(HTTPConnectionPool):
    ConnectionCls = _ToJudgedAddresses


class _PublicHTTPSPool(HTTPSConnectionPool):
    ConnectionCls = _PublicHTTPSConnection


class _PublicAdapter(HTTPAdapter):
    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = {"http": _PublicHTTPPool, "https": _PublicHTTPSPool}
