"""The sink: an internet in which every name exists and every page is there.

It is everybody: it answers each question for a name with an address of its own, and each HTTP
request with `{}`, and writes down what it was asked. It speaks no TLS: a program that would have
believed a certificate stops there, and is written down all the same.
"""

from __future__ import annotations

import asyncio
import json
import os
import socket
import struct
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from .namespace import become_everybody
from .verdict import ROUTE_QUESTION_PORT

ANSWER = "203.0.113.7"
"""The address of every name (one that is kept for documents)."""

_NAMES = 53
_LOCAL_RESOLVER = ("127.0.0.53", _NAMES)
"""Where systemd's resolver would be, inside the house's own namespace."""
_ASKED = "asked.jsonl"
_PAGE = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"
_READ_S = 5.0
_MOST = 2000
_LONGEST = 4096
_HEADER = struct.Struct("!HHHHHH")
_A = 1


def read_asked(folder: Path) -> list[str]:
    """Return what the sink of a folder was asked, oldest first."""
    with suppress(FileNotFoundError):
        return [json.loads(line) for line in (folder / _ASKED).read_text().splitlines()]
    return []


class Sink:
    """Answers, and writes down what it was asked."""

    def __init__(self, folder: Path) -> None:
        self._file = (folder / _ASKED).open("a")
        self._count = 0

    def note(self, what: str) -> None:
        """Write down a question."""
        self._count += 1
        if self._count <= _MOST:
            self._file.write(json.dumps(what) + "\n")
            self._file.flush()

    async def page(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer one request on any of the ports."""
        host, port = writer.get_extra_info("sockname")[:2]
        line = b""
        with suppress(OSError, TimeoutError, ValueError):
            async with asyncio.timeout(_READ_S):
                line = (await reader.readline())[:200]
                writer.write(_PAGE)
                await writer.drain()
        self.note(f"TCP {host} port {port}: {line.decode(errors='replace').strip()!r}")
        writer.close()

    def datagram(self, receiver: socket.socket, port: int) -> None:
        """Take one datagram, and answer it from where it was sent to if it asks for a name."""
        with suppress(OSError, ValueError, IndexError, struct.error):
            data, sent_to, _, sender = receiver.recvmsg(_LONGEST, _LONGEST)
            if port != _NAMES:
                self.note(f"UDP port {port}: {len(data)} bytes")
                return
            name, kind, end = _question(data)
            self.note(f"name {name} (type {kind})")
            receiver.sendmsg([_reply(data, kind, end)], sent_to, 0, sender)


def _question(data: bytes) -> tuple[str, int, int]:
    """Return the name asked for, the type, and where the question ends."""
    at, labels = _HEADER.size, []
    while size := data[at]:
        labels.append(data[at + 1 : at + 1 + size].decode("ascii"))
        at += 1 + size
    (kind,) = struct.unpack_from("!H", data, at + 1)
    return ".".join(labels), kind, at + 5


def _reply(data: bytes, kind: int, end: int) -> bytes:
    number = _HEADER.unpack_from(data)[0]
    answers = 1 if kind == _A else 0
    reply = _HEADER.pack(number, 0x8180, 1, answers, 0, 0) + data[_HEADER.size : end]
    if answers:
        reply += struct.pack("!HHHIH", 0xC00C, _A, 1, 60, 4) + socket.inet_aton(ANSWER)
    return reply


def _sockets(port: int, kind: socket.SocketKind) -> Iterator[socket.socket]:
    for family, host in ((socket.AF_INET, "0.0.0.0"), (socket.AF_INET6, "::")):  # noqa: S104
        with suppress(OSError):  # a kernel without IPv6
            made = socket.socket(family, kind)
            if family == socket.AF_INET6:
                made.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
                made.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_RECVPKTINFO, 1)
            else:
                made.setsockopt(socket.IPPROTO_IP, socket.IP_PKTINFO, 1)
            made.setblocking(False)
            made.bind((host, port))
            yield made


async def _serve(sink: Sink, resolver: socket.socket) -> None:
    loop = asyncio.get_running_loop()
    servers = [
        await asyncio.start_server(sink.page, sock=each)
        for port in (_NAMES, 80, 443, 8080)
        for each in _sockets(port, socket.SOCK_STREAM)
    ]
    loop.add_reader(resolver, sink.datagram, resolver, _NAMES)
    for port in (_NAMES, 123, 443, ROUTE_QUESTION_PORT):
        for each in _sockets(port, socket.SOCK_DGRAM):
            loop.add_reader(each, sink.datagram, each, port)
    print("answering", flush=True)
    await loop.run_in_executor(None, sys.stdin.read)  # until the one who started us goes
    for server in servers:
        server.close()


def main() -> None:
    """Leave the house's namespace for one of our own, be plugged in, and answer."""
    resolver = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    resolver.bind(_LOCAL_RESOLVER)  # it stays in the house's namespace
    resolver.setblocking(False)
    os.unshare(os.CLONE_NEWNET)
    print("alone", flush=True)
    sys.stdin.readline()
    become_everybody()
    asyncio.run(_serve(Sink(Path(sys.argv[1])), resolver))


if __name__ == "__main__":
    main()
