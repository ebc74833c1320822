"""The witness of one room: its satellite, which remembers where the log stood."""

import asyncio
import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Final

from homeassistant.core import callback

from .vault.audit.replay import Tip
from .wire.message import Message
from .wire.witness import MAX_CHAINS, AskWitness, Witness, WitnessHeads

ANSWER_S: Final = 15.0
"""All that a satellite remembers is at most 400 kB."""


@dataclass(frozen=True)
class Remembered:
    """What a satellite remembers, as it came."""

    messages: tuple[WitnessHeads, ...] = field(repr=False)

    def __iter__(self) -> Iterator[tuple[str, int, bytes]]:
        """Return chain, number and head of each line."""
        for message in self.messages:
            for seq, head in message.unpacked():
                yield message.chain, seq, head


@dataclass(frozen=True)
class _Answer:
    done: asyncio.Future[Remembered]
    messages: list[WitnessHeads] = field(default_factory=list)


class RoomWitness:
    """Tells a satellite where the log stands, and asks what it remembers."""

    def __init__(self, send: Callable[[Message], bool]) -> None:
        self._send = send
        self._answers: dict[str, _Answer] = {}

    @callback
    def tell(self, tip: Tip) -> None:
        """Have it remember where the log stands; nothing if the log is empty or it is not there."""
        if tip.seq:
            self._send(Witness(chain=tip.chain, seq=tip.seq, head=tip.head.hex()))

    async def async_ask(self) -> Remembered | None:
        """Return what it remembers; None when it is not there or does not answer in time."""
        nonce = secrets.token_hex(16)
        answer = self._answers[nonce] = _Answer(asyncio.get_running_loop().create_future())
        try:
            if not self._send(AskWitness(nonce=nonce)):
                return None
            async with asyncio.timeout(ANSWER_S):
                return await answer.done
        except TimeoutError:
            return None
        finally:
            del self._answers[nonce]

    @callback
    def heads(self, message: WitnessHeads) -> None:
        """Take a part of an answer."""
        answer = self._answers.get(message.nonce)
        if answer is None or answer.done.done():
            return
        answer.messages.append(message)
        if message.left == 0 or len(answer.messages) == MAX_CHAINS:
            answer.done.set_result(Remembered(tuple(answer.messages)))
