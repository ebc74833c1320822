"""Passphrases cost time to try, and offered ones cannot be guessed."""

import pytest
from cryptography.exceptions import UnsupportedAlgorithm

from custom_components.earshot.vault import passphrase
from custom_components.earshot.vault.crypto import SealError
from custom_components.earshot.vault.passphrase import Argon2Id, Derivation, ScryptN

SALT = bytes(range(16))


def test_argon2id_with_the_pinned_costs_and_these_are_kept() -> None:
    """SECURITY: 64 MiB, t=3, p=4."""
    made = Derivation.new()
    assert made.kdf == Argon2Id(memory_kib=65_536, passes=3, lanes=4)
    again = Derivation.from_stored(made.stored, made.salt)
    assert again == made
    assert Derivation.new().salt != made.salt
    assert len(made.key("some words here")) == 32


def test_scrypt_where_there_is_no_argon2(monkeypatch: pytest.MonkeyPatch) -> None:
    def unsupported(*_: object, **__: object) -> None:
        raise UnsupportedAlgorithm("not in this OpenSSL")

    monkeypatch.setattr(passphrase, "Argon2id", unsupported)
    made = Derivation.new()
    assert made.kdf == ScryptN(2**17)
    key = made.key("some words here")
    assert Derivation.from_stored(made.stored, made.salt).key("some words here") == key
    with pytest.raises(SealError):
        Derivation(Argon2Id(), SALT).key("some words here")


def test_the_vector_of_the_rfc() -> None:
    """RFC 7914, section 12, the third one: N = 16384, r = 8, p = 1."""
    key = ScryptN(2**14).derive(b"pleaseletmein", b"SodiumChloride")
    assert key.hex() == "7023bdcb3afd7348461c06cd81fd38ebfda8fbba904f8e3ea9b543f6545da1f2"


def test_how_it_is_typed_does_not_matter_but_what_does() -> None:
    made = Derivation(ScryptN(2**14), SALT)
    key = made.key("caf\u00e9 in the morning")
    assert made.key("  cafe\u0301  in the\tmorning ") == key
    assert made.key("cafe in the morning") != key
    assert Derivation(ScryptN(2**14), bytes(16)).key("caf\u00e9 in the morning") != key


@pytest.mark.parametrize(
    "stored",
    ["", "{", "[]", "null", '{"argon2id": [99999999, 3, 4]}', '{"argon2id": [65536, 0, 4]}',
     '{"argon2id": ["65536", 3, 4]}', '{"scrypt": 131073}', '{"scrypt": 1099511627776}',
     '{"scrypt": 2}', '{"md5": 1}'],
)  # fmt: skip
def test_a_slot_that_asks_for_what_it_must_not_is_none(stored: str) -> None:
    with pytest.raises(SealError):
        Derivation.from_stored(stored, SALT)


@pytest.mark.parametrize("bad", ["", "short", " " * 40, "a b c d e f"[:11], "x" * 257])
def test_a_weak_one_is_not_taken(bad: str) -> None:
    with pytest.raises(passphrase.PassphraseWeakError):
        passphrase.check(bad)


def test_six_words_are_offered_that_nobody_guesses() -> None:
    offers = {passphrase.offer() for _ in range(200)}
    assert len(offers) == 200
    assert all(set(each.split()) <= set(passphrase.WORD_LIST) for each in offers)
    assert all(len(each.split()) == 6 for each in offers)
    for each in offers:
        passphrase.check(each)
    assert len(set(passphrase.WORD_LIST)) == len(passphrase.WORD_LIST) >= 2048
    assert 73 < passphrase.ENTROPY_BITS < 74
