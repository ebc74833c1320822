"""A seal opens in its own place, with its own key, unaltered, or not at all."""

from dataclasses import replace

import pytest

from custom_components.earshot.vault.crypto import (
    Place,
    Purpose,
    SealError,
    new_key,
    seal,
    subkey,
    unseal,
)

PLACE = Place(purpose=Purpose.TRANSCRIPT, capture_id="a" * 32, room_id="kitchen", key_id="b" * 16)


@pytest.mark.parametrize(
    "other",
    [
        replace(PLACE, purpose=Purpose.RECORD),
        replace(PLACE, capture_id="c" * 32),
        replace(PLACE, room_id="bedroom"),
        replace(PLACE, key_id="d" * 16),
        # The same letters in a row, divided in another way.
        replace(PLACE, capture_id="a" * 31, room_id="akitchen"),
    ],
)
def test_no_seal_opens_in_the_place_of_another(other):
    key = new_key()
    sealed = seal(key, b"words", PLACE)
    assert unseal(key, sealed, PLACE) == b"words"
    with pytest.raises(SealError):
        unseal(key, sealed, other)


def test_a_seal_that_was_altered_anywhere_does_not_open():
    key = new_key()
    sealed = seal(key, b"words", PLACE)
    for at in range(len(sealed)):
        with pytest.raises(SealError):
            unseal(key, sealed[:at] + bytes([sealed[at] ^ 1]) + sealed[at + 1 :], PLACE)
        with pytest.raises(SealError):
            unseal(key, sealed[:at], PLACE)


def test_another_key_does_not_open_it():
    with pytest.raises(SealError):
        unseal(new_key(), seal(new_key(), b"words", PLACE), PLACE)


def test_no_two_seals_share_a_nonce():
    key = new_key()
    assert len({seal(key, b"words", PLACE)[1:13] for _ in range(500)}) == 500


def test_subkeys_are_those_of_rfc_5869():
    """HKDF-SHA256 with no salt, worked out here by hand from HMAC."""
    import hashlib
    import hmac

    house_key = bytes(range(32))
    extracted = hmac.digest(bytes(32), house_key, hashlib.sha256)
    expected = hmac.digest(extracted, b"earshot/1/wrap\x01", hashlib.sha256)
    assert subkey(house_key, "wrap") == expected
    assert subkey(house_key, "audit") != expected
