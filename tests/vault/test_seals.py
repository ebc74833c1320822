"""Sealed rooms: one passphrase a person, no private key in clear anywhere, limited tries."""

import asyncio

import pytest

from custom_components.earshot.vault import sealing
from custom_components.earshot.vault.errors import StoreDamagedError, VaultClosedError
from custom_components.earshot.vault.passphrase import PassphraseWeakError
from custom_components.earshot.vault.seal_errors import (
    SealBusyError,
    SealDamagedError,
    SealExistsError,
    SealLastSlotError,
    SealUnknownError,
    SealWaitError,
    SealWrongError,
)
from custom_components.earshot.vault.seals import MAX_WAITING, Seals, remove

from .conftest import contents

ANN, BEN = "a" * 32, "b" * 32
WORDS = "bade fogu lami nore suti wako"
OTHER = "tomu riba pesa nuko gale dify"


class Clock:
    now = 1_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def seals(tmp_path, clock):
    opened = await Seals.async_open(tmp_path, clock)
    yield opened
    await opened.async_close()


async def sealed(seals: Seals, *rooms: str) -> str:
    return await seals.async_create(frozenset(rooms or {"kitchen"}), ANN, "Ann", WORDS)


async def test_a_passphrase_opens_what_was_sealed_also_after_a_restart(tmp_path, seals) -> None:
    seal_id = await sealed(seals)
    assert seals.seal_of("kitchen") == seal_id
    assert seals.seal_of("bedroom") is None
    wrapped = sealing.wrap(seals.public_key(seal_id), b"k" * 32, b"place")
    await seals.async_close()
    again = await Seals.async_open(tmp_path)
    assert again.seal_of("kitchen") == seal_id
    private = await again.async_unlock(seal_id, ANN, f" {WORDS.replace(' ', '  ')}")
    assert sealing.unwrap(private, wrapped, b"place") == b"k" * 32
    await again.async_close()


async def test_neither_passphrase_nor_private_key_is_on_the_disk(tmp_path, seals) -> None:
    seal_id = await sealed(seals)
    private = await seals.async_unlock(seal_id, ANN, WORDS)
    await seals.async_add_slot(seal_id, private, BEN, "Ben", OTHER)
    assert await seals.async_unlock(seal_id, BEN, OTHER) == private
    await seals.async_close()
    for content in contents(tmp_path).values():
        assert private not in content
        for word in (*WORDS.split(), *OTHER.split()):
            assert word.encode() not in content
    for shown in (repr(seals.get(seal_id)), repr(seals.all())):
        assert private.hex() not in shown


async def test_a_removed_passphrase_is_gone_from_the_disk(tmp_path, seals) -> None:
    seal_id = await sealed(seals)
    private = await seals.async_unlock(seal_id, ANN, WORDS)
    await seals.async_add_slot(seal_id, private, BEN, "Ben", OTHER)
    slot = seals.get(seal_id).slot_of(BEN)
    assert any(slot.wrapped in content for content in contents(tmp_path).values())
    await seals.async_remove_slot(seal_id, BEN)
    assert not any(slot.wrapped in content for content in contents(tmp_path).values())
    with pytest.raises(SealUnknownError):
        await seals.async_unlock(seal_id, BEN, OTHER)


async def test_a_changed_passphrase_replaces_the_old_one(seals) -> None:
    seal_id = await sealed(seals)
    private = await seals.async_unlock(seal_id, ANN, WORDS)
    await seals.async_add_slot(seal_id, private, ANN, "Ann", OTHER)
    with pytest.raises(SealWrongError):
        await seals.async_unlock(seal_id, ANN, WORDS)
    assert await seals.async_unlock(seal_id, ANN, OTHER) == private


async def test_five_tries_then_growing_waits(seals, clock) -> None:
    """Per person and seal; the right passphrase does not help before the wait is over."""
    seal_id = await sealed(seals)
    for _ in range(5):
        with pytest.raises(SealWrongError):
            await seals.async_unlock(seal_id, ANN, OTHER)
    with pytest.raises(SealWaitError) as told:
        await seals.async_unlock(seal_id, ANN, WORDS)
    assert told.value.seconds == 30
    clock.now += 30
    with pytest.raises(SealWrongError):
        await seals.async_unlock(seal_id, ANN, OTHER)
    clock.now += 59
    with pytest.raises(SealWaitError):
        await seals.async_unlock(seal_id, ANN, WORDS)
    clock.now += 1
    private = await seals.async_unlock(seal_id, ANN, WORDS)
    await seals.async_add_slot(seal_id, private, BEN, "Ben", OTHER)
    assert await seals.async_unlock(seal_id, BEN, OTHER) == private
    with pytest.raises(SealWrongError):
        await seals.async_unlock(seal_id, ANN, OTHER)


