"""Who an end of a paired link is: a key made for that pairing, and the other end's certificate.

One file holds all of it, so that a pairing is there or not, and never half.
"""

from __future__ import annotations

import base64
import binascii
import re
import ssl
from dataclasses import dataclass, field

MAX_CERTIFICATE = 1_024
"""Bytes of DER; one of P-256 with an empty subject has some 250."""

_KEY = "PRIVATE KEY"
_CERTIFICATE = "CERTIFICATE"
_PEER = "EARSHOT PEER CERTIFICATE"
_BLOCK = re.compile(r"-----BEGIN ([A-Z ]+)-----\s+([A-Za-z0-9+/=\s]+?)\s+-----END \1-----")


class TrustError(Exception):
    """What was kept of a pairing cannot be read."""


@dataclass(frozen=True)
class Identity:
    """A private key (PKCS#8 PEM) and its self-signed certificate (DER)."""

    key: bytes = field(repr=False)
    certificate: bytes

    @property
    def pem(self) -> bytes:
        """Key and certificate, as OpenSSL reads them."""
        return self.key + ssl.DER_cert_to_PEM_cert(self.certificate).encode()

    @classmethod
    def from_pem(cls, raw: bytes) -> Identity:
        """Read it back; raises `TrustError`."""
        key, certificate = _blocks(raw, _KEY, _CERTIFICATE)
        return cls(_block(_KEY, key), certificate)


@dataclass(frozen=True)
class Trust:
    """A pairing: who we are in it, and whom we trust in it and nobody else."""

    own: Identity
    peer: bytes
    """The other end's certificate (DER)."""

    @property
    def pem(self) -> bytes:
        """All of it as one file holds it."""
        return self.own.pem + _block(_PEER, self.peer)

    @classmethod
    def from_pem(cls, raw: bytes) -> Trust:
        """Read it back; raises `TrustError`."""
        (peer,) = _blocks(raw, _PEER)
        return cls(Identity.from_pem(raw), peer)


def make_identity() -> Identity:
    """Make a P-256 key and its certificate: for ever valid, nothing in it but the key. Blocks."""
    # Imported on use: only pairing needs it, and a satellite has little memory.
    from datetime import UTC, datetime  # noqa: PLC0415

    from cryptography import x509  # noqa: PLC0415
    from cryptography.hazmat.primitives import hashes, serialization  # noqa: PLC0415
    from cryptography.hazmat.primitives.asymmetric import ec  # noqa: PLC0415

    key = ec.generate_private_key(ec.SECP256R1())
    nobody = x509.Name([])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(nobody)
        .issuer_name(nobody)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        # A satellite has no clock before the network: no time may be too early or too late.
        .not_valid_before(datetime(1970, 1, 1, tzinfo=UTC))
        .not_valid_after(datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC))
        .sign(key, hashes.SHA256())
    )
    return Identity(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        ),
        certificate.public_bytes(serialization.Encoding.DER),
    )


def _blocks(raw: bytes, *names: str) -> list[bytes]:
    """Return what stands under these names; raises `TrustError` unless all of it does."""
    try:
        found = dict(_BLOCK.findall(raw.decode("ascii")))
        return [base64.b64decode("".join(found[name].split()), validate=True) for name in names]
    except (UnicodeDecodeError, KeyError, binascii.Error):
        raise TrustError("it is no pairing, or half of one") from None


def _block(name: str, der: bytes) -> bytes:
    text = base64.b64encode(der).decode()
    lines = [text[at : at + 64] for at in range(0, len(text), 64)]
    return "\n".join((f"-----BEGIN {name}-----", *lines, f"-----END {name}-----", "")).encode()
