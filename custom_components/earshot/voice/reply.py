"""Speaking in a room: audio goes to the satellite as it is made, and is over when it was heard."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterable, AsyncIterator
from typing import Final, Protocol

from ..wire.message import Message
from ..wire.turn import ReplyAudio, ReplyEnd, ReplyStart
from .wav import HeadTrimmer, PcmFormat, WavError, WavReader

FIRST_AUDIO_S: Final = 15.0
"""A voice on a small machine takes seconds for a long sentence, not more."""

NEXT_AUDIO_S: Final = 10.0
LONGEST_S: Final = 300.0
LEAD_S: Final = 2.0
"""Audio is sent at most this far ahead of the loudspeaker, so that a mute or an end that is sent
meanwhile does not wait behind megabytes of speech."""

PLAYED_MARGIN_S: Final = 10.0
"""From the end of the audio by our own count to the satellite's word that it was heard."""

_PIECE: Final = 16 * 1024


class Sender(Protocol):
    """The part of a room's link that speaking needs."""

    def send(self, message: Message) -> bool:
        """Send a message now."""

    async def send_patiently(self, message: Message) -> None:
        """Send a message and wait until the satellite keeps up."""


class ReplyError(Exception):
    """The reply could not be spoken. `reason` is `voice`, `format`, `media`, `link`
    or `speaker`."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Reply:
    """One reply in one turn. `played` is told by whoever reads the link."""

    def __init__(self, link: Sender, turn: str) -> None:
        self.first_sent: float | None = None
        """When the first audio was sent, on the loop's clock."""

        self._link = link
        self._turn = turn
        self._loop = asyncio.get_running_loop()
        self._played: asyncio.Future[str] = self._loop.create_future()
        self._format: PcmFormat | None = None
        self._sent_s = 0.0
        self._silent_s = 0.0

    def played(self, result: str) -> None:
        """Take the satellite's word that the audio ended."""
        if not self._played.done():
            self._played.set_result(result)

    @property
    def result(self) -> str | None:
        """How it ended, in the satellite's words; None while it has not."""
        return self._played.result() if self._played.done() else None

    async def speak_wav(self, source: AsyncIterable[bytes]) -> None:
        """Send a WAV as it is made, without its silent head, and wait until it was heard.

        Raises `ReplyError`.
        """
        await self.send_wav(source)
        await self.finish()

    async def send_wav(self, source: AsyncIterable[bytes]) -> None:
        """Send a WAV as it is made, without its silent head; raises `ReplyError`."""
        try:
            await self._send_wav(source)
        except ReplyError:
            if self.first_sent is not None:
                # What was sent is all there is; the satellite would wait for more of it.
                self._link.send(ReplyEnd(turn=self._turn))
            raise

    async def _send_wav(self, source: AsyncIterable[bytes]) -> None:
        trimmer: HeadTrimmer | None = None
        async for pcm_format, pcm in self.read_wav(source):
            trimmer = trimmer or HeadTrimmer(pcm_format)
            if heard := trimmer.feed(pcm):
                await self.send_pcm(pcm_format, heard)

    async def read_wav(
        self, source: AsyncIterable[bytes]
    ) -> AsyncGenerator[tuple[PcmFormat, bytes]]:
        """Yield the PCM of a WAV as it is made; raises `ReplyError` when it stops coming."""
        reader = WavReader()
        pieces = aiter(source)
        try:
            while (data := await self._next(pieces)) is not None:
                pcm = reader.feed(data)
                if pcm and reader.format is not None:
                    yield reader.format, pcm
        except WavError:
            raise ReplyError("format") from None

    async def send_pcm(self, pcm_format: PcmFormat, pcm: bytes) -> None:
        """Send audio, no faster than it is played; raises `ReplyError`."""
        if self._format is None:
            self._format = pcm_format
            self._send(
                ReplyStart(turn=self._turn, rate=pcm_format.rate, channels=pcm_format.channels)
            )
            self.first_sent = self._loop.time()
        elif pcm_format != self._format:
            raise ReplyError("format")
        for at in range(0, len(pcm), _PIECE):
            piece = pcm[at : at + _PIECE]
            await self._keep_pace()
            try:
                await self._link.send_patiently(
                    ReplyAudio(
                        turn=self._turn,
                        pcm=piece,
                        rate=pcm_format.rate,
                        channels=pcm_format.channels,
                    )
                )
            except OSError, TimeoutError:
                raise ReplyError("link") from None
            self._sent_s += pcm_format.seconds(len(piece))

    async def catch_up(self) -> None:
        """Wait until what was sent so far must have been heard."""
        await asyncio.sleep(self._ahead_s)

    async def finish(self) -> None:
        """Tell that the reply is complete and wait until it was heard; raises `ReplyError`."""
        if self.first_sent is None:
            raise ReplyError("voice")
        self._send(ReplyEnd(turn=self._turn))
        await self.wait_played(max(self._ahead_s, 0.0) + PLAYED_MARGIN_S)

    async def wait_played(self, timeout_s: float) -> None:
        """Wait for the satellite's word; raises `ReplyError` when it does not come or is bad."""
        try:
            async with asyncio.timeout(timeout_s):
                result = await self._played
        except TimeoutError:
            raise ReplyError("speaker") from None
        if result == "failed":
            raise ReplyError("speaker")

    async def _next(self, pieces: AsyncIterator[bytes]) -> bytes | None:
        wait = FIRST_AUDIO_S if self.first_sent is None else NEXT_AUDIO_S
        try:
            async with asyncio.timeout(wait):
                return await anext(pieces, None)
        except Exception:  # noqa: BLE001 - any engine's any fault, which core has logged already
            raise ReplyError("voice") from None

    async def _keep_pace(self) -> None:
        if self._sent_s > LONGEST_S:
            raise ReplyError("format")
        if self._ahead_s < 0:
            # The loudspeaker fell silent: the voice is slow, or waited for something to say.
            self._silent_s -= self._ahead_s
        elif self._ahead_s > LEAD_S:
            await asyncio.sleep(self._ahead_s - LEAD_S)

    @property
    def _ahead_s(self) -> float:
        """How much of what was sent is still to be heard, by our own count."""
        if self.first_sent is None:
            return 0.0
        return self._sent_s + self._silent_s - (self._loop.time() - self.first_sent)

    def _send(self, message: Message) -> None:
        if not self._link.send(message):
            raise ReplyError("link")
