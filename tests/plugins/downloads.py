"""A place on the net that files are fetched from: a real HTTPS server on loopback."""

from __future__ import annotations

import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import trustme


@dataclass
class Source:
    """What it answers: `answers` by path, else 404; `moved` leads elsewhere."""

    address: str
    answers: dict[str, bytes] = field(default_factory=dict)
    moved: dict[str, str] = field(default_factory=dict)
    raw: dict[str, bytes] = field(default_factory=dict)
    """Sent as it is, whether that is HTTP or not."""

    drip: dict[str, bytes] = field(default_factory=dict)
    """Sent a byte at a time, ten a second, until nobody wants it any more."""

    asked: list[str] = field(default_factory=list)


@contextmanager
def source(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Source]:
    """Have one that this process trusts."""
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(folder / "authority.pem"))
    monkeypatch.setenv("SSL_CERT_FILE", str(folder / "authority.pem"))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(context)
    with _Server(("127.0.0.1", 0), _Handler) as server:
        server.socket = context.wrap_socket(server.socket, server_side=True)
        server.told = told = Source(f"https://localhost:{server.server_port}/")
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield told
        finally:
            server.shutdown()
            thread.join(10)


class _Server(ThreadingHTTPServer):
    told: Source

    def handle_error(self, *_: object) -> None:
        """Say nothing of a client that does not trust it, or went away."""


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    timeout = 5

    def do_GET(self) -> None:
        told = self.server.told
        told.asked.append(self.path)
        if (raw := told.raw.get(self.path)) is not None:
            self.wfile.write(raw)
            return
        body = told.answers.get(self.path, told.drip.get(self.path))
        self.send_response(302 if self.path in told.moved else 404 if body is None else 200)
        if self.path in told.moved:
            self.send_header("Location", told.moved[self.path])
        self.send_header("Content-Length", str(len(body or b"")))
        self.end_headers()
        if self.path not in told.drip:
            self.wfile.write(body or b"")
            return
        for byte in told.drip[self.path]:
            self.wfile.write(bytes([byte]))
            time.sleep(0.1)

    def log_message(self, *_: object) -> None:
        """Say nothing."""
