"""Listening in a room although nobody there woke it: whether it may be, and that it was."""

from typing import TYPE_CHECKING, Final

from homeassistant.exceptions import HomeAssistantError

from .audit import Actor, AuditError, Verb
from .const import DOMAIN
from .policy.listening import Why, unasked_refusal

if TYPE_CHECKING:
    from .room import Room

REASONS: Final = (
    "audit", "busy", "child", "forbidden", "link", "microphone", "muted", "not_after",
    "not_allowed", "not_local", "not_ready", "recorded", "speaker", "too_often",
)  # fmt: skip
"""Why not; each has a text."""


def unasked_error(room: str, reason: str) -> HomeAssistantError:
    """Return the error that tells why a room did not listen."""
    return HomeAssistantError(
        translation_domain=DOMAIN,
        translation_key=f"unasked_{reason}",
        translation_placeholders={"room": room},
    )


class RoomUnasked:
    """Asks the rules before one room is to listen unasked, and writes it down."""

    def __init__(self, room: Room) -> None:
        self._room = room

    def check(self, why: Why, word: str = "") -> None:
        """Raise `HomeAssistantError` when the room must not listen now, in the pipeline of a word.

        The satellite is asked as well: what its owner forbids, and how often, it decides itself.
        """
        if (reason := self._refusal(why, word)) is not None:
            raise unasked_error(self._room.name, reason)

    async def async_note(self, why: Why, actor: Actor) -> None:
        """Write it into the log, before it happens; raises `HomeAssistantError`."""
        verb = Verb.FOLLOWED_UP if why is Why.FOLLOW_UP else Verb.OPENED
        try:
            if self._room.guard.is_recorded:
                await self._room.guard.async_note_listening()
            await self._room.house.audit.async_write(verb, actor, self._room.id, detail=why.value)
        except AuditError as err:
            raise unasked_error(self._room.name, "audit") from err

    def _refusal(self, why: Why, word: str) -> str | None:
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
