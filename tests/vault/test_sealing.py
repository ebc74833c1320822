"""Keys wrapped to a sealed room are HPKE, bound to their place, and opened by one key only."""

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.hmac import HMAC

from custom_components.earshot.vault import sealing
from custom_components.earshot.vault.crypto import SealError

KEY = bytes(range(32))


def expand(secret: bytes, info: bytes, length: int) -> bytes:
    """HKDF-Expand with SHA-256 (RFC 5869), at most one block."""
    assert length <= 32
    return keyed(secret, info + b"\x01")[:length]


def keyed(key: bytes, data: bytes) -> bytes:
    mac = HMAC(key, SHA256())
    mac.update(data)
    return mac.finalize()


def opened(private: bytes, enc: bytes, ciphertext: bytes, info: bytes, *, aad: bytes, aead: int):
    """Open a base-mode message as RFC 9180 tells, out of primitives: the library must agree."""
    key_bytes = {1: 16, 2: 32}[aead]
    kem_suite = b"KEM" + (0x20).to_bytes(2, "big")
    suite = b"HPKE" + b"".join(it.to_bytes(2, "big") for it in (0x20, 1, aead))

    def extract(salt: bytes, label: bytes, ikm: bytes, suite: bytes) -> bytes:
        return keyed(salt or bytes(32), b"HPKE-v1" + suite + label + ikm)

    def labeled(prk: bytes, label: bytes, info: bytes, length: int, suite: bytes) -> bytes:
        return expand(prk, length.to_bytes(2, "big") + b"HPKE-v1" + suite + label + info, length)

    secret_key = X25519PrivateKey.from_private_bytes(private)
    shared = secret_key.exchange(X25519PublicKey.from_public_bytes(enc))
    context = enc + secret_key.public_key().public_bytes_raw()
    prk = extract(b"", b"eae_prk", shared, kem_suite)
    secret = labeled(prk, b"shared_secret", context, 32, kem_suite)
    schedule = (
        b"\x00" + extract(b"", b"psk_id_hash", b"", suite) + extract(b"", b"info_hash", info, suite)
    )
    prk = extract(secret, b"secret", b"", suite)
    key = labeled(prk, b"key", schedule, key_bytes, suite)
    nonce = labeled(prk, b"base_nonce", schedule, 12, suite)
    return AESGCM(key).decrypt(nonce, ciphertext, aad)


def test_the_reference_above_opens_the_first_vector_of_the_rfc() -> None:
    """RFC 9180, A.1.1.1, sequence number 0; its AEAD is AES-128-GCM."""
    plain = opened(
        bytes.fromhex("4612c550263fc8ad58375df3f557aac531d26850903e55a9f23f21d8534e8ac8"),
        bytes.fromhex("37fda3567bdbd628e88668c3c8d7e97d1d1253b6d4ea6d44c150f741f1bf4431"),
        bytes.fromhex(
            "f938558b5d72f1a23810b4be2ab4f84331acc02fc97babc53a52ae8218a355a9"
            "6d8770ac83d07bea87e13c512a"
        ),
        bytes.fromhex("4f6465206f6e2061204772656369616e2055726e"),
        aad=bytes.fromhex("436f756e742d30"),
        aead=1,
    )
    assert plain == bytes.fromhex("4265617574792069732074727574682c20747275746820626561757479")


def test_what_is_wrapped_is_hpke_with_aes_256_gcm() -> None:
    """The reference, which knows nothing of the library, opens what we wrap."""
    pair = sealing.new_pair()
    wrapped = sealing.wrap(pair.public, KEY, b"place")
    info = b"earshot/1/sealed-room" + b"\0\0\0\x05place"
    assert opened(pair.private, wrapped[1:33], wrapped[33:], info, aad=b"", aead=2) == KEY


def test_it_comes_back_for_the_private_key_only() -> None:
    pair, other = sealing.new_pair(), sealing.new_pair()
    wrapped = sealing.wrap(pair.public, KEY, b"place")
    assert sealing.unwrap(pair.private, wrapped, b"place") == KEY
    assert sealing.public_of(pair.private) == pair.public
    with pytest.raises(SealError):
        sealing.unwrap(other.private, wrapped, b"place")
    with pytest.raises(SealError):
        sealing.unwrap(pair.public, wrapped, b"place")


def test_it_opens_in_its_own_place_only_and_not_when_damaged() -> None:
    pair = sealing.new_pair()
    wrapped = sealing.wrap(pair.public, KEY, b"kitchen")
    with pytest.raises(SealError):
        sealing.unwrap(pair.private, wrapped, b"bedroom")
    for at in range(len(wrapped)):
        damaged = bytearray(wrapped)
        damaged[at] ^= 1
        with pytest.raises(SealError):
            sealing.unwrap(pair.private, bytes(damaged), b"kitchen")
    for broken in (b"", wrapped[:1], wrapped[:20], wrapped[:40], wrapped + b"x"):
        with pytest.raises(SealError):
            sealing.unwrap(pair.private, broken, b"kitchen")


def test_two_wraps_of_one_key_have_nothing_in_common() -> None:
    pair = sealing.new_pair()
    one, two = (sealing.wrap(pair.public, KEY, b"place") for _ in range(2))
    assert KEY not in one
    assert one[1:] != two[1:]
    assert sealing.fingerprint(one) != sealing.fingerprint(two)
    assert sealing.fingerprint(one) in one


@pytest.mark.parametrize("public", [b"", b"short", bytes(32)])
def test_a_public_key_that_is_none_wraps_nothing(public: bytes) -> None:
    """The last one is of low order: everybody could open what is wrapped to it."""
    with pytest.raises(SealError):
        sealing.wrap(public, KEY, b"place")


def test_no_private_key_is_shown() -> None:
    pair = sealing.new_pair()
    assert pair.private.hex() not in repr(pair)
    assert repr(pair.private) not in repr(pair)
