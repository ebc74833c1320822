"""Sealed rooms: keys wrapped to a public key, so that who wraps them cannot open them.

HPKE (RFC 9180) in base mode with DHKEM(X25519, HKDF-SHA256), HKDF-SHA256 and AES-256-GCM. What the
wrapped key belongs to goes in as HPKE's `info`, from which the key schedule is made.
"""

from dataclasses import dataclass, field

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

from .crypto import SealError

FINGERPRINT_BYTES = 12

_FORMAT = b"\x01"
_INFO = b"earshot/1/sealed-room"
_SUITE = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)


@dataclass(frozen=True)
class KeyPair:
    """What a seal is made of: 32 bytes each."""

    public: bytes
    private: bytes = field(repr=False)


def new_pair() -> KeyPair:
    """Return the keys of a new seal."""
    private = X25519PrivateKey.generate()
    return KeyPair(private.public_key().public_bytes_raw(), private.private_bytes_raw())


def public_of(private_key: bytes) -> bytes:
    """Return the public key of a private one."""
    return X25519PrivateKey.from_private_bytes(private_key).public_key().public_bytes_raw()


def wrap(public_key: bytes, key: bytes, aad: bytes) -> bytes:
    """Wrap a key so that only the private key opens it: format byte, 32 bytes, ciphertext, tag.

    Raises `SealError` when the public key is none.
    """
    try:
        return _FORMAT + _SUITE.encrypt(
            key, X25519PublicKey.from_public_bytes(public_key), _of(aad)
        )
    except ValueError:
        raise SealError from None


def unwrap(private_key: bytes, wrapped: bytes, aad: bytes) -> bytes:
    """Open what `wrap` made; raises `SealError`."""
    if wrapped[:1] != _FORMAT:
        raise SealError
    try:
        private = X25519PrivateKey.from_private_bytes(private_key)
        return _SUITE.decrypt(wrapped[1:], private, _of(aad))
    except InvalidTag, ValueError:
        raise SealError from None


def fingerprint(wrapped: bytes) -> bytes:
    """Return bytes of the one-time public key: random, tell nothing, can be found on a disk."""
    return wrapped[1 : 1 + FINGERPRINT_BYTES]


def _of(aad: bytes) -> bytes:
    return _INFO + len(aad).to_bytes(4, "big") + aad
