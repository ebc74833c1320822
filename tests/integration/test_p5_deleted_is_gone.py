"""P5: deleted is gone, and you can check.

A thief copies ciphertext, wrapped keys and the house key before the deletion, and searches the disk
and the backups after it. What he could still find with an unsafe database shows that he looks well.
"""

import asyncio
import contextlib
import sqlite3
import tarfile
import tempfile
from collections.abc import AsyncGenerator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from custom_components.earshot.audit import Actor
from custom_components.earshot.house import DATA_HOUSE
from custom_components.earshot.traces import Certificate, Verdict
from custom_components.earshot.vault import Selection, crypto
from custom_components.earshot.vault.crypto import Place, Purpose, SealError

from .fake_satellite import FakeSatellite
from .fake_speech import FakeSpeech
from .real_home import RealHome
from .test_turn import FIRST

WORDS = "paint the zanzibar green"
"""No agent understands it, so that Home Assistant keeps it in memory only."""

PCM = b"\x11\x22Earshot hears this\x33\x44" * 2000


@pytest.fixture
def home(socket_enabled: None) -> None:
    """Do without the Home Assistant of the other tests."""


@pytest.fixture
def expected_lingering_timers() -> bool:
    """Home Assistant does not unload entries when it stops."""
    return True


@pytest.fixture(params=["as it is", "secure_delete off", "no checkpoint"])
def weakness(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str | None:
    """Take a protection away from the vault's databases, or none."""
    connect = sqlite3.connect

    class Weak(sqlite3.Connection):
        def execute(self, sql: str, *args: Any) -> sqlite3.Cursor:
            if request.param == "secure_delete off" and "secure_delete" in sql:
                sql = "PRAGMA secure_delete = OFF"
            if request.param == "no checkpoint" and "wal_checkpoint" in sql:
                sql = "SELECT 0, 0, 0"
            return super().execute(sql, *args)

    def weakly(database: Any, *args: Any, **values: Any) -> sqlite3.Connection:
        if ".cache/earshot" in str(database):
            values["factory"] = Weak
        return connect(database, *args, **values)

    if request.param == "as it is":
        return None
    monkeypatch.setattr(sqlite3, "connect", weakly)
    return request.param


@pytest.fixture
async def real(  # noqa: PLR0917 - fixtures
    tmp_path: Path,
    satellite: FakeSatellite,
    speech: FakeSpeech,
    home: None,
    weakness: str | None,
    monkeypatch: pytest.MonkeyPatch,
) -> AsyncGenerator[RealHome]:
    """Have a whole Home Assistant, with a room that keeps what it hears."""
    (tmp_path / "tmp").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "tmp"))
    async with RealHome(tmp_path, satellite, speech, log="warning") as home_assistant:
        yield home_assistant


@dataclass
class Loot:
    """What was copied from the vault while the capture was there."""

    capture_id: str
    room_id: str
    house_key: bytes
    keys: dict[Purpose, bytes]
    sealed: dict[Purpose, bytes]

    @property
    def key_id(self) -> str:
        return self.house_key[1:9].hex()

    @property
    def wrapping(self) -> bytes:
        return crypto.subkey(self.house_key[9:], "wrap")

    def place(self, purpose: Purpose) -> Place:
        return Place(
            purpose=purpose, capture_id=self.capture_id, room_id=self.room_id, key_id=self.key_id
        )

    def marks(self) -> dict[str, bytes]:
        """Return what to look for on the disk."""
        return (
            {"words": WORDS.encode(), "sound": PCM[:24]}
            | {f"{purpose} key": raw for purpose, raw in self.keys.items()}
            | {f"sealed {purpose}": raw[:64] for purpose, raw in self.sealed.items()}
        )

    def opened(self, wrapped: bytes) -> bytes:
        """Open the transcript with a wrapped key."""
        key = crypto.unseal(self.wrapping, wrapped, self.place(Purpose.WORDS_KEY))
        return crypto.unseal(key, self.sealed[Purpose.TRANSCRIPT], self.place(Purpose.TRANSCRIPT))


