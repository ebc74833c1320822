"""The addresses of this machine in its network."""

from __future__ import annotations

import ipaddress
import socket

_INSIDE = ("br-", "docker", "lxc", "podman", "veth", "virbr")
"""Interfaces that lead to containers and virtual machines only."""


def reached_at(host: str) -> list[str]:
    """Return where a server that listens on `host` is reached; empty: on every address."""
    if (named := _address(host)) is not None:
        return [named]
    return sorted(address for _, address in _own())


def to_type(host: str) -> str:
    """Return what is typed as host at the other end: IPv4 first, with this machine's name."""
    name = socket.gethostname()
    if (named := _address(host)) is not None:
        return named
    if host and not _is_address(host):
        return host
    found = outside(_own())
    return f"{' or '.join(found)} ({name})" if found else name


def outside(own: list[tuple[str, str]]) -> list[str]:
    """Choose among (interface, address) those that another machine can use: pure."""
    found = [address for interface, address in own if not interface.startswith(_INSIDE)]
    four = sorted(address for address in found if ":" not in address)
    return four or sorted(found)


def _address(host: str) -> str | None:
    """Return the one address that it is."""
    if not _is_address(host) or ipaddress.ip_address(host).is_unspecified:
        return None
    return str(ipaddress.ip_address(host))


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _own() -> list[tuple[str, str]]:
    import ifaddr  # noqa: PLC0415 - comes with zeroconf

    found = [
        (adapter.nice_name, ip.ip if isinstance(ip.ip, str) else ip.ip[0])
        for adapter in ifaddr.get_adapters()
        for ip in adapter.ips
    ]
    return [(interface, address) for interface, address in found if _is_usable(address)]


def _is_usable(text: str) -> bool:
    address = ipaddress.ip_address(text)
    return not address.is_loopback and not address.is_link_local
