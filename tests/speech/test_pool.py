"""The decoding processes are there for the next request, whatever became of the last one."""

from __future__ import annotations

import asyncio

import pytest

from earshot_speech.recognition.engine import Engine
from earshot_speech.recognition.pool import Pool


@pytest.mark.parametrize("steps", [1, 2])
def test_a_client_that_leaves_while_its_grammar_is_loaded_costs_no_process(steps: int) -> None:
    """A cancel before the loading began lost the process: nothing was recognised ever after."""

    async def leave() -> None:
        pool = Pool(1)
        engine = Engine(pool)
        await asyncio.gather(pool.start(), engine.start())
        try:
            loading = asyncio.create_task(engine.prepare(await engine.search(None)))
            for _ in range(steps):
                await asyncio.sleep(0)
            loading.cancel()
            await asyncio.gather(loading, return_exceptions=True)
            async with asyncio.timeout(8.0):
                await pool.phones(b"\0" * 32_000)
        finally:
            await pool.stop()

    asyncio.run(leave())
