"""Which addresses may be called for an organization: those of the public internet, and no other."""

import ipaddress
import socket
from collections.abc import Callable

Resolver = Callable[[str, int], list[str]]

# What Python calls global and is not somebody's server on the internet: addresses that stand for another one, which a
# gateway on the way would reach, and what clouds answer their own machines by.
NOT_PUBLIC = [
    ipaddress.ip_network(each)
    for each in (
        *("168.63.129.16/32", "192.88.99.0/24"),  # Azure's platform; the gateways of 6to4
        *("::/96", "::ffff:0:0/96", "::ffff:0:0:0/96"),  # IPv4 in IPv6, in three writings
        *("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32"),  # NAT64, 6to4, Teredo
        *("fec0::/10", "fe80::/10", "fc00::/7", "ff00::/8"),
    )
]


def resolve(host: str, port: int) -> list[str]:
    """As the system does it. The addresses may be other ones a moment later."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(address[0]) for *_, address in found))


def is_public(address: str) -> bool:
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if not parsed.is_global or parsed.is_multicast or parsed.is_reserved or parsed.is_unspecified:
        return False
    return not any(parsed.version == network.version and parsed in network for network in NOT_PUBLIC)


def is_this_machine(address: str) -> bool:
    return ipaddress.ip_address(address.partition("%")[0]).is_loopback
