"""How loud the loudspeaker is, as home, a button or the settings say."""

from __future__ import annotations


class Volume:
    """Set in the event loop, read by the player's thread: each value is replaced whole."""

    def __init__(self, level: float, *, muted: bool = False) -> None:
        self.level = level
        self.muted = muted

    def of(self, least: float = 0.0) -> float:
        """Return what samples are multiplied with; `least` for what must be heard."""
        return max(0.0 if self.muted else self.level, least)
