"""Both clocks of the machine, moved by a test; Home Assistant's own timers stay as they are."""

from datetime import timedelta

import pytest

from custom_components.earshot.house import House
from custom_components.earshot.policy.clock import Moment
from custom_components.earshot.vault import clock as machine


class HouseClock:
    """The real clocks, and what was added to them."""

    def __init__(self) -> None:
        self.ran = 0.0
        self.jumped = 0.0
        self._real = machine.now

    def now(self) -> Moment:
        """Return what both clocks say."""
        real = self._real()
        wall = real.wall + timedelta(seconds=self.ran + self.jumped)
        return Moment(wall, real.boot_id, real.boottime + self.ran)

    def later(self, *, hours: float = 0.0, minutes: float = 0.0) -> None:
        """Let time pass."""
        self.ran += hours * 3_600 + minutes * 60

    def set_wall(self, hours: float) -> None:
        """Set the wall clock forward, or back."""
        self.jumped += hours * 3_600


async def take_over(house: House, monkeypatch: pytest.MonkeyPatch) -> HouseClock:
    """Give a house clocks that the test moves."""
    clock = HouseClock()
    monkeypatch.setattr(machine, "now", clock.now)
    vault = await house.async_vault()
    monkeypatch.setattr(vault._watch, "_now", clock.now)
    return clock
