"""Remembers where home's log stands and tells it again, in order, beside the reading of a link."""

from __future__ import annotations

import asyncio

from earshot_wire.witness import MAX_CHAINS, AskWitness, Witness

from ..problems import Problems
from ..witness import WitnessFile
from .peer import Peer

_ASKS = 4


class Witnessing:
    """What one home says of its log. Of what comes faster than the disk is, the last counts."""

    def __init__(self, peer: Peer, file: WitnessFile, problems: Problems) -> None:
        self._peer = peer
        self._file = file
        self._problems = problems
        self._told: dict[str, Witness] = {}
        self._asks: list[str] = []
        self._wanted = asyncio.Event()

    def take(self, message: Witness | AskWitness) -> None:
        """Take up a message; who sends more than can be done is dropped."""
        if isinstance(message, Witness):
            self._told[message.chain] = message
        else:
            self._asks.append(message.nonce)
        if len(self._told) > MAX_CHAINS or len(self._asks) > _ASKS:
            self._peer.drop("it asks for more than can be done")
        self._wanted.set()

    async def run(self) -> None:
        """Do what is wanted, for ever; what was told before a question is part of its answer."""
        while True:
            await self._wanted.wait()
            self._wanted.clear()
            told, self._told = self._told, {}
            asks, self._asks = self._asks, []
            try:
                for each in told.values():
                    await asyncio.to_thread(self._file.add, each)
                for nonce in asks:
                    for answer in await asyncio.to_thread(self._file.tell, nonce):
                        self._peer.send(answer)
            except OSError as err:
                self._problems.begin("state_not_writable", err.strerror or "")
            else:
                self._problems.end("state_not_writable")
