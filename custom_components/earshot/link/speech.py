"""Requests to the speech service: one connection each, so that any of several can answer."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterable
from contextlib import asynccontextmanager
from typing import Final

from wyoming.audio import AudioChunk, AudioStart, AudioStop
from wyoming.error import Error
from wyoming.event import Event
from wyoming.info import Describe, Info
from wyoming.tts import Synthesize, SynthesizeVoice

from ..wire.framing import FrameError, encode_event, read_event, write_event
from ..wire.limits import MAX_TURN_S, SPEECH_LIMITS, VERSION
from ..wire.message import MessageError
from ..wire.speech import Grammar, LeftOut, NeedGrammar, Result, Transcribe
from ..wire.turn import COMMAND_RATE
from ..wire.vocabulary import Vocabulary
from .greet import ANOTHER, NOT_TRUSTED, LinkError, close, open_stream
from .keys import Credentials

DESCRIBE_S: Final = 5.0
RESULT_S: Final = MAX_TURN_S + 20.0
"""From the beginning of the audio: the longest utterance, and what a slow machine needs then."""

AUDIO_S: Final = 15.0
PIECE: Final = 640
"""Bytes of command audio in one event: 20 ms. Home Assistant hands it out in pieces of 10 ms."""


class SpeechError(Exception):
    """The speech service did not do its work.

    `reason` is `unreachable`, `another_satellite` (who answers is not who was paired),
    `not_trusted`, `no_answer`, `not_speech` or `refused`. Nothing of what was said.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class SpeechClient:
    """Asks one speech service at a host and port."""

    def __init__(
        self, host: str, port: int, credentials: Credentials | None = None, *, usable: bool = True
    ) -> None:
        """Without credentials the connection is plain: on this machine only.

        One that is not usable fails every request, until whom to trust is known.
        """
        self.host = host
        self.port = port
        self.left_out: LeftOut | None = None
        """Of the vocabulary that was used last: what cannot be said in it, if there is anything."""

        self._usable = usable
        self._credentials = credentials

    async def describe(self) -> Info:
        """Return what the service offers; raises `SpeechError`."""
        async with self._request(DESCRIBE_S) as (reader, writer):
            await write_event(writer, Describe().event())
            while event := await read_event(reader, SPEECH_LIMITS):
                if Info.is_type(event.type):
                    try:
                        return Info.from_event(event)
                    except KeyError, TypeError, ValueError, AttributeError:
                        raise SpeechError("not_speech") from None
        raise SpeechError("not_speech")

    async def transcribe(
        self, audio: AsyncIterable[bytes], vocabulary: Vocabulary, wake_phrase: str
    ) -> Result:
        """Return what was said in 16 kHz, 16 bit, mono audio; raises `SpeechError`.

        The service tells when the utterance is over; the audio may go on for ever.
        """
        async with self._request(RESULT_S) as (reader, writer):
            writer.write(
                encode_event(
                    Transcribe(
                        version=VERSION, grammar=vocabulary.sha256, wake_phrase=wake_phrase
                    ).event()
                )
            )
            pump = asyncio.create_task(_pump(audio, writer), name="earshot command audio")
            try:
                result, self.left_out = await _result(reader, writer, vocabulary)
                return result
            finally:
                pump.cancel()
                await asyncio.wait([pump])
                if not pump.cancelled():
                    pump.exception()

    async def synthesize(
        self, text: str, voice: str | None
    ) -> AsyncGenerator[AudioStart | AudioChunk]:
        """Yield the format and then the audio of a spoken text; raises `SpeechError`."""
        async with self._request(None) as (reader, writer):
            request = Synthesize(text=text, voice=SynthesizeVoice(name=voice) if voice else None)
            await write_event(writer, request.event())
            while True:
                async with asyncio.timeout(AUDIO_S):
                    event = _alive(await read_event(reader, SPEECH_LIMITS))
                if AudioStart.is_type(event.type):
                    yield AudioStart.from_event(event)
                elif AudioChunk.is_type(event.type):
                    yield AudioChunk.from_event(event)
                elif AudioStop.is_type(event.type):
                    return

    @asynccontextmanager
    async def _request(
        self, timeout_s: float | None
    ) -> AsyncGenerator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
        if not self._usable:
            raise SpeechError(NOT_TRUSTED)
        try:
            reader, writer = await open_stream(self.host, self.port, self._credentials)
        except LinkError as err:
            known = err.reason in {ANOTHER, NOT_TRUSTED}
            raise SpeechError(err.reason if known else "unreachable") from None
        try:
            async with asyncio.timeout(timeout_s):
                yield reader, writer
        except TimeoutError:
            raise SpeechError("no_answer") from None
        except OSError:
            raise SpeechError("unreachable") from None
        except FrameError, MessageError:
            raise SpeechError("not_speech") from None
        finally:
            await close(writer)


async def _pump(audio: AsyncIterable[bytes], writer: asyncio.StreamWriter) -> None:
    """Send audio in pieces until there is no more of it."""
    buffer = bytearray()
    async for data in audio:
        buffer += data
        if len(buffer) >= PIECE:
            await write_event(writer, _chunk(bytes(buffer)))
            buffer.clear()
    if buffer:
        writer.write(encode_event(_chunk(bytes(buffer))))
    await write_event(writer, AudioStop().event())


def _chunk(pcm: bytes) -> Event:
    return AudioChunk(rate=COMMAND_RATE, width=2, channels=1, audio=pcm).event()


async def _result(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, vocabulary: Vocabulary
) -> tuple[Result, LeftOut | None]:
    left_out = None
    while True:
        event = _alive(await read_event(reader, SPEECH_LIMITS))
        if Result.is_type(event.type):
            return Result.from_event(event), left_out
        if LeftOut.is_type(event.type):
            left_out = LeftOut.from_event(event)
        if NeedGrammar.is_type(event.type):
            if NeedGrammar.from_event(event).grammar != vocabulary.sha256:
                raise SpeechError("not_speech")
            await write_event(
                writer,
                Grammar(grammar=vocabulary.sha256, vocabulary=vocabulary.canonical).event(),
            )


def _alive(event: Event | None) -> Event:
    if event is None:
        raise SpeechError("no_answer")
    if Error.is_type(event.type):
        raise SpeechError("refused")
    return event
