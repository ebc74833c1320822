"""Which calls stay in the house, and why.

Pure. What is not known to stay counts as leaving.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from .programs import HOME_ASSISTANT, program
from .trace import TABLES, Address, Call


class Kind(StrEnum):
    """What a call amounts to."""

    MACHINE = "this machine"
    NEIGHBOURS = "the local network"
    KERNEL = "the kernel"
    CORE = "Home Assistant's own"
    LOOK_UP = "name look-up"
    OUTSIDE = "outside"
    UNSEEN = "cannot be judged"


STAYS = frozenset({Kind.MACHINE, Kind.NEIGHBOURS, Kind.KERNEL, Kind.CORE})

NAME_PORTS = frozenset({53, 853})
_NSCD = "nscd/socket"
_NAME_SERVICES = ("systemd/resolve/", "avahi-daemon/", _NSCD)
_ACCOUNT_SERVICES = ("systemd/userdb/",)
# Multicast that routers do not pass on: this link, this house.
_NEIGHBOURS = tuple(
    ip_network(net) for net in ("224.0.0.0/24", "239.255.0.0/16", "ff01::/16", "ff02::/16")
)
# Home Assistant's network integration connects a datagram socket to these, at port 1, and reads
# the socket's own address: the kernel says which interface it would use. No packet is made.
_ROUTE_QUESTIONS = ("8.8.8.8", "224.0.0.251")
ROUTE_QUESTION_PORT = 1


@dataclass(frozen=True)
class Finding:
    """One call, judged."""

    program: str
    kind: Kind
    where: str
    why: str
    text: str = ""
    """The line of the trace, for what does not stay."""

    @property
    def stays(self) -> bool:
        """Tell whether it stays in the house."""
        return self.kind in STAYS


def judge(
    calls: Iterable[Call], folders: Iterable[str] = (), own: Iterable[str] = ()
) -> list[Finding]:
    """Judge every call that goes somewhere.

    `folders` hold the house's own sockets, `own` are the addresses of the machine it stands on.
    """
    paths, hosts = tuple(folders), frozenset(own)
    found = []
    for call in calls:
        for kind, where, why in _verdicts(call, paths, hosts):
            text = "" if kind in STAYS else call.text
            found.append(Finding(program(call.command), kind, where, why, text))
    return found


_Verdict = tuple[Kind, str, str]


def _verdicts(call: Call, folders: tuple[str, ...], own: frozenset[str]) -> list[_Verdict]:
    if call.name == "io_uring_setup":
        return [(Kind.UNSEEN, "io_uring", "what it sends is not seen by the trace")]
    if call.name in ("socket", "bind"):
        return [
            (Kind.UNSEEN, address.family, "a kind of socket that nobody here should need")
            for address in call.addresses
            if address.family not in ("AF_INET", "AF_INET6", "AF_UNIX", "AF_NETLINK", "AF_UNSPEC")
        ]
    if call.name == "connect" and not call.addresses:
        return [(Kind.UNSEEN, "?", "the trace does not say where to")]
    return [_address(call, address, folders, own) for address in call.addresses]


def _address(
    call: Call, address: Address, folders: tuple[str, ...], own: frozenset[str]
) -> _Verdict:
    match address.family:
        case "AF_INET" | "AF_INET6":
            return _internet(call, address, own)
        case "AF_UNIX":
            return _local(call, address.host, folders)
        case "AF_NETLINK" | "AF_UNSPEC":
            return Kind.KERNEL, address.family, "a question to the kernel"
    return Kind.UNSEEN, address.family, "a kind of address that nobody here should need"


def _internet(call: Call, address: Address, own: frozenset[str]) -> _Verdict:
    where = f"{address.host} port {address.port}"
    try:
        host = ip_address(address.host)
    except ValueError:
        return Kind.UNSEEN, where, "no address"
    if isinstance(host, IPv6Address) and host.ipv4_mapped is not None:
        host = host.ipv4_mapped
    if address.port in NAME_PORTS:
        return Kind.LOOK_UP, where, "a name server's port"
    if _is_route_question(call, host, address.port):
        return Kind.CORE, where, "asks which address it would send from; nothing is sent"
    if host.is_loopback or host.is_unspecified or str(host) in own:
        return Kind.MACHINE, str(host), "this machine"
    if any(host.version == net.version and host in net for net in _NEIGHBOURS):
        return Kind.NEIGHBOURS, where, "multicast that routers do not pass on"
    return Kind.OUTSIDE, where, "nobody in this house has that address"


def _is_route_question(call: Call, host: IPv4Address | IPv6Address, port: int) -> bool:
    return (
        call.name == "connect"
        and call.protocol == "UDP"
        and port == ROUTE_QUESTION_PORT
        and str(host) in _ROUTE_QUESTIONS
        and program(call.command) == HOME_ASSISTANT
    )


def _local(call: Call, path: str, folders: tuple[str, ...]) -> _Verdict:
    if not path or path.startswith("@") or path.startswith(folders):
        return Kind.MACHINE, "the house's own sockets", "this house"
    service = path.removeprefix("/var").removeprefix("/run/")
    # nscd looks up accounts and hosts; without it the thread reads the table of either next.
    account = service == _NSCD and not call.ok and call.next_file in TABLES
    if account or service.startswith(_ACCOUNT_SERVICES):
        return Kind.MACHINE, "user names", "looks up a user, not a host"
    if service.startswith(_NAME_SERVICES):
        return Kind.LOOK_UP, path, "a service that looks up names"
    if not call.ok:
        return Kind.MACHINE, "nobody", f"nobody is at {path}"
    return Kind.OUTSIDE, path, "a program of this machine that is not traced"
