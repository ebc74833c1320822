"""How a satellite's microphone is set: how loud, and how much noise is taken out of commands."""

from __future__ import annotations

from dataclasses import dataclass

from .limits import GAIN_LEAST_DB, GAIN_MOST_DB, SUPPRESSION_MOST
from .message import Message, real, whole

LEAST_DB, MOST_DB = GAIN_LEAST_DB, GAIN_MOST_DB
MOST_SUPPRESSION = SUPPRESSION_MOST


@dataclass(frozen=True, kw_only=True)
class SetTuning(Message, kind="earshot-set-tuning"):
    """Home to satellite: hear like this, kept over restarts; answered by `Tuning`."""

    gain_db: float = real(LEAST_DB, MOST_DB)
    noise_suppression: int = whole(0, MOST_SUPPRESSION)
    """Of commands: each level takes 6 dB more of steady noise away."""


@dataclass(frozen=True, kw_only=True)
class Tuning(Message, kind="earshot-tuning"):
    """Satellite to home: after `Welcome`, and when it changes."""

    gain_db: float = real(LEAST_DB, MOST_DB)
    noise_suppression: int = whole(0, MOST_SUPPRESSION)
