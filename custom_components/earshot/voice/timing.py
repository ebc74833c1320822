"""When the stages of a turn happened, on the monotonic clock."""

import time
from dataclasses import dataclass, field


@dataclass
class Timing:
    """Moments of one turn in seconds of `time.monotonic`; `woken` is the detection itself."""

    woken: float
    marks: dict[str, float] = field(default_factory=dict)

    def mark(self, stage: str) -> None:
        """Note that a stage was reached, the first time it is."""
        self.marks.setdefault(stage, time.monotonic())

    def milliseconds(self) -> dict[str, int]:
        """Return `{stage}_ms` from the detection for each stage that was reached."""
        return {f"{stage}_ms": round((at - self.woken) * 1000) for stage, at in self.marks.items()}
