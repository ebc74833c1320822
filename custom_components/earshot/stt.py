"""Our own ears: speech recognition by the speech service, which also ends the utterance."""

import logging
from collections.abc import AsyncIterable
from typing import override

from homeassistant.components.stt import (
    AudioBitRates,
    AudioChannels,
    AudioCodecs,
    AudioFormats,
    AudioSampleRates,
    SpeechAudioProcessing,
    SpeechMetadata,
    SpeechResult,
    SpeechResultState,
    SpeechToTextEntity,
)
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .entity import SpeechServiceEntity
from .issues import tell_left_out
from .link.speech import SpeechError
from .models import SpeechConfigEntry
from .voice.turn import CURRENT_TURN, Turn
from .voice.unasked import Unasked
from .voice.vocabulary import async_get_vocabulary
from .wire.vocabulary import Vocabulary

_LOGGER = logging.getLogger(__name__)

PARALLEL_UPDATES = 0


async def async_setup_entry(
    hass: HomeAssistant,
    entry: SpeechConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Set up speech recognition."""
    async_add_entities([EarshotStt(entry)])


class EarshotStt(SpeechServiceEntity, SpeechToTextEntity):
    """Recognises the commands of this home, and nothing else."""

    _attr_translation_key = "recognition"

    def __init__(self, entry: SpeechConfigEntry) -> None:
        super().__init__(entry, "stt")

    @property
    @override
    def supported_languages(self) -> list[str]:
        """Return the languages."""
        return ["en"]

    @property
    @override
    def supported_formats(self) -> list[AudioFormats]:
        """Return the containers; the audio is bare PCM."""
        return [AudioFormats.WAV]

    @property
    @override
    def supported_codecs(self) -> list[AudioCodecs]:
        """Return the codecs."""
        return [AudioCodecs.PCM]

    @property
    @override
    def supported_bit_rates(self) -> list[AudioBitRates]:
        """Return the bits of a sample."""
        return [AudioBitRates.BITRATE_16]

    @property
    @override
    def supported_sample_rates(self) -> list[AudioSampleRates]:
        """Return the rates."""
        return [AudioSampleRates.SAMPLERATE_16000]

    @property
    @override
    def supported_channels(self) -> list[AudioChannels]:
        """Return the channels."""
        return [AudioChannels.CHANNEL_MONO]

    @property
    @override
    def audio_processing(self) -> SpeechAudioProcessing:
        """Return that the grammar tells the end of a command sooner than silence could."""
        return SpeechAudioProcessing(
            requires_external_vad=False,
            prefers_auto_gain_enabled=False,
            prefers_noise_reduction_enabled=False,
        )

    @override
    async def async_process_audio_stream(
        self, metadata: SpeechMetadata, stream: AsyncIterable[bytes]
    ) -> SpeechResult:
        """Return the command, or an empty text for silence and for speech that is no command."""
        turn = CURRENT_TURN.get()
        answers = _answers(turn)
        try:
            result = await self._speech.client.transcribe(
                stream,
                answers or async_get_vocabulary(self.hass),
                turn.wake.phrase if turn is not None else "",
            )
        except SpeechError as err:
            _LOGGER.debug("Nothing was recognised: %s", err.reason)
            self._speech.failed(err)
            return SpeechResult(None, SpeechResultState.ERROR)
        self._speech.worked()
        if answers is None:
            tell_left_out(self.hass, self._speech.client.left_out)
        if turn is not None:
            turn.recognised(result)
        return SpeechResult(result.text, SpeechResultState.SUCCESS)


def _answers(turn: Turn | None) -> Vocabulary | None:
    """Return the words of a question's answers, where one was asked."""
    if turn is not None and isinstance(turn.wake, Unasked):
        return turn.wake.vocabulary
    return None
