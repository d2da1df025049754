"""Machines that may be asked: public ones, and those that the settings name.

A link is written by a stranger and may point inwards: at this machine, its neighbours, or the
service that hands out a cloud machine's keys. So a name is resolved here, every address it has must
be public, and the connection goes to one of the addresses that were looked at.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from schemas.errors import RejectArticle, StopFlow

__all__ = ["AllowedHost", "check_public", "is_disguised", "parse_allowed_hosts"]

_PUBLIC_IPV6 = ip_network("2000::/3")
"""All that IANA gives out as global unicast; the rest of IPv6 is mapped, translated, local or
unused."""
_NOT_PUBLIC = tuple(
    map(
        ip_network,
        (
            # https://www.iana.org/assignments/iana-ipv4-special-registry: what `is_global` of some
            # Python forgets
            "192.0.0.0/24",
            "192.88.99.0/24",
            "240.0.0.0/4",
            "168.63.129.16/32",  # a public address that every machine in Azure takes for its host's
            # https://www.iana.org/assignments/iana-ipv6-special-registry
            "2001::/23",  # Teredo, ORCHID, benchmarking …
            "2001:db8::/32",
            "2002::/16",  # 6to4, an IPv4 address in disguise
            "3fff::/20",
        ),
    )
)
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*", re.IGNORECASE)
_ALLOWED = re.compile(
    r"(?P<host>\[[0-9a-f:]+\]|[^\s:/@=\[\]]+)(:(?P<port>[0-9]{1,5}))?(=(?P<address>\S+))?", re.IGNORECASE
)
_USUAL_PORTS = (80, 443)
_LAST_PORT = 65_535


@dataclass(frozen=True, slots=True)
class AllowedHost:
    """A host and port that the operator vouches for."""

    host: str
    port: int
    address: str | None
    """The address to call; None where the name is to be resolved."""


def check_public(host: str, addresses: Sequence[str]) -> None:
    """Pass if every address is one that the whole internet may reach.

    Args:
        host: For the message.
        addresses: As a resolver gives them; a scope (``fe80::1%eth0``) is looked through.

    Raises:
        RejectArticle: ``not_public_address`` if a single one is private, loopback, link-local,
            shared (CGNAT), multicast, reserved, or IPv4 in the clothes of IPv6 (mapped, 6to4,
            NAT64, Teredo).
    """
    for address in addresses:
        if not _is_public(ip_address(address)):
            raise RejectArticle("not_public_address", f"{host} leads to {address}, which is not a public address")


def _is_public(address: IPv4Address | IPv6Address) -> bool:
    if isinstance(address, IPv6Address) and address not in _PUBLIC_IPV6:
        return False
    if any(address in network for network in _NOT_PUBLIC if network.version == address.version):
        return False
    return address.is_global and not address.is_multicast


def is_disguised(host: str) -> bool:
    """Return True if a host is an IPv4 address in an unusual spelling: decimal, octal, hexadecimal, short.

    Source: https://url.spec.whatwg.org/#ends-in-a-number-checker.
    """
    return bool(_NUMBER.fullmatch(host.rstrip(".").rpartition(".")[2])) and not _is_address(host)


def _is_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def parse_allowed_hosts(entries: Sequence[str]) -> dict[tuple[str, int], AllowedHost]:
    """Read ``host``, ``host:port``, ``host=address`` and ``host:port=address``, by host in lower case and port.

    Raises:
        StopFlow: An entry is none of these.
    """
    hosts = [host for entry in entries for host in _parse_allowed_host(entry)]
    return {(host.host, host.port): host for host in hosts}


def _parse_allowed_host(entry: str) -> list[AllowedHost]:
    match = _ALLOWED.fullmatch(entry)
    address = match and match["address"]
    port = int(match["port"] or 0) if match else 0
    if not match or not entry.isascii() or "*" in entry or port > _LAST_PORT or (address and not _is_address(address)):
        raise StopFlow(
            f"--allow-host {entry!r} cannot be read: write `host`, `host:port`, `host=address` or `host:port=address`"
        )
    host = match["host"].strip("[]").lower()
    ports = (port,) if match["port"] else _USUAL_PORTS
    return [AllowedHost(host, port, address) for port in ports]
