"""Ports of loopback that nobody uses."""

from __future__ import annotations

import socket

HOST = "127.0.0.1"


def free_port(preferred: int = 0) -> int:
    """Return the preferred port when it is free, else one that the system picks."""
    for port in (preferred, 0):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((HOST, port))
            except OSError:
                continue
            number: int = probe.getsockname()[1]
            return number
    raise OSError(f"no free port on {HOST}")
