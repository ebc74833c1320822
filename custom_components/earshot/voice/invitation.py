"""Asking a satellite to listen although nobody woke its room: asked, written down, answered."""

import asyncio
import secrets
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from homeassistant.core import callback

from ..audit import Actor
from ..policy.listening import Why
from ..unasked import unasked_error
from ..wire.turn import Invite, Invited, TurnEnd
from .unasked import Unasked

if TYPE_CHECKING:
    from ..room import Room

INVITED_S: Final = 8.0
"""The satellite plays its tone first, which takes it 5 s at most."""


class Invitation:
    """The one invitation of a room that is not answered yet, if there is one.

    `begun` takes the turn that one led to: its audio comes from then on.
    """

    def __init__(self, room: Room, begun: Callable[[Unasked], None]) -> None:
        self._room = room
        self._begun = begun
        self._open: tuple[Unasked, asyncio.Future[str]] | None = None
        self._asking = False

    async def ask(
        self, why: Why, actor: Actor, *, answers: tuple[str, ...], after: str, word: str
    ) -> None:
        """Ask the satellite, and return when it listens; raises `HomeAssistantError`.

        The log has it before the satellite does. One at a time: another is refused meanwhile.
        """
        if self._asking:
            raise unasked_error(self._room.name, "busy")
        self._asking = True
        try:
            await self._ask(why, actor, answers, after, word)
        finally:
            self._asking = False

    async def _ask(
        self, why: Why, actor: Actor, answers: tuple[str, ...], after: str, word: str
    ) -> None:
        turn = secrets.token_hex(8)
        await self._room.unasked.async_note(why, actor, turn)
        if (refusal := self._room.unasked.refusal(why, word)) is not None:
            # The log took its time, and the room was muted meanwhile.
            self._room.unasked.take_back(why, turn, refusal)
            raise unasked_error(self._room.name, refusal)
        answer: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self._open = (Unasked(turn=turn, why=why, answers=answers, word=word), answer)
        try:
            if not self._room.link.send(Invite(turn=turn, why=why.value, after=after)):
                self._room.unasked.take_back(why, turn, "link")
                raise unasked_error(self._room.name, "link")
            async with asyncio.timeout(INVITED_S):
                result = await answer
        except TimeoutError:
            self._room.link.send(TurnEnd(turn=turn, outcome="cancelled"))
            result = "link"
        finally:
            self._open = None
        if result != "begun":
            if result != "link":
                self._room.unasked.take_back(why, turn, result)
            raise unasked_error(self._room.name, result)

    @callback
    def answered(self, message: Invited) -> None:
        """Take what the satellite says; one that nobody waits for any more does not listen."""
        if self._open is None or message.turn != self._open[0].turn:
            if message.result == "begun":
                self._room.link.send(TurnEnd(turn=message.turn, outcome="cancelled"))
            return
        unasked, answer = self._open
        if answer.done():
            return
        answer.set_result(message.result)
        if message.result == "begun":
            self._begun(unasked)

    @callback
    def link_down(self) -> None:
        """Give up: no answer comes."""
        if self._open is not None and not self._open[1].done():
            self._open[1].set_result("link")
