"""Requests to speak: Wyoming's `synthesize`, answered sentence by sentence."""

from __future__ import annotations

import asyncio
import logging
from collections import deque

from wyoming.audio import AudioChunk, AudioStart, AudioStop
from wyoming.event import Event

from earshot_wire.spate import Spate

from .peer import Peer, PeerError
from .voice.sentences import sentences
from .voice.speaker import Sound, Speaker

_LOG = logging.getLogger(__name__)

MAX_TEXT = 2_000
"""Characters: two minutes of speech. A longer text is no reply of a voice assistant."""

AT_ONCE = 4
"""Replies made at a time. More of them wait; clients that read slowly have theirs, and hold none
of these places."""

WAIT_S = 10.0
"""A request that had to wait for so long is told that the service is busy."""

HELD_BYTES = 24 * 1024 * 1024
"""Of all replies that were made and not yet read: four of the longest. Where it is not enough, the
reply goes of which most is unread: who reads as fast as it is spoken has hardly any."""

LAG_S = 10.0
"""A client may read so much slower than the speech lasts; then it is gone."""


class Speaking:
    """Speaks for clients."""

    def __init__(self, speaker: Speaker) -> None:
        self.speaker = speaker
        self._places = asyncio.Semaphore(AT_ONCE)
        self._unread: set[_Reply] = set()
        self._slow = Spate(_LOG)

    async def answer(self, peer: Peer, request: Event) -> None:
        """Answer a `synthesize`; raises `PeerError`, `VoiceError`, TimeoutError, OSError."""
        text = request.data.get("text")
        if not isinstance(text, str) or len(text) > MAX_TEXT:
            raise PeerError("bad_text", f"text must have at most {MAX_TEXT} characters")
        reply = _Reply(peer)
        self._unread.add(reply)
        making = asyncio.create_task(self._make(text, reply))
        try:
            await reply.deliver()
        except TimeoutError:
            self._slow.tell("Reply broken off: it is read too slowly")
            raise
        finally:
            self._unread.discard(reply)
            making.cancel()
            await asyncio.wait([making])

    def close(self) -> None:
        """Tell what is not told yet: the port is closed."""
        self._slow.end()

    async def _make(self, text: str, reply: _Reply) -> None:
        fault: Exception | None = None
        try:
            async with asyncio.timeout(WAIT_S):
                await self._places.acquire()
        except TimeoutError:
            reply.finish(PeerError("busy", "too many requests at a time; try again"))
            return
        try:
            for sentence in sentences(text):
                async for sound in self.speaker.say(sentence):
                    reply.add(sound)
                    self._make_room()
        except Exception as err:  # noqa: BLE001 - it is raised again where the client is answered
            fault = err
        finally:
            self._places.release()
            reply.finish(fault)

    def _make_room(self) -> None:
        """Let go the reply of which most is unread, when all together are too much."""
        if sum(reply.unread for reply in self._unread) > HELD_BYTES:
            most = max(self._unread, key=lambda reply: reply.unread)
            self._unread.discard(most)
            most.drop()
            self._slow.tell("Reply broken off: too much of it was not read")


class _Reply:
    """What was made of a reply, on its way to the client."""

    def __init__(self, peer: Peer) -> None:
        self.unread = 0
        """Bytes that wait for the client."""

        self._peer = peer
        self._made: deque[Sound] = deque()
        self._more = asyncio.Event()
        self._finished = False
        self._dropped = False
        self._fault: Exception | None = None

    def add(self, sound: Sound) -> None:
        """Take what was made."""
        if not self._dropped:
            self._made.append(sound)
            self.unread += len(sound.pcm)
            self._more.set()

    def finish(self, fault: Exception | None) -> None:
        """Nothing more is made, because of a fault if there is one."""
        self._finished, self._fault = True, fault
        self._more.set()

    def drop(self) -> None:
        """Keep none of it; who delivers finds the connection closed."""
        self._dropped = True
        self._made.clear()
        self.unread = 0
        self._peer.drop()

    async def deliver(self) -> None:
        """Send it as it is made. Raises what `finish` was told, TimeoutError or OSError."""
        rate, spoken_s, waited_s = 0, 0.0, 0.0
        clock = asyncio.get_running_loop().time
        while (sound := await self._next()) is not None:
            form = {"rate": sound.rate, "width": 2, "channels": 1}
            if not rate:
                rate = sound.rate
                await self._peer.write(AudioStart(**form).event())
            began = clock()
            async with asyncio.timeout(spoken_s + LAG_S - waited_s):
                await self._peer.write(AudioChunk(audio=sound.pcm, **form).event())
            waited_s += clock() - began
            spoken_s += len(sound.pcm) / (2 * sound.rate)
        if not rate:
            await self._peer.write(AudioStart(rate=22_050, width=2, channels=1).event())
        await self._peer.write(AudioStop().event())

    async def _next(self) -> Sound | None:
        while not self._made and not self._finished:
            self._more.clear()
            await self._more.wait()
        if self._made:
            sound = self._made.popleft()
            self.unread -= len(sound.pcm)
            return sound
        if self._fault is not None:
            raise self._fault
        return None
