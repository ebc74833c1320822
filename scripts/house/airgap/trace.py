"""What strace wrote, read back: who called what, and where to.

Pure: text in, data out. strace writes one file for each thread (`-ff`), with the kind of each
socket beside its number (`-yy`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

NETWORK = ("socket", "bind", "connect", "sendto", "sendmsg", "sendmmsg", "io_uring_setup")
_STARTS = ("execve", "execveat")
_FORKS = ("clone", "clone3", "fork", "vfork")
_OPENS = ("open", "openat", "openat2")
SYSCALLS = (*NETWORK, *_STARTS, *_FORKS, *_OPENS)
"""What must be traced."""

TABLES = ("/etc/passwd", "/etc/group", "/etc/services")
"""Where accounts and port numbers are looked up."""

_LOOKED_UP = (*TABLES, "/etc/hosts", "/etc/resolv.conf")

_CALL = re.compile(r"(\w+)\(")
_STATUS = re.compile(r"\) += (-?\w+)[^()]*(?:\([^()]*\))?$")
_SOCKET = re.compile(r"\w+\(\d+<([A-Za-z0-9-]+)[:>]")
_FAMILY = re.compile(r"sa_family=(\w+)|(?:socket)\((\w+)")
_INET = re.compile(r'sin_port=htons\((\d+)\), sin_addr=inet_addr\("([^"]*)"\)')
_INET6 = re.compile(r'sin6_port=htons\((\d+)\).*?inet_pton\(AF_INET6, "([^"]*)"')
_UNIX = re.compile(r'sun_path=(@?)"([^"]*)"')
_PATH = re.compile(r'"([^"]*)"')
_WORD = re.compile(r'"((?:[^"\\]|\\.)*)"(?:\.\.\.)?')


@dataclass(frozen=True)
class Address:
    """Where a call went; `host` is a path for a local socket, empty where there is no name."""

    family: str
    host: str = ""
    port: int = 0


@dataclass(frozen=True)
class Call:
    """One call of a thread; `command` is what its process was started with."""

    thread: int
    command: tuple[str, ...]
    name: str
    protocol: str
    """`TCP`, `UDP`, `UNIX-STREAM`, ...; empty where strace did not know."""

    addresses: tuple[Address, ...]
    ok: bool
    text: str
    next_file: str = ""
    """The first table of accounts or hosts that the thread opened afterwards."""


@dataclass(frozen=True)
class Trace:
    """All that was traced."""

    commands: tuple[tuple[str, ...], ...]
    """What was started, in order of the threads' numbers."""

    calls: tuple[Call, ...]


def read_trace(files: Mapping[int, Iterable[str]]) -> Trace:
    """Read the lines of every thread by its number; ValueError where a line is none of strace's."""
    lines = {thread: [*text] for thread, text in files.items()}
    parents = _parents(lines)
    commands: list[tuple[str, ...]] = []
    calls: list[Call] = []
    last: dict[int, tuple[str, ...]] = {}
    for thread in sorted(lines, key=lambda each: _depth(each, parents)):
        parent, number = parents.get(thread, (0, 0))
        command = _command_at(lines.get(parent, []), number, last.get(parent, ()))
        found: list[Call] = []
        last[thread] = command
        for line in lines[thread]:
            call = _CALL.match(line)
            if call is None:
                if line.startswith(("+++", "---", "strace:")) or not line.strip():
                    continue
                raise ValueError(f"strace wrote a line that cannot be read: {line[:120]}")
            name = call[1]
            if name in _STARTS and _succeeded(line):
                command = _words(line)
                commands.append(command)
            elif name in _OPENS:
                path = _PATH.search(line)
                if path is not None and path[1] in _LOOKED_UP:
                    found = [_followed(each, path[1]) for each in found]
            elif name in NETWORK:
                found.append(_read(thread, command, name, line))
        calls += found
    return Trace(tuple(commands), tuple(calls))


def _read(thread: int, command: tuple[str, ...], name: str, line: str) -> Call:
    protocol = _SOCKET.match(line)
    return Call(
        thread,
        command,
        name,
        protocol[1] if protocol else "",
        _addresses(line),
        _succeeded(line),
        line,
    )


def _followed(call: Call, path: str) -> Call:
    if call.next_file:
        return call
    return Call(**{**vars(call), "next_file": path})


def _addresses(line: str) -> tuple[Address, ...]:
    """Return every address in a line: one message call may go to many."""
    known = [Address("AF_INET", host, int(port)) for port, host in _INET.findall(line)]
    known += [Address("AF_INET6", host, int(port)) for port, host in _INET6.findall(line)]
    known += [Address("AF_UNIX", at + path) for at, path in _UNIX.findall(line)]
    others = [
        Address(family)
        for pair in _FAMILY.findall(line)
        if (family := "".join(pair)) not in ("AF_INET", "AF_INET6", "AF_UNIX")
    ]
    return (*known, *others)


def _parents(lines: Mapping[int, list[str]]) -> dict[int, tuple[int, int]]:
    """Return each thread's parent, and the number of the parent's line that made it."""
    found = {}
    for thread, text in lines.items():
        for number, line in enumerate(text):
            call = _CALL.match(line)
            if call is not None and call[1] in _FORKS:
                child = _STATUS.search(line)
                if child is not None and child[1].isdecimal():
                    found[int(child[1])] = (thread, number)
    return found


def _depth(thread: int, parents: Mapping[int, tuple[int, int]]) -> tuple[int, int]:
    depth, at = 0, thread
    while at in parents and depth < len(parents):
        at = parents[at][0]
        depth += 1
    return depth, thread


def _command_at(lines: list[str], number: int, before: tuple[str, ...]) -> tuple[str, ...]:
    """Return what a parent ran when it made a child; `before` is what it was started as."""
    for line in reversed(lines[:number]):
        if line.startswith(_STARTS) and _succeeded(line):
            return _words(line)
    return before


def _words(line: str) -> tuple[str, ...]:
    _, _, rest = line.partition("[")
    return tuple(word for word in _WORD.findall(rest.partition("]")[0]))


def _succeeded(line: str) -> bool:
    status = _STATUS.search(line)
    return status is not None and not status[1].startswith("-") and status[1] != "?"
