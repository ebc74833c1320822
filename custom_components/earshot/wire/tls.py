"""TLS of the links: 1.3 only, one certificate trusted at each end, and no other.

Making a context reads files and parses keys: do it off the event loop.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import hmac
import os
import ssl
import tempfile
from collections.abc import Iterator
from pathlib import Path

from .identity import Identity, Trust, TrustError

HANDSHAKE_S = 5.0
"""A handshake over a house's network takes some 20 ms; a small satellite needs 100."""

SHUTDOWN_S = 1.0


def paired_server(trust: Trust) -> ssl.SSLContext:
    """Return the context of a satellite or speech service. Raises `TrustError`."""
    return _paired(ssl.PROTOCOL_TLS_SERVER, trust)


def paired_client(trust: Trust) -> ssl.SSLContext:
    """Return the context of a home. Raises `TrustError`."""
    return _paired(ssl.PROTOCOL_TLS_CLIENT, trust)


def pairing_server(identity: Identity) -> ssl.SSLContext:
    """Return the context of a pairing port: it shows its certificate and asks for none."""
    context = _bare(ssl.PROTOCOL_TLS_SERVER)
    _load_own(context, identity)
    return context


def pairing_client() -> ssl.SSLContext:
    """Return the context of a home that pairs: whose the certificate is, the code must prove."""
    context = _bare(ssl.PROTOCOL_TLS_CLIENT)
    context.verify_mode = ssl.CERT_NONE
    return context


def peer_certificate(writer: asyncio.StreamWriter) -> bytes:
    """Return the certificate (DER) that the other end proved to have the key of."""
    connection: ssl.SSLObject | None = writer.get_extra_info("ssl_object")
    shown = connection.getpeercert(binary_form=True) if connection is not None else None
    return shown or b""


def is_peer(writer: asyncio.StreamWriter, certificate: bytes) -> bool:
    """Return whether the other end is the one that was pinned. Ask before any byte is read."""
    shown = hashlib.sha256(peer_certificate(writer)).digest()
    return hmac.compare_digest(shown, hashlib.sha256(certificate).digest())


def _paired(protocol: int, trust: Trust) -> ssl.SSLContext:
    context = _bare(protocol)
    context.verify_mode = ssl.CERT_REQUIRED
    _load_own(context, trust.own)
    try:
        context.load_verify_locations(cadata=trust.peer)
    except (ssl.SSLError, ValueError):
        raise TrustError("the other end's certificate is none") from None
    return context


def _bare(protocol: int) -> ssl.SSLContext:
    context = ssl.SSLContext(protocol)
    context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1_3
    context.check_hostname = False
    # A resumed session would not show its certificate again.
    context.options |= ssl.OP_NO_TICKET
    if protocol == ssl.PROTOCOL_TLS_SERVER:
        context.num_tickets = 0
    return context


def _load_own(context: ssl.SSLContext, identity: Identity) -> None:
    """OpenSSL takes a key by the name of a file only; it is one that nobody else can open."""
    try:
        with _as_file(identity.pem) as name:
            context.load_cert_chain(name)
    except (ssl.SSLError, ValueError):
        raise TrustError("our own key and certificate do not fit") from None


@contextlib.contextmanager
def _as_file(content: bytes) -> Iterator[str]:
    if (handle := _memory()) is not None:
        with os.fdopen(handle, "wb", buffering=0) as memory:
            memory.write(content)
            yield f"/proc/self/fd/{handle}"
        return
    with tempfile.NamedTemporaryFile() as file:
        file.write(content)
        file.flush()
        yield file.name


def _memory() -> int | None:
    """Return a file that is on no disk, where the system has such."""
    try:
        handle = os.memfd_create("earshot", os.MFD_CLOEXEC)
    except (OSError, AttributeError):
        return None
    if Path(f"/proc/self/fd/{handle}").exists():
        return handle
    os.close(handle)
    return None
