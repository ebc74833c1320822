"""How the cards are chosen and set up: in Home Assistant's own dialogs, in a real browser."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Locator, expect

from house.house import House

from .dashboard import PATH, Screens, Seat, screens, write_cards

_KINDS = ("history", "room", "privacy")
_EDIT = f"{PATH}/0?edit=1"


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def seats(built: House) -> AsyncIterator[Screens]:
    """Have screens."""
    async with screens(built) as found:
        yield found


@pytest_asyncio.fixture(loop_scope="session")
async def editing(house: House, seats: Screens) -> AsyncIterator[Seat]:
    """Have somebody edit a dashboard with a card of each kind."""
    device = await device_of(house, "kitchen")
    cards = [{"type": f"custom:earshot-{kind}-card"} for kind in _KINDS]
    cards[1]["device"] = device
    await write_cards(house.client, cards)
    async with seats.seat(path=_EDIT) as seat:
        await expect(seat.page.locator("hui-card-edit-mode")).to_have_count(len(_KINDS))
        yield seat


async def device_of(house: House, key: str) -> str:
    """Return a room's device."""
    entity = house.entities[key]["mute"]
    entry = await house.client.command("config/entity_registry/get", entity_id=entity)
    device: str = entry["device_id"]
    return device


@pytest.mark.parametrize("kind", _KINDS)
async def test_a_card_is_set_up_in_its_form(house: House, editing: Seat, kind: str) -> None:
    """A name is typed and saved; the preview, the card and the dashboard have it."""
    page = editing.page
    at = _KINDS.index(kind)
    frame = page.locator("hui-card-edit-mode").nth(at)
    await frame.hover()
    await frame.get_by_role("button", name="Edit card").click()
    dialog = page.locator("hui-dialog-edit-card")
    form = dialog.locator("ha-form")
    if kind == "history":
        await expect(form).to_contain_text("Without a room: all of them")
    await form.get_by_role("textbox").fill("By the window")
    preview = dialog.locator(f"earshot-{kind}")
    await expect(preview.get_by_role("heading", name="By the window")).to_be_visible()
    if kind == "room":
        await form.get_by_role("spinbutton").fill("45")
        await expect(preview).to_contain_text("Hold: muted for 45 min")
    await dialog.get_by_role("button", name="Save").click()
    await expect(form).to_have_count(0)
    card = frame.locator(f"earshot-{kind}")
    await expect(card.locator("h2")).to_have_text("By the window")
    config = await house.client.command("lovelace/config", url_path=PATH)
    saved = config["views"][0]["sections"][0]["cards"][at]
    written = (
        {"name": "By the window", "minutes": 45} if kind == "room" else {"title": "By the window"}
    )
    assert saved.items() >= written.items()


async def test_the_cards_are_offered_where_cards_are_added(house: House, editing: Seat) -> None:
    """By their names with a preview; and for a room's entity those of this very room."""
    page = editing.page
    await page.get_by_role("button", name="Add card").first.click()
    dialog = page.locator("hui-dialog-create-card")
    await dialog.get_by_role("textbox").fill("Kitchen mute")
    await dialog.get_by_text("Mute", exact=True).click()
    await shows(dialog, {"room": "Kitchen", "history": "Kitchen"})
    await expect(dialog.locator("earshot-privacy")).to_have_count(0)
    await dialog.get_by_role("tab", name="By card").click()
    await dialog.get_by_role("textbox").last.fill("Earshot")
    await shows(dialog, {"history": "What was heard", "privacy": "Privacy at home"})
    await expect(dialog.locator("earshot-room")).to_have_count(1)
    await dialog.locator(".card", has_text="Earshot privacy").locator(".overlay").click()
    form = page.locator("hui-dialog-edit-card")
    await form.get_by_role("textbox").fill("Added")
    await form.get_by_role("button", name="Save").click()
    await expect(page.locator("hui-card-edit-mode")).to_have_count(len(_KINDS) + 1)
    config = await house.client.command("lovelace/config", url_path=PATH)
    added = config["views"][0]["sections"][0]["cards"][-1]
    assert added == {"type": "custom:earshot-privacy-card", "title": "Added"}


async def shows(dialog: Locator, headings: dict[str, str]) -> None:
    """See that cards of these kinds are shown, each with its heading."""
    for kind, heading in headings.items():
        preview = dialog.locator(f"earshot-{kind}")
        await expect(preview.get_by_role("heading", level=2)).to_have_text(heading)
