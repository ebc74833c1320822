"""Collects what the rooms heard, and lets one of them answer."""

import asyncio
import logging
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant, callback
from homeassistant.util.hass_dict import HassKey

from .const import DOMAIN, EntryKind
from .entries import entries_of
from .policy.arbitration import (
    WINDOW_S,
    Claim,
    choose,
    is_another_word,
    is_answered,
    must_wait,
    with_claim,
)
from .wire.turn import StandDown, Wake

if TYPE_CHECKING:
    from .room import Room

_LOGGER = logging.getLogger(__name__)

_FORGET_S: Final = 5.0
_MAX_AGE_MS: Final = 60_000


@dataclass(frozen=True)
class _Asked:
    room: Room
    wake: Wake
    arrived: float


@dataclass
class _Word:
    """One phrase: who claims it now, and who was answered last."""

    claims: tuple[Claim, ...] = ()
    asked: dict[str, _Asked] = field(default_factory=dict)
    winner: Claim | None = None
    timer: asyncio.TimerHandle | None = None


class Arbiter:
    """Stands between the wake words of all rooms and their turns."""

    def __init__(self, hass: HomeAssistant) -> None:
        self._hass = hass
        self._words: dict[str, _Word] = {}

    @callback
    def claim(self, room: Room, wake: Wake) -> None:
        """Take notice that a room heard a word: it is answered or stood down within the window."""
        now = self._hass.loop.time()
        phrase = wake.phrase.lower()
        self._forget(now)
        word = self._words.setdefault(phrase, _Word())
        claim = Claim(
            room=room.id, turn=wake.turn, snr_db=wake.snr_db, score=wake.score,
            heard=now - wake.age_ms / 1000,
        )  # fmt: skip
        if is_answered(claim, word.winner):
            _stand_down(room, wake)
            return
        if is_another_word(claim, word.claims):
            self._decide(word)
        word.claims = with_claim(word.claims, claim)
        word.asked[room.id] = _Asked(room, wake, now)
        if not must_wait(word.claims, self._rivals(phrase)):
            self._decide(word)
        elif word.timer is None:
            word.timer = self._hass.loop.call_later(WINDOW_S, self._decide, word)

    @callback
    def link_down(self, room: Room) -> None:
        """Leave a room out that cannot be answered any more."""
        for word in self._words.values():
            word.claims = tuple(it for it in word.claims if it.room != room.id)

    @callback
    def _decide(self, word: _Word) -> None:
        if word.timer is not None:
            word.timer.cancel()
        claims, asked = word.claims, word.asked
        word.claims, word.asked, word.timer = (), {}, None
        if not claims:
            return
        verdict = choose(claims)
        word.winner = verdict.winner
        for loser in verdict.losers:
            _stand_down(asked[loser.room].room, asked[loser.room].wake)
        if verdict.losers:
            _LOGGER.debug("One of %d rooms answers: %s", len(claims), verdict.reason)
        won = asked[verdict.winner.room]
        waited_ms = round((self._hass.loop.time() - won.arrived) * 1000)
        age_ms = min(won.wake.age_ms + waited_ms, _MAX_AGE_MS)
        won.room.answer(replace(won.wake, age_ms=age_ms))

    def _rivals(self, phrase: str) -> Iterator[str]:
        """Return the rooms that listen for a phrase now."""
        for entry in entries_of(self._hass, EntryKind.ROOM):
            if entry.state is ConfigEntryState.LOADED:
                room: Room = entry.runtime_data
                if room.listens_for(phrase):
                    yield room.id

    def _forget(self, now: float) -> None:
        self._words = {
            phrase: word
            for phrase, word in self._words.items()
            if word.claims or (word.winner is not None and now - word.winner.heard < _FORGET_S)
        }


DATA_ARBITER: HassKey[Arbiter] = HassKey(f"{DOMAIN}.arbiter")


def _stand_down(room: Room, wake: Wake) -> None:
    """Have a room forget the word: no turn, no event, no sound, nothing to keep."""
    room.link.send(StandDown(turn=wake.turn, reason="other_room"))
    room.answered_elsewhere()
