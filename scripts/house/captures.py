"""What the vault kept, read back after Home Assistant has stopped."""

from __future__ import annotations

import io
import sqlite3
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import av
import numpy as np

from custom_components.earshot.vault import Vault

from .audio import Samples


@dataclass(frozen=True)
class Kept:
    """One turn as it was kept: the samples are exactly those that the recogniser got."""

    room_id: str
    started: float
    samples: Samples
    transcript: str
    record: dict[str, Any]


async def read_captures(config: Path) -> list[Kept]:
    """Open the vault of a stopped Home Assistant and return all that has audio, oldest first."""
    folder = config / ".cache" / "earshot"
    databases = [path for path in folder.glob("*.db") if _has_captures(path)]
    vault = await Vault.async_open(folder)
    try:
        kept = []
        for database in databases:
            for capture_id in _ids(database):
                capture = await vault.async_read(capture_id, vault.reading())
                if capture.audio is not None:
                    kept.append(
                        Kept(
                            capture.room_id,
                            capture.started.timestamp(),
                            _decode(capture.audio),
                            capture.transcript or "",
                            capture.record or {},
                        )
                    )
        return sorted(kept, key=lambda item: item.started)
    finally:
        await vault.async_close()


def _has_captures(path: Path) -> bool:
    query = "SELECT 1 FROM sqlite_master WHERE name = 'captures'"
    with sqlite3.connect(path) as connection:
        return connection.execute(query).fetchone() is not None


def _ids(path: Path) -> list[str]:
    with sqlite3.connect(path) as connection:
        return [row[0] for row in connection.execute("SELECT id FROM captures")]


def _decode(audio: bytes) -> Samples:
    with av.open(io.BytesIO(audio), mode="r") as file:
        frames = [frame.to_ndarray() for frame in file.decode(audio=0)]
    samples: Samples = np.concatenate(frames, axis=1)[0].astype(np.int16)
    return samples
