"""A sealed room keeps and does not play; a forgotten passphrase keeps nothing from going."""

import shutil
import sqlite3
from contextlib import closing
from datetime import timedelta

import pytest

from custom_components.earshot.vault import CaptureSealedError, Query, Vault
from custom_components.earshot.vault.errors import CaptureDamagedError
from custom_components.earshot.vault.seal_errors import SealWrongError
from custom_components.earshot.vault.sealing import new_pair
from custom_components.earshot.vault.seals import Seals

from .conftest import KITCHEN, NOW, WORDS, at, capture, contents, verdict

ANN = "a" * 32
PASSPHRASE = "bade fogu lami nore suti wako"


@pytest.fixture
async def seals(folder, vault):
    opened = await Seals.async_open(folder)
    yield opened
    await opened.async_close()


async def seal(vault: Vault, seals: Seals) -> str:
    seal_id = await seals.async_create(frozenset({"kitchen"}), ANN, "Ann", PASSPHRASE)
    assert await vault.async_seal_room("kitchen", seal_id, seals.public_key(seal_id))
    return seal_id


async def keep(vault: Vault, room_id: str = "kitchen", **given) -> str:
    capture_id = await vault.async_keep(capture(room_id, **given), verdict())
    assert capture_id is not None
    return capture_id


async def test_what_was_kept_before_and_after_opens_with_the_passphrase_only(vault, seals) -> None:
    before, hall = await keep(vault), await keep(vault, "hall")
    seal_id = await seal(vault, seals)
    after = await keep(vault)
    for capture_id in (before, after):
        with pytest.raises(CaptureSealedError):
            await vault.async_read(capture_id, at(NOW))
        with pytest.raises(CaptureDamagedError):
            await vault.async_read(capture_id, at(NOW), {seal_id: new_pair().private})
    private = {seal_id: await seals.async_unlock(seal_id, ANN, PASSPHRASE)}
    for capture_id in (before, after):
        found = await vault.async_read(capture_id, at(NOW), private)
        assert (found.transcript, bool(found.audio)) == (WORDS, True)
    assert (await vault.async_read(hall, at(NOW))).transcript == WORDS


async def test_times_and_outcomes_stay_visible_and_words_do_not(vault, seals) -> None:
    """What a sealed room does not hide is said in docs/privacy.md."""
    await keep(vault)
    await seal(vault, seals)
    await keep(vault)
    page = await vault.async_page(Query(rooms=frozenset({"kitchen"})), at(NOW))
    assert [(it.sealed, it.started, it.transcript, it.record) for it in page.items] == [
        (True, NOW, None, None)
    ] * 2
    assert await vault.async_words(KITCHEN) == ()
    found = await vault.async_page(Query(rooms=frozenset({"kitchen"}), text="lamp"), at(NOW))
    assert found.items == ()


async def test_a_stolen_copy_of_everything_opens_nothing(vault, seals, folder, tmp_path) -> None:
    """House key, databases and blobs: a stolen card, a curious administrator."""
    before = await keep(vault)
    with closing(sqlite3.connect(folder / "keys.db")) as connection:
        old = [bytes(it) for (it,) in connection.execute("SELECT wrapped FROM keys")]
    assert old
    await seal(vault, seals)
    after = await keep(vault)
    for path, content in contents(folder).items():
        assert not any(it in content for it in old), path.name
    copy = tmp_path / "stolen"
    shutil.copytree(folder, copy)
    thief = await Vault.async_open(copy)
    for capture_id in (before, after):
        with pytest.raises(CaptureSealedError):
            await thief.async_read(capture_id, at(NOW))
    await thief.async_close()


async def test_with_a_forgotten_passphrase_nothing_opens_and_everything_still_goes(
    vault, seals
) -> None:
    await keep(vault)
    seal_id = await seal(vault, seals)
    await keep(vault)
    with pytest.raises(SealWrongError):
        await seals.async_unlock(seal_id, ANN, "is it this one perhaps")
    assert (await vault.async_purge(at(NOW + timedelta(seconds=3_601)), {})).audio == 2
    report = await vault.async_purge(at(NOW + timedelta(seconds=7_201)), {})
    assert (report.transcripts, report.captures) == (2, 2)
    kept = await keep(vault, at=NOW)
    deletion = await vault.async_delete(KITCHEN)
    assert deletion.report.captures == 1
    assert await vault.async_find(kept) is None


async def test_unsealing_counts_for_what_is_said_from_then_on(vault, seals) -> None:
    seal_id = await seal(vault, seals)
    sealed = await keep(vault)
    await vault.async_open_room("kitchen")
    await seals.async_unseal("kitchen")
    later = await keep(vault)
    assert (await vault.async_read(later, at(NOW))).transcript == WORDS
    with pytest.raises(CaptureSealedError):
        await vault.async_read(sealed, at(NOW))
    private = {seal_id: await seals.async_unlock(seal_id, ANN, PASSPHRASE)}
    assert (await vault.async_read(sealed, at(NOW), private)).transcript == WORDS
