"""The dashboard's cards come with the integration, at an address that changes with them."""

import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component

from custom_components.earshot import cards
from custom_components.earshot.const import DOMAIN


@pytest.fixture
async def visit(
    hass: HomeAssistant,
    home: HomeAssistant,
    hass_storage: dict[str, Any],
    hass_client_no_auth: Callable[[], Any],
) -> Callable[[], Any]:
    """Have Home Assistant's pages, of a home that is set up; the first visit ends the set-up."""
    steps = ["user", "core_config", "analytics", "integration"]
    hass_storage["onboarding"] = {"version": 4, "key": "onboarding", "data": {"done": steps}}
    assert await async_setup_component(hass, "frontend", {})
    return hass_client_no_auth


async def loader(client: Any) -> str:
    """Return the address of our loader in Home Assistant's page."""
    page = await (await client.get("/")).text()
    found = re.findall(r"/earshot/cards/\w+/loader\.js", page)
    assert len(set(found)) == 1
    return str(found[0])


async def test_every_page_loads_the_loader_and_finds_the_rest_beside_it(
    hass: HomeAssistant, visit: Callable[[], Any]
) -> None:
    assert await async_setup_component(hass, DOMAIN, {})
    client = await visit()
    address = await loader(client)
    for file in cards.FOLDER.glob("*.js"):
        answer = await client.get(address.replace("loader.js", file.name))
        assert answer.status == 200
        assert answer.content_type == "text/javascript"
        assert await answer.read() == file.read_bytes()
        assert "max-age" in answer.headers["Cache-Control"]


async def test_without_pages_there_is_nothing_to_load(hass: HomeAssistant) -> None:
    assert await async_setup_component(hass, DOMAIN, {})
    await hass.async_block_till_done()
    assert "frontend" not in hass.config.components


async def test_a_broken_installation_does_not_stop_the_rest(
    hass: HomeAssistant,
    visit: Callable[[], Any],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(cards, "FOLDER", tmp_path)
    assert await async_setup_component(hass, DOMAIN, {})
    assert "/earshot/cards/" not in await (await (await visit()).get("/")).text()


def test_the_address_changes_when_any_piece_does(tmp_path: Path) -> None:
    """Browsers keep what they got for a month: an old piece under a new loader would not fit."""
    folder = Path(shutil.copytree(cards.FOLDER, tmp_path / "frontend"))
    before = cards.content_hash(folder)
    assert before == cards.content_hash(cards.FOLDER)
    (folder / "i18n-de.js").write_bytes(b"export default {}")
    after = cards.content_hash(folder)
    assert after != before
    (folder / "i18n-de.js").rename(folder / "i18n-fr.js")
    assert cards.content_hash(folder) not in (before, after)
    (folder / "loader.js").unlink()
    assert cards.content_hash(folder) is None
