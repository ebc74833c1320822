"""Seals: AES-256-GCM bound to what is sealed and where it belongs.

Keys from the house key by HKDF-SHA256 (RFC 5869). A sealed thing is a format byte, a random 96-bit
nonce, and the ciphertext with its tag. The associated data names format, purpose, capture, room
and key, each with its length before it, so no seal opens in another's place.
"""

import secrets
from dataclasses import dataclass
from enum import StrEnum

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

KEY_BYTES = 32
_FORMAT = b"\x01"
_NONCE_BYTES = 12


class Purpose(StrEnum):
    """What is sealed."""

    AUDIO = "audio"
    TRANSCRIPT = "transcript"
    RECORD = "record"
    PEAKS = "peaks"
    LABEL = "label"
    REASON = "reason"
    AUDIO_KEY = "audio-key"
    WORDS_KEY = "words-key"
    LABEL_KEY = "label-key"
    REASON_KEY = "reason-key"
    PROOF = "proof"
    SEAL_KEY = "seal-key"
    LOG_KEY = "log-key"


class SealError(Exception):
    """A seal does not open: damaged, or not of this place, or another key's."""


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where a sealed thing belongs."""

    purpose: Purpose
    capture_id: str = ""
    room_id: str = ""
    key_id: str = ""
    """Of the house key: its generation."""

    @property
    def associated_data(self) -> bytes:
        """The bytes that the seal authenticates and does not hide."""
        parts = (self.purpose, self.capture_id, self.room_id, self.key_id)
        raw = (_FORMAT, *(part.encode() for part in parts))
        return b"".join(len(part).to_bytes(4, "big") + part for part in raw)


def new_key() -> bytes:
    """Return a random key."""
    return secrets.token_bytes(KEY_BYTES)


def subkey(house_key: bytes, purpose: str) -> bytes:
    """Return the key derived from the house key for `earshot/1/<purpose>`."""
    info = f"earshot/1/{purpose}".encode()
    return HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=info).derive(house_key)


def fingerprint(sealed: bytes) -> bytes:
    """Return the nonce of a seal: random, tells nothing, can be found on a disk."""
    return sealed[1 : 1 + _NONCE_BYTES]


def seal(key: bytes, plain: bytes, place: Place) -> bytes:
    """Seal some bytes for their place."""
    nonce = secrets.token_bytes(_NONCE_BYTES)
    return _FORMAT + nonce + AESGCM(key).encrypt(nonce, plain, place.associated_data)


def unseal(key: bytes, sealed: bytes, place: Place) -> bytes:
    """Open a seal; raises `SealError`."""
    nonce = sealed[1 : 1 + _NONCE_BYTES]
    if sealed[:1] != _FORMAT or len(nonce) != _NONCE_BYTES:
        raise SealError
    try:
        return AESGCM(key).decrypt(nonce, sealed[1 + _NONCE_BYTES :], place.associated_data)
    except InvalidTag:
        raise SealError from None
