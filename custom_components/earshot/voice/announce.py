"""Speaking in a room without having been asked to."""

import logging
from contextlib import aclosing
from typing import Final

from homeassistant.components import tts
from homeassistant.components.assist_satellite import AssistSatelliteAnnouncement
from homeassistant.core import HomeAssistant

from .decode import DecodeError, decode
from .reply import Reply, ReplyError
from .wav import PcmFormat

_LOGGER = logging.getLogger(__name__)

MEDIA_FORMAT: Final = PcmFormat(rate=22_050, channels=1)


async def announce(
    hass: HomeAssistant, reply: Reply, announcement: AssistSatelliteAnnouncement
) -> None:
    """Play the announcement, its sound before it first, and wait until it was heard.

    Speech comes from its engine as it is made; everything else goes through ffmpeg. Raises
    `ReplyError`.
    """
    stream = announcement.tts_token and tts.async_get_stream(hass, announcement.tts_token)
    if not stream:
        if announcement.preannounce_media_id:
            await _play_media(hass, reply, announcement.preannounce_media_id, MEDIA_FORMAT)
        await _play_media(hass, reply, announcement.media_id, MEDIA_FORMAT)
        await reply.finish()
        return
    if announcement.preannounce_media_id:
        await _play_before(hass, reply, announcement.preannounce_media_id, stream)
        return
    await reply.speak_wav(stream.async_stream_result())


async def _play_before(
    hass: HomeAssistant, reply: Reply, media: str, stream: tts.ResultStream
) -> None:
    """Play a sound and then speech, in the format of the speech: a reply has one."""
    wav = reply.read_wav(stream.async_stream_result())
    first = await anext(wav, None)
    if first is None:
        raise ReplyError("voice")
    try:
        await _play_media(hass, reply, media, first[0])
    except ReplyError as err:
        if err.reason != "media":
            raise
        _LOGGER.debug("The sound before an announcement cannot be played")
    await reply.send_pcm(*first)
    async for pcm_format, pcm in wav:
        await reply.send_pcm(pcm_format, pcm)
    await reply.finish()


async def _play_media(hass: HomeAssistant, reply: Reply, media: str, pcm_format: PcmFormat) -> None:
    try:
        async with aclosing(decode(hass, media, pcm_format)) as pieces:
            async for pcm in pieces:
                await reply.send_pcm(pcm_format, pcm)
    except DecodeError:
        raise ReplyError("media") from None
