"""Requests to speak: Wyoming's `synthesize`, answered sentence by sentence."""

from __future__ import annotations

import asyncio

from wyoming.audio import AudioChunk, AudioStart, AudioStop
from wyoming.event import Event

from .peer import Peer, PeerError
from .voice.sentences import sentences
from .voice.speaker import Speaker

MAX_TEXT = 2_000
"""Characters: two minutes of speech. A longer text is no reply of a voice assistant."""

AT_ONCE = 4


class Speaking:
    """Speaks for clients."""

    def __init__(self, speaker: Speaker) -> None:
        self.speaker = speaker
        self._places = asyncio.Semaphore(AT_ONCE)

    async def answer(self, peer: Peer, request: Event) -> None:
        """Answer a `synthesize`; raises `PeerError`, `VoiceError`, TimeoutError, OSError."""
        text = request.data.get("text")
        if not isinstance(text, str) or len(text) > MAX_TEXT:
            raise PeerError("bad_text", f"text must have at most {MAX_TEXT} characters")
        async with self._places:
            rate = 0
            for sentence in sentences(text):
                async for sound in self.speaker.say(sentence):
                    form = {"rate": sound.rate, "width": 2, "channels": 1}
                    if not rate:
                        rate = sound.rate
                        await peer.write(AudioStart(**form).event())
                    await peer.write(AudioChunk(audio=sound.pcm, **form).event())
        if not rate:
            await peer.write(AudioStart(rate=22_050, width=2, channels=1).event())
        await peer.write(AudioStop().event())
