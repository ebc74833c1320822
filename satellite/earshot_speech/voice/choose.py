"""Which voice speaks."""

from __future__ import annotations

from ..settings import Voice
from .espeak import Espeak
from .installed import installed
from .piper import Piper
from .speaker import Speaker, VoiceError


def choose(wanted: Voice) -> Speaker:
    """Return the voice of the settings, loaded; raises `VoiceError` when there is none such."""
    if wanted.engine == "espeak":
        return Espeak()
    voices = installed()
    if wanted.name:
        if wanted.name not in voices:
            raise VoiceError(
                "voice_missing", f"{wanted.name}: see earshot-speech voices list and install"
            )
        return Piper(voices[wanted.name])
    if wanted.engine == "auto" and not voices:
        return Espeak()
    if len(voices) != 1:
        raise VoiceError(
            "voice_missing",
            f"{len(voices)} Piper voices are installed; name one in the settings: [voice] name",
        )
    return Piper(next(iter(voices.values())))
