"""Ports of loopback that nobody uses."""

from __future__ import annotations

import contextlib
import random
import socket

HOST = "127.0.0.1"
_QUIET = range(12_000, 32_000)
"""Below these are ports of others, above are those that outgoing connections take."""


def free_port(preferred: int = 0) -> int:
    """Return the preferred port when it is free, else another; the next one is free as well."""
    for port in filter(None, (preferred, *random.sample(_QUIET, 100))):
        with socket.socket() as link, socket.socket() as pairing, contextlib.suppress(OSError):
            for probe, number in ((link, port), (pairing, port + 1)):
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                probe.bind((HOST, number))
            return port
    raise OSError(f"no free port on {HOST}")
