"""Faults that anybody can cause fill no log: told when they begin, and when they are over."""

from __future__ import annotations

import asyncio
import logging

import pytest

from earshot_wire import spate
from earshot_wire.spate import Spate

LOGGER = logging.getLogger("tests.spate")


async def over(caplog: pytest.LogCaptureFixture, lines: int) -> None:
    """Wait until so many lines are logged."""
    async with asyncio.timeout(5.0):
        while len(caplog.messages) < lines:  # noqa: ASYNC110 - what is waited for is a line
            await asyncio.sleep(0.01)


async def test_many_are_told_twice(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(spate, "QUIET_S", 0.2)
    faults = Spate(LOGGER)
    for number in range(100):
        faults.tell("fault %d", number)
    assert caplog.messages == ["fault 0"]
    await over(caplog, 2)
    assert caplog.messages[1:] == ["It happened 99 more times, and has stopped"]
    faults.tell("fault %d", 100)
    assert caplog.messages[2:] == ["fault 100"]
    faults.end()


async def test_it_goes_on_while_they_come_close_to_each_other(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(spate, "QUIET_S", 0.3)
    faults = Spate(LOGGER)
    for _ in range(5):
        faults.tell("fault")
        await asyncio.sleep(0.1)
    assert caplog.messages == ["fault"]
    await over(caplog, 2)


async def test_a_single_one_is_told_once(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(spate, "QUIET_S", 0.05)
    faults = Spate(LOGGER)
    faults.tell("fault")
    await asyncio.sleep(0.2)
    faults.tell("another, later")
    faults.end()
    assert caplog.messages == ["fault", "another, later"]
