"""Which rooms are sealed, and to which public key. It outlives "forget everything"."""

import json
from dataclasses import dataclass
from pathlib import Path

from . import files
from .errors import KeyLostError

SEALED_ROOMS = "sealed_rooms.json"

type SealedRooms = dict[str, RoomSeal]
"""By room id."""


@dataclass(frozen=True)
class RoomSeal:
    """A seal: what keys are wrapped to. Its private key is not the vault's business."""

    id: str
    public_key: bytes


def load(folder: Path) -> SealedRooms:
    """Return the sealed rooms.

    Raises `KeyLostError` when that cannot be read: a room that may be sealed keeps nothing.
    """
    try:
        raw = json.loads((folder / SEALED_ROOMS).read_text())
        return {room: RoomSeal(seal, bytes.fromhex(key)) for room, (seal, key) in raw.items()}
    except FileNotFoundError:
        return {}
    except (ValueError, TypeError, AttributeError) as error:
        raise KeyLostError("which rooms are sealed cannot be read") from error


def save(folder: Path, rooms: SealedRooms) -> None:
    """Store the sealed rooms, whole or not at all."""
    raw = {room: [seal.id, seal.public_key.hex()] for room, seal in rooms.items()}
    files.write(folder / SEALED_ROOMS, json.dumps(raw).encode())
