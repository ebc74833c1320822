"""Our own voice: speech made by the speech service, sentence by sentence."""

import re
from collections.abc import AsyncGenerator
from typing import Any, Final, override

from homeassistant.components.tts import (
    ATTR_VOICE,
    TextToSpeechEntity,
    TTSAudioRequest,
    TTSAudioResponse,
    Voice,
)
from homeassistant.core import HomeAssistant, callback
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback
from wyoming.audio import AudioChunk, AudioStart

from .const import DOMAIN
from .entity import SpeechServiceEntity
from .link.speech import SpeechError
from .models import SpeechConfigEntry
from .voice.wav import wav_header

PARALLEL_UPDATES = 0

_SENTENCE_END: Final = re.compile(r"(?<=[.!?])\s+|\n+")


async def async_setup_entry(
    hass: HomeAssistant,
    entry: SpeechConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Set up speech synthesis."""
    async_add_entities([EarshotTts(entry)])


class EarshotTts(SpeechServiceEntity, TextToSpeechEntity):
    """Speaks in the WAV of the engine itself, so that nothing is converted on the way."""

    _attr_translation_key = "voice"
    _attr_default_language = "en"
    _attr_supported_languages = ["en"]  # noqa: RUF012 - the base class declares it so
    _attr_supported_options = [ATTR_VOICE]  # noqa: RUF012

    def __init__(self, entry: SpeechConfigEntry) -> None:
        super().__init__(entry, "tts")

    @callback
    @override
    def async_get_supported_voices(self, language: str) -> list[Voice] | None:
        """Return the installed voices of a language."""
        if self._speech.info is None:
            return None
        return [
            Voice(voice.name, voice.description or voice.name)
            for program in self._speech.info.tts
            for voice in program.voices
            if voice.installed and any(_base(it) == _base(language) for it in voice.languages)
        ] or None

    @override
    async def async_stream_tts_audio(self, request: TTSAudioRequest) -> TTSAudioResponse:
        """Return a WAV that begins as soon as the first sentence does."""
        return TTSAudioResponse("wav", self._speak(request.message_gen, request.options))

    async def _speak(
        self, message: AsyncGenerator[str], options: dict[str, Any]
    ) -> AsyncGenerator[bytes]:
        started = False
        try:
            async for sentence in sentences(message):
                async for part in self._speech.client.synthesize(sentence, options.get(ATTR_VOICE)):
                    if isinstance(part, AudioChunk):
                        yield part.audio
                    elif isinstance(part, AudioStart) and not started:
                        started = True
                        yield wav_header(part.rate, part.width, part.channels)
        except SpeechError as err:
            self._speech.failed(err)
            raise HomeAssistantError(
                translation_domain=DOMAIN, translation_key="speech_unavailable"
            ) from None
        self._speech.worked()


def _base(language: str) -> str:
    return re.split(r"[-_]", language, maxsplit=1)[0].lower()


async def sentences(message: AsyncGenerator[str]) -> AsyncGenerator[str]:
    """Yield the sentences of a text that is still being written."""
    text = ""
    async for piece in message:
        *whole, text = _SENTENCE_END.split(text + piece)
        for sentence in whole:
            if sentence.strip():
                yield sentence
    if text.strip():
        yield text
