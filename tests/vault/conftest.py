"""A vault in a folder of its own, and things to put into it."""

import math
import struct
from datetime import UTC, datetime

import pytest

from custom_components.earshot.policy.clock import Moment, Reading
from custom_components.earshot.policy.retention import Ceiling, Outcome, Rule, Verdict
from custom_components.earshot.vault import NewCapture, Selection, Vault

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
WORDS = "turn on the PLANTED-WORD lamp"
KITCHEN = Selection(rooms=frozenset({"kitchen"}))


def at(wall: datetime, boot_id: str = "", boottime: float = 0.0) -> Reading:
    """Return the reading of a clock that is believed."""
    return Reading.believed(Moment(wall, boot_id, boottime))


def tone(seconds: float = 1.0) -> bytes:
    """Return a tone as PCM; its middle is a marker to search for."""
    count = int(16_000 * seconds)
    return struct.pack(f"<{count}h", *(int(9_000 * math.sin(at / 7)) for at in range(count)))


def verdict(audio: int | None = 3_600, transcript: int | None = 7_200) -> Verdict:
    """Return a verdict with these ceilings in seconds."""
    return Verdict(Ceiling(audio, Rule.ROOM), Ceiling(transcript, Rule.HOUSE))


def capture(room_id: str = "kitchen", *, at: datetime = NOW, **given) -> NewCapture:
    """Return a turn that was heard."""
    return NewCapture(
        **{
            "room_id": room_id,
            "started": at,
            "outcome": Outcome.UNDERSTOOD,
            "pcm": tone(),
            "transcript": WORDS,
            "record": {"intent": "HassTurnOn", "targets": ["PLANTED-TARGET"]},
        }
        | given
    )


def contents(folder):
    """Return everything below a folder: {path: bytes}."""
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture
def folder(tmp_path):
    """Return where the vault is; not made yet."""
    return tmp_path / ".cache" / "earshot"


@pytest.fixture
async def vault(folder):
    """Return an open, empty vault."""
    opened = await Vault.async_open(folder)
    yield opened
    await opened.async_close()
