"""How often may be done what anybody can do and what leaves a line in the log.

The log holds so many lines. Without this, whoever wants to hide that they listened would turn a
switch to and fro until the line about it is among those that are left out.
"""

from dataclasses import dataclass, replace


@dataclass(frozen=True)
class Allowance:
    """Some at once, and then one more in each minute."""

    at_once: int = 20
    each_s: float = 60.0
    used: float = 0.0
    last: float = 0.0
    """When it was last used, in seconds of a clock that is never set."""

    def after_one(self, now: float) -> Allowance | None:
        """Return what is left after one more; None when it is used up."""
        used = max(0.0, self.used - (now - self.last) / self.each_s)
        return None if used + 1 > self.at_once else replace(self, used=used + 1, last=now)
