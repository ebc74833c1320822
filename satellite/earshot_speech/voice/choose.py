"""Which voice speaks."""

from __future__ import annotations

import logging

from ..settings import Voice
from .espeak import Espeak
from .installed import installed
from .piper import Piper
from .speaker import Speaker, VoiceError

_LOG = logging.getLogger(__name__)


def choose(wanted: Voice) -> Speaker:
    """Return the voice of the settings, loaded; raises `VoiceError` when there is none such.

    A voice that nobody named may be missing or broken: espeak-ng speaks then.
    """
    if wanted.engine == "espeak":
        return Espeak()
    if wanted.name or wanted.engine == "piper":
        return _piper(wanted.name)
    if installed():
        try:
            return _piper("")
        except VoiceError as err:
            _LOG.warning("espeak-ng speaks: %s", err.detail)
    return Espeak()


def _piper(name: str) -> Piper:
    voices = installed()
    if name:
        if name not in voices:
            raise VoiceError("voice_missing", f"{name}: see earshot-speech voices list and install")
        return Piper(voices[name])
    if len(voices) != 1:
        raise VoiceError(
            "voice_missing",
            f"{len(voices)} Piper voices are installed: name one in the settings, [voice] name",
        )
    return Piper(next(iter(voices.values())))
