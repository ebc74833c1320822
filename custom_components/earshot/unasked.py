"""Listening in a room although nobody there woke it: whether it may be, and that it was."""

import time
from typing import TYPE_CHECKING, Final

from homeassistant.core import HomeAssistant, callback
from homeassistant.exceptions import HomeAssistantError

from .audit import Actor, AuditError, Verb
from .const import DOMAIN
from .logged import ToLog, log_soon
from .policy.allowance import Allowance
from .policy.listening import Why, unasked_refusal

if TYPE_CHECKING:
    from .room import Room

REASONS: Final = (
    "audit", "busy", "child", "forbidden", "link", "microphone", "muted", "not_after",
    "not_allowed", "not_local", "not_ready", "recorded", "speaker", "too_often",
)  # fmt: skip
"""Why not; each has a text."""

AT_ONCE: Final = 20
EACH_S: Final = 180.0
"""Twenty an hour, as the satellite itself: so this is felt only where that refuses."""


def unasked_error(room: str, reason: str) -> HomeAssistantError:
    """Return the error that tells why a room did not listen."""
    return HomeAssistantError(
        translation_domain=DOMAIN,
        translation_key=f"unasked_{reason}",
        translation_placeholders={"room": room},
    )


class RoomUnasked:
    """Asks the rules before one room is to listen unasked, and writes it down."""

    def __init__(self, hass: HomeAssistant, room: Room) -> None:
        self._hass = hass
        self._room = room
        self._openings = Allowance(at_once=AT_ONCE, each_s=EACH_S)

    def check(self, why: Why, word: str = "") -> None:
        """Raise `HomeAssistantError` when the room must not listen now, in the pipeline of a word.

        The satellite is asked as well: what its owner forbids, and how often, it decides itself.
        """
        if (reason := self.refusal(why, word)) is not None:
            raise unasked_error(self._room.name, reason)

    async def async_note(self, why: Why, actor: Actor, turn: str) -> None:
        """Write it into the log, before it happens; raises `HomeAssistantError`.

        What anybody could ask for more often than a satellite ever agrees is not asked for.
        """
        verb = Verb.FOLLOWED_UP
        if why is not Why.FOLLOW_UP:
            verb = Verb.OPENED
            if (left := self._openings.after_one(time.monotonic())) is None:
                raise unasked_error(self._room.name, "too_often")
            self._openings = left
        try:
            if self._room.guard.is_recorded:
                await self._room.guard.async_note_listening(turn)
            await self._room.house.audit.async_write(
                verb, actor, self._room.id, target=turn, detail=why.value
            )
        except AuditError as err:
            raise unasked_error(self._room.name, "audit") from err

    @callback
    def take_back(self, why: Why, turn: str, reason: str) -> None:
        """Have it written that nobody listened after all: the satellite refused."""
        if why is Why.FOLLOW_UP:
            return  # which never counted as listening
        line = ToLog(Verb.NOT_OPENED, Actor(name="satellite"), self._room.id, turn, reason)
        log_soon(self._hass, self._room.house, line)

    def refusal(self, why: Why, word: str) -> str | None:
        """Return why the room must not listen now, if so."""
        room = self._room
        if room.welcome is None or not room.link.is_up:
            return "link"
        if room.mute.is_on:
            return "muted"
        rules = room.house.rules.listening(room.id)
        refusal = unasked_refusal(
            why,
            rules,
            at_device=room.welcome.remote_listen,
            follow_up_at_device=room.welcome.follow_up,
        )
        return refusal or room.guard.ask(word)
