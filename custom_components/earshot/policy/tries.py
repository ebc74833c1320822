"""How soon a secret may be tried again: five tries at once, then each costs twice the wait.

Without it a short code, or a passphrase that somebody half knows, is found by trying.
"""

from dataclasses import dataclass, replace

FREE = 5
FIRST_S = 30.0
LONGEST_S = 3600.0


@dataclass(frozen=True)
class Tries:
    """The tries of one asker at one secret since the last success."""

    failed: int = 0
    last: float = 0.0
    """When the last one was made, in seconds of a clock that is never set."""

    def wait_s(self, now: float) -> float:
        """Return the seconds until the next try; 0 when it may be made."""
        if self.failed < FREE:
            return 0.0
        # No larger power is needed, and a float has room for no much larger one.
        pause = FIRST_S * 2.0 ** min(self.failed - FREE, 16)
        return max(0.0, self.last + min(pause, LONGEST_S) - now)

    def after_failure(self, now: float) -> Tries:
        """Return them with one more that failed."""
        return replace(self, failed=self.failed + 1, last=now)
