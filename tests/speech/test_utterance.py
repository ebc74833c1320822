"""How long an utterance may last, whatever the client sends."""

from __future__ import annotations

import asyncio

import pytest

from earshot_speech.recognition import utterance
from earshot_speech.recognition.engine import Engine
from earshot_speech.recognition.pool import Pool, Search
from earshot_speech.recognition.utterance import Demand, Utterance
from earshot_wire.speech import Result


@pytest.mark.parametrize("ends_itself", [True, False], ids=["ours", "stock"])
def test_a_client_that_dribbles_is_not_listened_to_for_ever(
    monkeypatch: pytest.MonkeyPatch, ends_itself: bool
) -> None:
    """One sample at a time, it never stalls and never reaches its limit: four lock all out."""
    monkeypatch.setattr(utterance, "STALL_S", 0.3)

    async def dribble() -> bytes | None:
        await asyncio.sleep(0.05)
        return b"\0\0"

    async def listen() -> Result:
        search: asyncio.Future[Search] = asyncio.get_running_loop().create_future()
        demand = Demand(limit_ms=200, after_wake=False, ends_itself=ends_itself)
        async with asyncio.timeout(5.0):
            return await Utterance(Engine(Pool()), demand, search).listen(dribble)

    result = asyncio.run(listen())
    assert (result.kind, result.ending) == ("no_speech", "stopped")
