"""What a link may do with the satellite, whatever protocol it speaks."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from earshot_wire.greeting import Welcome

from ..loudspeaker import Loudspeaker
from ..mute.control import MuteControl
from ..playback.phrases import Phrases
from ..problems import Problems
from ..session.runner import SessionRunner
from ..tuning import Tuning
from ..witness import WitnessFile
from ..words import Choice


@dataclass(frozen=True)
class Satellite:
    """The parts of the body that a home reaches."""

    session: SessionRunner
    mute: MuteControl
    problems: Problems
    phrases: Phrases
    witness: WitnessFile
    loudspeaker: Loudspeaker
    tuning: Tuning
    welcome: Callable[[], Welcome]
    """What it is now."""

    choose_words: Callable[[Choice], Awaitable[None]]
    unpair: Callable[[], Awaitable[None]]
    """Home wants to be trusted no more."""
