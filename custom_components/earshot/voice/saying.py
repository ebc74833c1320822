"""Speaking sentences of our own in a turn, in the voice that its pipeline has."""

from collections.abc import AsyncGenerator

from homeassistant.components import tts
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError

from .reply import Reply, ReplyError


class Saying:
    """One reply that grows by a sentence at a time. Nothing of it is kept as a file."""

    def __init__(self, hass: HomeAssistant, reply: Reply, voice: tts.ResultStream | None) -> None:
        """Speak as `voice` does; without one, every sentence fails."""
        self._hass = hass
        self._reply = reply
        self._voice = voice

    async def say(self, sentence: str) -> None:
        """Speak, and return when it was heard by our own count; raises `ReplyError`."""
        await self._speak(sentence)
        await self._reply.catch_up()

    async def end(self, sentence: str) -> None:
        """Speak the last sentence, and return when the satellite heard it; raises `ReplyError`."""
        await self._speak(sentence)
        await self._reply.finish()

    async def _speak(self, sentence: str) -> None:
        if self._voice is None or self._voice.engine is None:
            raise ReplyError("voice")
        try:
            stream = tts.async_create_stream(
                self._hass,
                engine=self._voice.engine,
                language=self._voice.language,
                options=self._voice.options,
            )
        except HomeAssistantError:
            raise ReplyError("voice") from None
        try:
            # As a stream: of a whole message core logs the words and names its audio by their hash.
            stream.async_set_message_stream(_stream_of(sentence))
            await self._reply.send_wav(stream.async_stream_result())
        finally:
            stream.delete()


async def _stream_of(text: str) -> AsyncGenerator[str]:
    yield text
