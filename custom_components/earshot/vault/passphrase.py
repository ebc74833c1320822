"""Passphrases: six random words if one likes, and turned into keys slowly.

Argon2id (RFC 9106) with 64 MiB, three passes and four lanes; scrypt (RFC 7914) with N = 2^17, r = 8
and p = 1 where the OpenSSL beneath `cryptography` has no Argon2. Which one is kept with each slot.
"""

import json
import math
import secrets
import unicodedata
from dataclasses import dataclass
from typing import Final, Self

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from .crypto import KEY_BYTES, SealError

MIN_LENGTH: Final = 12
MAX_LENGTH: Final = 256
"""Characters of a passphrase."""

SALT_BYTES: Final = 16
WORDS: Final = 6

_CONSONANTS = "bdfgklmnprstvw"
_VOWELS = "aeiou"
_RUDE = frozenset({"dago", "mofo", "paki", "puta", "puto"})
_MAX_KIB = 1024 * 1024
"""No slot, however it came to be, makes a derivation take more than 1 GiB."""

WORD_LIST: Final[tuple[str, ...]] = tuple(
    word
    for first in _CONSONANTS
    for second in _VOWELS
    for third in _CONSONANTS
    for fourth in _VOWELS
    if (word := first + second + third + fourth) not in _RUDE
)
"""4,895 words of four letters that can be said and spelled: 12.2 bits each, 73.5 bits for six."""

ENTROPY_BITS: Final = WORDS * math.log2(len(WORD_LIST))


class PassphraseWeakError(ValueError):
    """A passphrase is shorter than `MIN_LENGTH` characters, or longer than `MAX_LENGTH`."""


@dataclass(frozen=True)
class Argon2Id:
    """Argon2id with these costs."""

    memory_kib: int = 64 * 1024
    passes: int = 3
    lanes: int = 4

    def derive(self, passphrase: bytes, salt: bytes) -> bytes:
        """Return the key; raises `UnsupportedAlgorithm` where there is no Argon2."""
        return Argon2id(
            salt=salt,
            length=KEY_BYTES,
            iterations=self.passes,
            lanes=self.lanes,
            memory_cost=self.memory_kib,
        ).derive(passphrase)


@dataclass(frozen=True)
class ScryptN:
    """Scrypt with this N, r = 8 and p = 1."""

    n: int = 2**17

    def derive(self, passphrase: bytes, salt: bytes) -> bytes:
        """Return the key."""
        return Scrypt(salt=salt, length=KEY_BYTES, n=self.n, r=8, p=1).derive(passphrase)


@dataclass(frozen=True)
class Derivation:
    """How the key of a slot is made of its passphrase."""

    kdf: Argon2Id | ScryptN
    salt: bytes

    @classmethod
    def new(cls) -> Self:
        """Return the best there is here, with a fresh salt."""
        salt = secrets.token_bytes(SALT_BYTES)
        try:
            Argon2Id(memory_kib=32, passes=1, lanes=1).derive(b"", salt)
        except UnsupportedAlgorithm:
            return cls(ScryptN(), salt)
        return cls(Argon2Id(), salt)

    @classmethod
    def from_stored(cls, text: str, salt: bytes) -> Self:
        """Return what `stored` told of; raises `SealError` when it is none of ours."""
        try:
            match json.loads(text):
                case {"argon2id": [int(memory), int(passes), int(lanes)]} if (
                    8 * lanes <= memory <= _MAX_KIB and 1 <= passes <= 16 and 1 <= lanes <= 16
                ):
                    return cls(Argon2Id(memory, passes, lanes), salt)
                case {"scrypt": int(n)} if n & (n - 1) == 0 and 2**14 <= n <= _MAX_KIB:
                    return cls(ScryptN(n), salt)
        except ValueError:
            pass
        raise SealError

    @property
    def stored(self) -> str:
        """Return name and parameters as they are kept; the salt is kept beside them."""
        match self.kdf:
            case Argon2Id(memory, passes, lanes):
                return json.dumps({"argon2id": [memory, passes, lanes]})
            case ScryptN(n):
                return json.dumps({"scrypt": n})

    def key(self, passphrase: str) -> bytes:
        """Return the key of a passphrase; takes its time and memory, so not in the event loop.

        Raises `SealError` where this system lacks what the slot was made with.
        """
        try:
            return self.kdf.derive(_plain(passphrase), self.salt)
        except UnsupportedAlgorithm, MemoryError:
            raise SealError from None


def offer() -> str:
    """Return six random words."""
    return " ".join(secrets.choice(WORD_LIST) for _ in range(WORDS))


def check(passphrase: str) -> None:
    """Raise `PassphraseWeakError` for one that cannot be chosen."""
    if not MIN_LENGTH <= len(" ".join(passphrase.split())) <= MAX_LENGTH:
        raise PassphraseWeakError(f"a passphrase has {MIN_LENGTH} to {MAX_LENGTH} characters")


def _plain(passphrase: str) -> bytes:
    """Return the bytes of it: however it was typed, spaced and composed, they are the same."""
    return " ".join(unicodedata.normalize("NFKC", passphrase).split()).encode("utf-8", "replace")
