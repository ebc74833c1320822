"""Opening that is given up: nobody is left who holds the vault."""

import asyncio
import threading

import pytest

from custom_components.earshot.vault import Vault
from custom_components.earshot.vault.reader import Reader
from custom_components.earshot.vault.store import Store


@pytest.mark.parametrize("part", ["clock_state", "_open"])
async def test_given_up_it_is_closed_and_opens_again(folder, monkeypatch, part):
    """As at the end of a Home Assistant that has only just started."""
    asked, go = threading.Event(), threading.Event()
    slow = Store if part == "clock_state" else Reader
    function = getattr(slow, part)

    def held(self):
        asked.set()
        assert go.wait(10)
        return function(self)

    monkeypatch.setattr(slow, part, held)
    opening = asyncio.create_task(Vault.async_open(folder))
    assert await asyncio.to_thread(asked.wait, 10)
    opening.cancel()
    await asyncio.sleep(0)
    go.set()
    with pytest.raises(asyncio.CancelledError):
        await opening
    monkeypatch.undo()
    async with asyncio.timeout(10):
        while any(it.name.startswith("earshot-vault") for it in threading.enumerate()):  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    await (await Vault.async_open(folder)).async_close()
