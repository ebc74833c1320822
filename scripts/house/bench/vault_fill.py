"""Fill a vault with captures, fast: `python -m house.bench.vault_fill FOLDER COUNT`.

Every capture goes the way of a real one; only the disk's own confirmation of each is not waited
for, and the sound is short, so that a hundred thousand take minutes and not hours.
"""

from __future__ import annotations

import os
import random
import sys
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final
from unittest.mock import patch

from custom_components.earshot.policy.clock import Moment
from custom_components.earshot.policy.retention import Ceiling, Outcome, Rule, Verdict
from custom_components.earshot.vault import NewCapture, codec, database
from custom_components.earshot.vault.store import Store

ROOMS: Final = [f"room{number}" for number in range(10)]
AUDIENCE: Final = frozenset({"0" * 32, "1" * 32})
DAYS: Final = 30
KEPT: Final = Verdict(Ceiling(None, Rule.HOUSE), Ceiling(None, Rule.HOUSE))

_OUTCOMES = [*[Outcome.UNDERSTOOD] * 7, *[Outcome.NOT_UNDERSTOOD] * 2, Outcome.FALSE_WAKE]
_VERBS = ["turn on", "turn off", "dim", "open", "close", "start", "stop", "what about", "tell me"]
_PLACES = ["kitchen", "hall", "bedroom", "study", "garage", "garden", "attic", "cellar", "porch"]
_THINGS = ["light", "lamp", "heating", "blind", "radio", "fan", "oven", "door", "timer", "music"]
_RARE = [f"{first}{second}" for first in ("ba", "do", "ki", "lu") for second in range(2_500)]


def capture(
    chance: random.Random,
    started: datetime,
    pcm: bytes | None = None,
    *,
    rooms: Sequence[str] = ROOMS,
    audience: frozenset[str] = AUDIENCE,
) -> NewCapture:
    """Return a turn as an ordinary house has it; one word in it is rare."""
    place, thing = chance.choice(_PLACES), chance.choice(_THINGS)
    words = f"{chance.choice(_VERBS)} the {place} {thing} {chance.choice(_RARE)}"
    stages = {name: chance.randrange(4_000) for name in ("granted", "audio", "heard", "answered")}
    return NewCapture(
        room_id=chance.choice(rooms),
        started=started,
        moment=Moment(started),
        outcome=chance.choice(_OUTCOMES),
        audience=audience,
        pcm=chance.randbytes(640) if pcm is None else pcm,
        transcript=words,
        record={
            "wake_word": "hey_jarvis",
            "score": 0.93,
            "stages": stages,
            "response": {"speech": {"plain": {"speech": f"Turned on the {place} {thing}"}}},
        },
    )


def fill(
    folder: Path,
    count: int,
    now: datetime,
    *,
    rooms: Sequence[str] = ROOMS,
    audience: frozenset[str] = AUDIENCE,
    held: timedelta = timedelta(days=DAYS),
) -> None:
    """Keep so many captures, evenly over the last days or another time."""
    with (
        patch.object(os, "fsync"),
        patch.object(codec, "encode", lambda pcm: pcm),
        patch.object(database, "SYNCHRONOUS", "OFF"),
    ):
        store = Store.open(folder)
        chance = random.Random(count)  # noqa: S311 - the same captures each time
        for number in range(count):
            started = now - held * (count - number) / count
            store.keep(capture(chance, started, rooms=rooms, audience=audience), KEPT)
        store.close()


def main(words: Sequence[str]) -> None:
    """Fill the folder."""
    fill(Path(words[0]), int(words[1]), datetime.now(UTC))


if __name__ == "__main__":
    main(sys.argv[1:])
