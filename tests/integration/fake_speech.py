"""A speech service over real TCP connections: it recognises what a test tells it to."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Self

from wyoming.audio import AudioChunk, AudioStart, AudioStop
from wyoming.error import Error
from wyoming.event import Event
from wyoming.info import AsrModel, AsrProgram, Attribution, Describe, Info, TtsProgram, TtsVoice
from wyoming.tts import Synthesize

from custom_components.earshot.wire.code import SPEECH
from custom_components.earshot.wire.door import Door, DoorLimits, Guest, Key
from custom_components.earshot.wire.framing import FrameError, read_event, write_event
from custom_components.earshot.wire.identity import Trust
from custom_components.earshot.wire.limits import SPEECH_LIMITS
from custom_components.earshot.wire.pairing import Unpair
from custom_components.earshot.wire.pairing_port import PairingPort
from custom_components.earshot.wire.speech import Grammar, LeftOut, NeedGrammar, Result, Transcribe
from custom_components.earshot.wire.tls import paired_server
from custom_components.earshot.wire.vocabulary import Vocabulary

from .fake_satellite import free_port

SECONDS = 10.0
RATE = 22_050
_BY = Attribution(name="Earshot", url="https://example.com")


class FakeSpeech:
    """Hears `text` after `needs_ms` of audio, and speaks 100 ms of a ramp for each letter."""

    def __init__(self) -> None:
        self.port = free_port()
        self.unpaired = False
        self.name = "earshot"
        self.kind = "command"
        self.text = "turn on the kitchen light"
        self.needs_ms = 500
        self.error = False
        self.hangs = False
        self.voice_fails = False
        self.voice_stalls = False
        self.left_out: LeftOut | None = None
        self.grammars: dict[str, Vocabulary] = {}
        self.asked_for_grammar = 0
        self.heard: list[bytes] = []
        self.requests: list[Transcribe] = []
        self.spoken: list[str] = []
        self._door: Door | None = None

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    async def start(self) -> None:
        """Listen, on the same port again after a stop."""
        limits = DoorLimits(strangers=64, each_address=64)
        self._door = Door(self._serve, limits=limits, plain=lambda _: True)
        await self._door.open("127.0.0.1", self.port)

    async def stop(self) -> None:
        """Vanish."""
        if self._door is not None:
            await self._door.close()
            self._door = None

    @asynccontextmanager
    async def pairable(self) -> AsyncGenerator[PairingPort]:
        """Show a code meanwhile, as `earshot-speech pair` does."""

        async def keep(trust: Trust) -> None:
            context = await asyncio.to_thread(paired_server, trust)
            self._door.key = Key(context, trust.peer)

        port = await PairingPort.open("127.0.0.1", self.port + 1, role=SPEECH, keep=keep)
        try:
            yield port
        finally:
            await port.close()

    async def _serve(self, guest: Guest) -> None:
        reader, writer = guest.reader, guest.writer
        guest.settle()
        try:
            event = await read_event(reader, SPEECH_LIMITS)
            if event is None:
                return
            if Describe.is_type(event.type):
                await write_event(writer, self._info())
            elif Transcribe.is_type(event.type):
                await self._transcribe(Transcribe.from_event(event), reader, writer)
            elif Unpair.is_type(event.type):
                self.unpaired = guest.paired
            elif Synthesize.is_type(event.type):
                await self._synthesize(Synthesize.from_event(event).text, writer)
        except OSError, FrameError:
            pass

    async def _transcribe(
        self, request: Transcribe, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self.requests.append(request)
        if request.grammar not in self.grammars:
            self.asked_for_grammar += 1
            await write_event(writer, NeedGrammar(grammar=request.grammar).event())
        pcm, over = b"", False
        while (event := await read_event(reader, SPEECH_LIMITS)) is not None:
            if Grammar.is_type(event.type):
                grammar = Grammar.from_event(event)
                self.grammars[grammar.grammar] = Vocabulary.from_canonical(
                    grammar.vocabulary, grammar.grammar
                )
            elif AudioChunk.is_type(event.type):
                pcm += AudioChunk.from_event(event).audio
            over = over or AudioStop.is_type(event.type) or len(pcm) >= self.needs_ms * 32
            # As the real one: without the grammar it cannot say what was heard.
            if over and request.grammar in self.grammars:
                break
        self.heard.append(pcm)
        if self.hangs:
            await asyncio.sleep(3600)
        if self.error:
            await write_event(writer, Error(text="broken", code="broken").event())
            return
        if self.left_out is not None:
            await write_event(writer, self.left_out.event())
        await write_event(
            writer,
            Result(
                kind=self.kind, text=self.text if self.kind == "command" else "",
                ending="terminal", speech_end_ms=len(pcm) // 32, heard_ms=len(pcm) // 32,
            ).event(),
        )  # fmt: skip
        # As the real one: closing on audio that still arrives would reset the connection.
        if writer.can_write_eof():
            writer.write_eof()
        while await reader.read(65536):
            pass

    async def _synthesize(self, text: str, writer: asyncio.StreamWriter) -> None:
        self.spoken.append(text)
        if self.voice_fails:
            await write_event(writer, Error(text="no voice", code="voice").event())
            return
        await write_event(writer, AudioStart(rate=RATE, width=2, channels=1).event())
        for _ in text:
            chunk = AudioChunk(rate=RATE, width=2, channels=1, audio=letter_pcm())
            await write_event(writer, chunk.event())
            if self.voice_stalls:
                await asyncio.sleep(3600)
        await write_event(writer, AudioStop().event())

    def _info(self) -> Event:
        model = AsrModel(name="en", attribution=_BY, installed=True, description=None,
                         version=None, languages=["en"])  # fmt: skip
        voice = TtsVoice(name="en-us", attribution=_BY, installed=True, description="Plain",
                         version=None, languages=["en"])  # fmt: skip
        return Info(
            asr=[AsrProgram(name=self.name, attribution=_BY, installed=True, description=None,
                            version="1", models=[model])],
            tts=[TtsProgram(name=self.name, attribution=_BY, installed=True, description=None,
                            version="1", voices=[voice])],
        ).event()  # fmt: skip


def letter_pcm() -> bytes:
    """Return the sound of one letter: 2 ms, so that replies are short."""
    return bytes(range(44)) * 2