async def test_many_tries_at_once_are_no_way_around_the_limit(seals) -> None:
    """And they are bounded: each takes 64 MiB."""
    seal_id = await sealed(seals)
    tries = [seals.async_unlock(seal_id, ANN, f"{OTHER} {number}") for number in range(12)]
    outcomes = [type(it) for it in await asyncio.gather(*tries, return_exceptions=True)]
    assert set(outcomes) == {SealWrongError, SealBusyError}
    assert outcomes.count(SealWrongError) == MAX_WAITING
    with pytest.raises(SealWrongError):
        await seals.async_unlock(seal_id, ANN, OTHER)
    with pytest.raises(SealWaitError):
        await seals.async_unlock(seal_id, ANN, WORDS)


async def test_the_last_passphrase_goes_only_after_the_room_is_unsealed(seals) -> None:
    seal_id = await sealed(seals)
    with pytest.raises(SealLastSlotError):
        await seals.async_remove_slot(seal_id, ANN)
    private = await seals.async_unlock(seal_id, ANN, WORDS)
    await seals.async_unseal("kitchen")
    assert seals.seal_of("kitchen") is None
    assert await seals.async_unlock(seal_id, ANN, WORDS) == private
    await seals.async_remove_slot(seal_id, ANN)
    with pytest.raises(SealUnknownError):
        seals.public_key(seal_id)
    assert seals.all() == ()


async def test_a_room_has_one_seal_at_a_time_and_the_house_one_covers_the_rest(seals) -> None:
    own = await sealed(seals, "kitchen")
    house = await seals.async_create(None, BEN, "Ben", OTHER)
    assert (seals.seal_of("kitchen"), seals.seal_of("hall")) == (own, house)
    for again in (frozenset({"hall", "kitchen"}), None):
        with pytest.raises(SealExistsError):
            await seals.async_create(again, ANN, "Ann", WORDS)
    assert len(seals.all()) == 2
    await seals.async_unseal("kitchen")
    assert seals.seal_of("kitchen") == house
    await seals.async_unseal(None)
    assert seals.seal_of("kitchen") is None


async def test_a_slot_of_another_person_or_seal_opens_nothing(tmp_path, seals) -> None:
    """Rows moved in the database do not open in their new place."""
    kitchen = await sealed(seals, "kitchen")
    hall = await sealed(seals, "hall")
    connection = seals._tables._connection

    def swap() -> None:
        rows = dict(connection.execute("SELECT seal, wrapped FROM slots").fetchall())
        salts = dict(connection.execute("SELECT seal, salt FROM slots").fetchall())
        for one, two in ((kitchen, hall), (hall, kitchen)):
            connection.execute(
                "UPDATE slots SET wrapped = ?, salt = ? WHERE seal = ?",
                (rows[two], salts[two], one),
            )

    await seals._run(swap)
    await seals.async_unseal("nowhere")
    for seal_id in (kitchen, hall):
        with pytest.raises(SealWrongError):
            await seals.async_unlock(seal_id, ANN, WORDS)


async def test_an_exchanged_public_key_is_noticed_when_unlocking(seals) -> None:
    seal_id = await sealed(seals)
    public = sealing.new_pair().public
    connection = seals._tables._connection
    await seals._run(lambda: connection.execute("UPDATE seals SET public = ?", (public,)))
    await seals.async_unseal("nowhere")
    with pytest.raises(SealDamagedError):
        await seals.async_unlock(seal_id, ANN, WORDS)


async def test_what_must_not_be_taken_is_not(seals) -> None:
    for weak in ("", "short", "x" * 300):
        with pytest.raises(PassphraseWeakError):
            await seals.async_create(frozenset({"kitchen"}), ANN, "Ann", weak)
    for rooms in (frozenset(), frozenset({"../x"}), frozenset({"a b"})):
        with pytest.raises(ValueError, match="seal covers rooms"):
            await seals.async_create(rooms, ANN, "Ann", WORDS)
    with pytest.raises(ValueError, match="label"):
        await seals.async_create(frozenset({"kitchen"}), ANN, "A\nnn", WORDS)
    assert seals.all() == ()
    seal_id = await sealed(seals)
    with pytest.raises(SealWrongError):
        await seals.async_add_slot(seal_id, bytes(range(32)), BEN, "Ben", OTHER)
    with pytest.raises(SealUnknownError):
        await seals.async_unlock("nope", ANN, WORDS)


async def test_a_damaged_file_is_told_and_closed_seals_say_so(tmp_path, seals) -> None:
    await seals.async_close()
    with pytest.raises(VaultClosedError):
        await seals.async_unseal("kitchen")
    remove(tmp_path)
    assert not contents(tmp_path)
    (tmp_path / "seals.db").write_bytes(b"no database" * 1000)
    with pytest.raises(StoreDamagedError):
        await Seals.async_open(tmp_path)
