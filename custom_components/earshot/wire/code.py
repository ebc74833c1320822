"""The pairing code: how it is made, shown and typed, and what proves that both ends know it."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass

CODE_LETTERS = 12
"""Of 32: 60 bits. Whoever poses as a satellite can try codes against one proof without asking
anybody, and has the ten minutes that the code is good for: 2^60 are too many."""

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base 32: nothing in it is mistaken for something else."""

_MISREAD = str.maketrans("OIL", "011")
_GROUP = 4
_CODE = re.compile(rf"[{_ALPHABET}]{{{CODE_LETTERS}}}")

_SALT = b"earshot/1/pairing"
_INFO = b"earshot/1/pairing/proof"
_LABEL = b"earshot/1/pairing"

HOME = "home"
SATELLITE = "satellite"
SPEECH = "speech"
"""The roles: who proves that it knows the code."""


def new_code() -> str:
    """Return a code that nobody can guess."""
    return "".join(secrets.choice(_ALPHABET) for _ in range(CODE_LETTERS))


def shown(code: str) -> str:
    """Return a code in groups, as it is read and typed."""
    return "-".join(code[at : at + _GROUP] for at in range(0, len(code), _GROUP))


def typed(text: str) -> str | None:
    """Return the code that somebody typed, or None when it cannot be one."""
    bare = re.sub(r"[\s-]", "", text).upper().translate(_MISREAD)
    return bare if _CODE.fullmatch(bare) else None


@dataclass(frozen=True, kw_only=True)
class Exchange:
    """What both ends showed each other; it is the same at both, or somebody is in between."""

    version: int
    home_certificate: bytes
    device_certificate: bytes
    home_nonce: bytes
    device_nonce: bytes

    def proof(self, code: str, role: str) -> bytes:
        """Return what only somebody who knows the code can say of it, in that role."""
        parts = (
            role.encode(),
            self.version.to_bytes(4, "big"),
            self.home_certificate,
            self.device_certificate,
            self.home_nonce,
            self.device_nonce,
        )
        said = b"".join(len(part).to_bytes(4, "big") + part for part in (_LABEL, *parts))
        return hmac.digest(_key(code), said, hashlib.sha256)

    def is_proof(self, proof: bytes, code: str, role: str) -> bool:
        """Return whether it is, in constant time."""
        return hmac.compare_digest(proof, self.proof(code, role))


def _key(code: str) -> bytes:
    """HKDF-SHA256 (RFC 5869) of the code, 32 bytes."""
    extracted = hmac.digest(_SALT, code.encode(), hashlib.sha256)
    return hmac.digest(extracted, _INFO + b"\x01", hashlib.sha256)
