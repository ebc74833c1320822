"""The cards of a room and of the house in a real browser, on the dashboard that made itself."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Locator, Page, expect

from house.browser import WAIT_MS, Look, logged_in, open_browser
from house.dashboard import EARSHOT
from house.home import USER
from house.house import House
from house.people import add_person, log_in
from house.programs import ROOM_BIN, ROOT
from house.room import Room

from .conftest import works
from .test_faults import recorders_are

expect.set_options(timeout=WAIT_MS)

GUEST = "Visitor"
"""Has an account, and is no listener of any room."""

LOOKS = {
    "phone": Look(width=320, height=720),
    "tablet-dark": Look(width=768, height=1024, theme="dark", language="de"),
    "wall": Look(width=1280, height=800),
}
_AXE = ROOT / "card" / "node_modules" / "axe-core" / "axe.min.js"
_RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
_CHECK_MS = 90_000
_COMMAND_S = 20


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def browser(built: House) -> AsyncIterator[Browser]:
    """Have a browser, and a visitor with an account."""
    await add_person(built.client, GUEST)
    async with open_browser() as found:
        yield found


@asynccontextmanager
async def opened(
    house: House, browser: Browser, who: str = USER, look: Look | None = None, path: str = ""
) -> AsyncIterator[Page]:
    """Have somebody open Home Assistant; the page must not stumble meanwhile."""
    base, faults = house.home.base, list[str]()
    login = await log_in(base, who.lower())
    async with logged_in(browser, login, look) as context:
        page = await context.new_page()
        page.set_default_timeout(WAIT_MS)
        page.on("pageerror", lambda error: faults.append(str(error)))
        await page.goto(f"{base}/{path}", wait_until="commit")
        yield page
        assert faults == []


def room_card(page: Page, name: str) -> Locator:
    """Return the card of a room."""
    return page.locator("earshot-room").filter(has=page.get_by_role("heading", name=name))


def mute_button(card: Locator) -> Locator:
    """Return its big button, whatever it says."""
    return card.locator("button.mute")


async def axe(page: Page, card: Locator) -> list[str]:
    """Return what somebody with a disability would stumble over in a card."""
    if not await page.evaluate("'axe' in window"):
        await page.evaluate(_AXE.read_text())
    found: dict[str, Any] = await card.evaluate(
        "(card, rules) => axe.run(card, {resultTypes: ['violations'], runOnly: rules})", _RULES
    )
    return [
        f"{each['id']}: {node['target'][-1]} {node['failureSummary']}"
        for each in found["violations"]
        for node in each["nodes"]
    ]


@pytest.mark.parametrize("name", LOOKS)
async def test_home_assistant_opens_with_the_dashboard_that_made_itself(
    house: House, browser: Browser, name: str, request: pytest.FixtureRequest
) -> None:
    """Both rooms, privacy and history; nothing for axe to find, nothing beside the screen."""
    async with opened(house, browser, look=LOOKS[name]) as page:
        await expect(page).to_have_url(f"{house.home.base}/{EARSHOT}/house")
        rooms, privacy = page.locator("earshot-room"), page.locator("earshot-privacy")
        await expect(rooms).to_have_count(2)
        await expect(rooms.nth(0)).to_contain_text("Bedroom")
        await expect(rooms.nth(1)).to_contain_text("Kitchen")
        await expect(privacy).to_contain_text("Kitchen")
        await expect(page.locator("earshot-history")).to_have_count(1)
        await privacy.locator(".rooms summary").first.click()
        assert await axe(page, rooms.nth(0)) == []
        assert await axe(page, privacy) == []
        for card in (rooms.nth(1), privacy):
            box = await card.bounding_box()
            assert box is not None
            assert box["x"] >= 0
            assert box["x"] + box["width"] <= LOOKS[name].width
            wide = "it => it.scrollWidth <= it.clientWidth"
            assert await card.locator("ha-card").evaluate(wide)
        if request.config.getoption("--screenshots"):
            await picture(house, page, LOOKS[name], f"dashboard-{name}")


@pytest_asyncio.fixture(loop_scope="session")
async def alone(kitchen: Room) -> AsyncIterator[Room]:
    """Return the kitchen without our own recorder at its microphone."""
    await kitchen.in_microphone.stop()
    yield kitchen
    await kitchen.in_microphone.start()


async def test_the_big_button_closes_the_microphone_and_opens_it_again(
    house: House, browser: Browser, alone: Room
) -> None:
    """By pointer and by key; the card shows what is verified, not what was pressed."""
    async with opened(house, browser) as page:
        card = room_card(page, "Kitchen")
        await expect(card.locator(".word")).to_have_text("Open")
        await mute_button(card).click()
        await recorders_are(alone, 0)
        await expect(mute_button(card)).to_contain_text("Unmute")
        await expect(card.locator(".word")).not_to_have_text("Open")
        await expect(mute_button(card)).to_have_attribute("aria-busy", "false")
        await mute_button(card).focus()
        await page.keyboard.press("Enter")
        await recorders_are(alone, 1)
        await expect(card.locator(".word")).to_have_text("Open")
        await expect(mute_button(card)).to_have_attribute("aria-busy", "false")
        await page.keyboard.down(" ")
        await expect(card.locator("#below")).to_contain_text("Muted for another 30 min")
        await page.keyboard.up(" ")
        await recorders_are(alone, 0)
        await expect(mute_button(card)).to_contain_text("Unmute")
        await expect(mute_button(card)).to_have_attribute("aria-busy", "false")
        await mute_button(card).click()
        await recorders_are(alone, 1)


async def test_what_was_muted_at_the_satellite_says_why_it_stays(
    house: House, browser: Browser, bedroom: Room
) -> None:
    async with opened(house, browser) as page:
        card = room_card(page, "Bedroom")
        await expect(mute_button(card)).to_contain_text("Mute")
        try:
            await at_the_satellite(bedroom, "mute")
            await expect(card.locator("#below")).to_contain_text("only there")
            await expect(mute_button(card)).to_be_disabled()
            await mute_button(card).dispatch_event("click")
        finally:
            await at_the_satellite(bedroom, "unmute")
        await expect(card.locator(".word")).to_have_text("Open")


async def test_mute_all_and_guest_mode(house: House, browser: Browser) -> None:
    """Anybody in the house may begin them; only a listener ends guest mode."""
    async with opened(house, browser, GUEST) as page:
        privacy = page.locator("earshot-privacy")
        await privacy.get_by_role("button", name="Mute all").click()
        await expect(privacy.get_by_role("button", name="All are muted")).to_be_disabled()
        for key in ("kitchen", "bedroom"):
            await house.client.wait_state(house.entities[key]["mute"], "on", _COMMAND_S)
        await privacy.get_by_role("button", name="Guests").click()
        await privacy.get_by_role("button", name="4 h", exact=True).click()
        await expect(privacy).to_contain_text("nothing new is kept")
        await expect(room_card(page, "Kitchen")).to_contain_text("because of guest mode")
        await privacy.get_by_role("button", name="End it").click()
        await expect(privacy.get_by_role("alert")).to_contain_text("Only a listener")
    async with opened(house, browser) as page:
        privacy = page.locator("earshot-privacy")
        await privacy.get_by_role("button", name="End it").click()
        await expect(privacy.get_by_role("button", name="Guests")).to_be_visible()


async def test_a_look_for_what_was_deleted_never_comes_without_its_list(
    house: House, browser: Browser
) -> None:
    async with opened(house, browser) as page:
        privacy = page.locator("earshot-privacy")
        await privacy.get_by_role("button", name="Look now").click()
        unchecked = privacy.locator(".group", has_text="Could not be looked at")
        await expect(unchecked).to_be_visible(timeout=_CHECK_MS)
        await unchecked.locator("summary").click()
        await expect(unchecked).to_contain_text("The memory of the satellites")
        await expect(privacy).to_contain_text("Not tested here")
        assert await axe(page, privacy) == []


async def at_the_satellite(room: Room, command: str) -> None:
    """Mute or unmute a room as somebody at its device does, verified or not."""
    program = ROOM_BIN / "earshot-satellite"
    process = await asyncio.create_subprocess_exec(
        program, command, "--config", room.settings_file,
        stdout=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    async with asyncio.timeout(_COMMAND_S):
        await process.wait()


async def picture(house: House, page: Page, look: Look, name: str) -> None:
    """Take a picture for the documents: something was said, and the bedroom is muted."""
    bedroom = house.rooms["bedroom"]
    await bedroom.in_microphone.stop()
    kept = await house.client.state(house.entities["kitchen"]["captures_kept"])
    if kept is not None and kept["state"] == "0":
        await works(house)
    await house.client.call("switch.turn_on", house.entities["bedroom"]["mute"])
    await expect(page.locator("earshot-room .word").first).to_have_text(re.compile("Closed|Gesch"))
    await page.locator("earshot-privacy .rooms summary").first.click()
    high = await page.locator("hui-sections-view").evaluate("it => it.scrollHeight + 60")
    await page.set_viewport_size({"width": look.width, "height": high})
    await page.wait_for_timeout(1_000)  # icons are drawn one by one
    await page.screenshot(path=Path("docs/images") / f"{name}.png")
    await bedroom.in_microphone.start()
