"""Any media that Home Assistant can reach, as PCM: the satellite gets nothing else."""

import asyncio
from collections.abc import AsyncGenerator
from typing import Final

from homeassistant.components import ffmpeg
from homeassistant.core import HomeAssistant

from .wav import PcmFormat

READ_S: Final = 30.0
"""A server that gives nothing for so long is gone."""

_READ: Final = 4096
_END_S: Final = 5.0


class DecodeError(Exception):
    """The media cannot be read."""


async def decode(hass: HomeAssistant, media: str, pcm_format: PcmFormat) -> AsyncGenerator[bytes]:
    """Yield whole frames of a media address as they are asked for; raises `DecodeError`."""
    command = [
        ffmpeg.get_ffmpeg_manager(hass).binary, "-hide_banner", "-loglevel", "error", "-nostdin",
        "-i", media, "-vn", "-f", "s16le", "-ac", str(pcm_format.channels),
        "-ar", str(pcm_format.rate), "pipe:1",
    ]  # fmt: skip
    try:
        process = await asyncio.create_subprocess_exec(
            *command, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL
        )
    except OSError:
        raise DecodeError from None
    assert process.stdout is not None
    rest = b""
    try:
        while True:
            async with asyncio.timeout(READ_S):
                if not (data := await process.stdout.read(_READ)):
                    break
            rest += data
            whole = len(rest) - len(rest) % (2 * pcm_format.channels)
            yield rest[:whole]
            rest = rest[whole:]
        async with asyncio.timeout(_END_S):
            if await process.wait():
                raise DecodeError
    except TimeoutError:
        raise DecodeError from None
    finally:
        if process.returncode is None:
            process.kill()
