"""What a room says when nothing can speak: rendered beforehand, kept on the satellite."""

import asyncio
import hashlib
import logging
from collections.abc import AsyncIterable
from dataclasses import dataclass
from typing import Final, Protocol

from homeassistant.components import tts
from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback
from homeassistant.exceptions import HomeAssistantError
from homeassistant.util.hass_dict import HassKey

from ..const import DOMAIN
from ..engines import room_pipeline
from ..wire.greeting import Welcome
from ..wire.limits import ROOM_LIMITS
from ..wire.phrases import (
    FAILED,
    NOT_LOCAL,
    NOT_READY,
    NOT_UNDERSTOOD,
    PAIRED,
    RECORDED,
    SPEECH_UNAVAILABLE,
    StorePhrase,
)
from .reply import Sender
from .wav import PcmFormat, WavError, WavReader

_LOGGER = logging.getLogger(__name__)

RENDER_S: Final = 30.0

TEXTS: Final[dict[str, dict[str, str]]] = {
    "en": {
        NOT_UNDERSTOOD: "Sorry, I did not understand that.",
        SPEECH_UNAVAILABLE: "Sorry, speech is not available right now.",
        NOT_READY: "Sorry, this room is not ready yet.",
        NOT_LOCAL: "I am not listening: this room is local only, and its assistant may not be.",
        RECORDED: "I am not listening: Home Assistant is recording what this room hears.",
        FAILED: "Sorry, that did not work.",
        PAIRED: "This satellite was paired with a Home Assistant just now.",
    }
}
"""By language. A voice of another language gets none, and the satellite plays its tones."""


@dataclass(frozen=True)
class VoiceChoice:
    """What makes a rendered phrase another one."""

    engine: str
    language: str
    voice: str | None


@dataclass(frozen=True)
class Rendered:
    """A phrase as sound."""

    format: PcmFormat
    pcm: bytes
    sha256: str


_RENDERED: HassKey[dict[tuple[VoiceChoice, str], Rendered]] = HassKey(f"{DOMAIN}.phrases")


class PhraseTarget(Protocol):
    """The part of a room that phrases need."""

    @property
    def welcome(self) -> Welcome | None:
        """What the satellite said of itself."""

    @property
    def link(self) -> Sender:
        """The way to it."""


class Phrases:
    """Keeps the phrases of one satellite in the voice of its room.

    Every room with the same voice shares one rendering. It is never waited for; a voice that fails
    is tried again at the next turn, and meanwhile the satellite has its tones.
    """

    def __init__(self, hass: HomeAssistant, entry: ConfigEntry, room: PhraseTarget) -> None:
        self._hass = hass
        self._entry = entry
        self._room = room
        self._task: asyncio.Task[None] | None = None
        self._sent: dict[str, str] = {}

    @callback
    def linked(self) -> None:
        """Believe the satellite's own list again: it may have lost what was sent."""
        self._sent = {}
        self.refresh()

    @callback
    def refresh(self) -> None:
        """Send what the satellite lacks, in the background."""
        if self._task is None or self._task.done():
            self._task = self._entry.async_create_background_task(
                self._hass, self._refresh(), f"earshot phrases {self._entry.title}"
            )

    async def _refresh(self) -> None:
        if (choice := self._choice()) is None or (welcome := self._room.welcome) is None:
            return
        texts = TEXTS.get(choice.language.split("-")[0].split("_")[0], {})
        held = welcome.phrases | self._sent
        for phrase, text in texts.items():
            try:
                rendered = await self._render(choice, text)
            except (TimeoutError, HomeAssistantError, WavError, ValueError) as err:
                _LOGGER.debug("A phrase cannot be rendered: %s", type(err).__name__)
                return
            if held.get(phrase) == rendered.sha256:
                continue
            sent = self._room.link.send(
                StorePhrase(id=phrase, rate=rendered.format.rate, pcm=rendered.pcm)
            )
            if sent:
                self._sent[phrase] = rendered.sha256

    def _choice(self) -> VoiceChoice | None:
        pipeline = room_pipeline(self._hass, self._entry)
        if pipeline is None or pipeline.tts_engine is None or pipeline.tts_language is None:
            return None
        if tts.get_engine_instance(self._hass, pipeline.tts_engine) is None:
            return None
        return VoiceChoice(pipeline.tts_engine, pipeline.tts_language, pipeline.tts_voice)

    async def _render(self, choice: VoiceChoice, text: str) -> Rendered:
        rendered = self._hass.data.setdefault(_RENDERED, {})
        if (known := rendered.get((choice, text))) is not None:
            return known
        options: dict[str, str] = {tts.ATTR_PREFERRED_FORMAT: "wav"}
        if choice.voice is not None:
            options[tts.ATTR_VOICE] = choice.voice
        stream = tts.async_create_stream(
            self._hass, engine=choice.engine, language=choice.language, options=options
        )
        stream.use_file_cache = False
        stream.async_set_message(text)
        async with asyncio.timeout(RENDER_S):
            result = await _collect(stream.async_stream_result())
        rendered[choice, text] = result
        return result


async def _collect(source: AsyncIterable[bytes]) -> Rendered:
    """Return the whole of a WAV; raises `WavError` when a satellite would not take it."""
    reader = WavReader()
    pcm = bytearray()
    async for data in source:
        pcm += reader.feed(data)
        if len(pcm) > ROOM_LIMITS.payload:
            raise WavError("too long for a phrase")
    if reader.format is None or not pcm or reader.format.channels != 1:
        raise WavError("a phrase needs one channel")
    return Rendered(reader.format, bytes(pcm), hashlib.sha256(pcm).hexdigest())