def steal(vault: Path) -> Loot:
    """Copy everything of the one capture that is there."""
    with contextlib.closing(sqlite3.connect(vault / "records.db")) as records:
        ((capture_id, room_id, transcript, record, peaks),) = records.execute(
            "SELECT id, room, transcript, record, peaks FROM captures JOIN sealed USING (number)"
        ).fetchall()
    with contextlib.closing(sqlite3.connect(vault / "keys.db")) as keys:
        rows = keys.execute("SELECT purpose, wrapped FROM keys WHERE capture = ?", (capture_id,))
        wrapped = {Purpose(purpose): raw for purpose, raw in rows}
    sealed = {
        Purpose.AUDIO: (vault / "audio" / capture_id).read_bytes(),
        Purpose.TRANSCRIPT: transcript,
        Purpose.RECORD: record,
        Purpose.PEAKS: peaks,
    }
    return Loot(
        capture_id=capture_id,
        room_id=room_id,
        house_key=(vault / "house.key").read_bytes(),
        keys=wrapped,
        sealed={purpose: raw for purpose, raw in sealed.items() if raw},
    )


def contents(folder: Path) -> Iterator[tuple[str, bytes]]:
    """Yield every file below a folder; of a backup, every file in it, and in what it holds."""
    for path in sorted(folder.rglob("*")):
        if not path.is_file() or path.is_symlink():
            continue
        name = str(path.relative_to(folder))
        raw = path.read_bytes()
        yield name, raw
        if tarfile.is_tarfile(path):
            yield from ((f"{name}:{inner}", part) for inner, part in unpacked(path))


def unpacked(path: Path) -> Iterator[tuple[str, bytes]]:
    with tempfile.TemporaryDirectory() as target, tarfile.open(path) as archive:
        archive.extractall(target, filter="data")
        yield from contents(Path(target))


def found(folder: Path, marks: dict[str, bytes]) -> set[tuple[str, str]]:
    """Return where which mark is, by content and by name."""
    return {
        (label, name)
        for name, raw in contents(folder)
        for label, mark in marks.items()
        if mark in raw or mark in name.encode()
    }


def opens_with_anything(loot: Loot, folder: Path) -> bool:
    """Try each piece of the disk as the wrapped key."""
    size = len(loot.keys[Purpose.WORDS_KEY])
    for _, raw in contents(folder):
        at = raw.find(b"\x01")
        while at >= 0:
            with contextlib.suppress(SealError):
                loot.opened(raw[at : at + size])
                return True
            at = raw.find(b"\x01", at + 1)
    return False


async def forget_everything(real: RealHome) -> Certificate:
    house = real.hass.data[DATA_HOUSE]
    return await house.async_delete(Selection(), Actor(name="system"))


async def test_p5_deleted_is_gone(
    real: RealHome, satellite: FakeSatellite, speech: FakeSpeech, weakness: str | None
) -> None:
    vault = real.config / ".cache" / "earshot"
    speech.text = WORDS
    await real.say(FIRST, PCM)
    await real.until(lambda: real.state("sensor.kitchen_captures_kept") == "1")
    loot = await asyncio.to_thread(steal, vault)
    assert loot.opened(loot.keys[Purpose.WORDS_KEY]) == WORDS.encode()
    assert await asyncio.to_thread(opens_with_anything, loot, vault)
    assert await asyncio.to_thread(found, real.config, loot.marks())
    await real.call("backup.create")

    certificate = await forget_everything(real)
    await real.call("backup.create")

    assert len(list((real.config / "backups").glob("*.tar"))) == 2
    left = await asyncio.to_thread(found, real.config, loot.marks())
    opened = await asyncio.to_thread(opens_with_anything, loot, real.config)
    if weakness is not None:
        assert left
        assert opened
        assert certificate.report.verdict is Verdict.FOUND
        return
    assert left == set()
    assert not opened
    assert certificate.captures == 1
    # Of what it just heard, Home Assistant itself remembers the words.
    assert certificate.report.verdict is Verdict.COPIES

    await real.restart()
    assert await asyncio.to_thread(found, real.config, loot.marks()) == set()
    assert not await asyncio.to_thread(opens_with_anything, loot, real.config)
