"""What the body asks of an ear."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from earshot_satellite.wake.cascade import Sensitivity

MAX_WORDS = 8
_MAX_TEXT = 1000


@dataclass(frozen=True)
class EarSettings:
    """The microphone and the wake words.

    `device`: a PortAudio index, a name, or a part of one; None is the default. `words`: ids or
    whole paths of own models (see `wake.models.find_word`); `sensitivities` has those of them that
    are to be heard with another `sensitivity`. `stop_word` is one more, heard only on demand.
    Without `stage_two` the microWakeWord models decide alone. Raises ValueError with the remedy.
    """

    device: str | None = None
    words: tuple[str, ...] = ("hey_jarvis",)
    sensitivity: Sensitivity = Sensitivity.MEDIUM
    stage_two: bool = True
    sensitivities: Mapping[str, Sensitivity] = field(default_factory=dict)
    stop_word: str | None = None
    gain_db: float = 0.0
    noise_suppression: int = 0

    def __post_init__(self) -> None:
        if not 1 <= len(self.words) <= MAX_WORDS:
            raise ValueError(f"name 1 to {MAX_WORDS} wake words, not {len(self.words)}")
        texts = (*self.words, *self.sensitivities, self.stop_word or "", self.device or "")
        for text in texts:
            if len(text) > _MAX_TEXT:
                raise ValueError(f"shorten a wake word or device name of {len(text)} characters")
