"""What an organizer may enter as the address of a webhook."""

import ipaddress
from dataclasses import dataclass, field
from ssl import SSLContext, create_default_context
from urllib.parse import quote, urlsplit

from paddock.public_addresses import Resolver, is_public, is_this_machine, resolve

PORTS = (443, 8443)
# What a path and a query may hold beside letters and digits; a percent sign has been written on purpose.
SAFE = "/%:@!$&'()*+,;=-._~?"


class InvalidTarget(ValueError):
    """The message is a sentence for whoever typed the address."""


@dataclass(frozen=True)
class Reach:
    """Where webhooks may go. `is_local` adds this machine itself, plain http and any port: for the sandbox alone."""

    is_local: bool = False
    resolve: Resolver = resolve
    trust: SSLContext = field(default_factory=create_default_context)

    def allows(self, address: str) -> bool:
        return is_public(address) or (self.is_local and is_this_machine(address))


@dataclass(frozen=True)
class Target:
    is_secure: bool
    host: str
    port: int
    path: str


def parse_target(url: str, reach: Reach) -> Target:
    """Raises InvalidTarget. Where the host's name leads to is judged when something is sent, and each time anew."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise InvalidTarget("This is no address. Enter one such as https://example.com/webhooks.") from error
    if not url.isprintable() or " " in url or not parts.hostname:
        raise InvalidTarget("This is no address. Enter one such as https://example.com/webhooks.")
    if parts.scheme != "https" and not (reach.is_local and parts.scheme == "http"):
        raise InvalidTarget("Use an address that begins with https://, so that nobody reads along.")
    if parts.username is not None or parts.password is not None:
        raise InvalidTarget("Leave user name and password out: the signature says who sends.")
    is_secure = parts.scheme == "https"
    port = port if port is not None else (443 if is_secure else 80)
    if port not in PORTS and not reach.is_local:
        raise InvalidTarget(f"Port {port} is not open to webhooks. Listen on 443 or 8443.")
    path = quote(parts.path or "/", safe=SAFE) + (f"?{quote(parts.query, safe=SAFE)}" if parts.query else "")
    return Target(is_secure, _check_host(parts.hostname, reach), port, path)


def _check_host(host: str, reach: Reach) -> str:
    try:
        ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return _encode(host)
    if not reach.allows(host):
        raise InvalidTarget(f"{host} is no public address. Webhooks go to servers on the internet alone.")
    return host


def _encode(host: str) -> str:
    try:
        return host.encode("idna").decode()
    except UnicodeError as error:
        raise InvalidTarget(f"“{host}” is no name of a server.") from error
