"""The cards of a room and of the house in a real browser, on the dashboard that made itself."""

import asyncio
import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Locator, Page, expect

from house.browser import Look
from house.dashboard import EARSHOT
from house.house import House
from house.people import add_person
from house.programs import ROOM_BIN
from house.room import Room

from .conftest import works
from .dashboard import LOOKS, Screens, screens
from .test_faults import recorders_are

GUEST = "Visitor"
"""Has an account, and is no listener of any room."""

_HOUSE = f"{EARSHOT}/house"
_MOVING = """
// What begins to move while somebody speaks and the button is held.
(card) => {
  const changes = { ".badge": "active", ".mute": "holding" };
  for (const does of ["remove", "add"]) {
    for (const [where, name] of Object.entries(changes)) {
      card.shadowRoot.querySelector(where).classList[does](name);
    }
    card.shadowRoot.getAnimations();
  }
  return card.shadowRoot.getAnimations()
    .map((it) => it.animationName ?? it.transitionProperty).sort();
}
"""
_CHECK_MS = 90_000
_COMMAND_S = 20


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def seats(built: House) -> AsyncIterator[Screens]:
    """Have screens, and a visitor with an account."""
    await add_person(built.client, GUEST)
    async with screens(built) as found:
        yield found


def room_card(page: Page, name: str) -> Locator:
    """Return the card of a room."""
    return page.locator("earshot-room").filter(has=page.get_by_role("heading", name=name))


def mute_button(card: Locator) -> Locator:
    """Return its big button, whatever it says."""
    return card.locator("button.mute")


@pytest.mark.parametrize("name", LOOKS)
async def test_home_assistant_opens_with_the_dashboard_that_made_itself(
    house: House, seats: Screens, name: str, images: Path | None
) -> None:
    """Both rooms, privacy and history; nothing for axe to find, nothing beside the screen."""
    async with seats.seat(look=LOOKS[name], path="") as seat:
        page = seat.page
        await expect(page).to_have_url(f"{seats.base}/{EARSHOT}/house")
        rooms, privacy = page.locator("earshot-room"), page.locator("earshot-privacy")
        await expect(rooms).to_have_count(2)
        await expect(rooms.nth(0)).to_contain_text("Bedroom")
        await expect(rooms.nth(1)).to_contain_text("Kitchen")
        await expect(privacy).to_contain_text("Kitchen")
        await expect(page.locator("earshot-history")).to_have_count(1)
        await privacy.locator(".rooms summary").first.click()
        assert await seat.axe(rooms.nth(0)) == []
        assert await seat.axe(privacy) == []
        for card in (rooms.nth(1), privacy):
            box = await card.bounding_box()
            assert box is not None
            assert box["x"] >= 0
            assert box["x"] + box["width"] <= LOOKS[name].width
            wide = "it => it.scrollWidth <= it.clientWidth"
            assert await card.locator("ha-card").evaluate(wide)
        if images and name != "phone":  # where it is long
            await picture_of_all(house, page, LOOKS[name], images / f"dashboard-{name}.png")


async def test_a_screen_reader_is_told_what_there_is(house: House, seats: Screens) -> None:
    """By roles and names alone: headings, states that are told by themselves, buttons."""
    async with seats.seat(path=_HOUSE) as seat:
        card = room_card(seat.page, "Kitchen")
        await expect(card.locator(".word")).to_have_text("Open")
        await expect(card).to_match_aria_snapshot(
            """
            - heading "Kitchen" [level=2]
            - status:
              - paragraph: Microphone
              - paragraph: Open
              - paragraph: /Verified, since/
              - paragraph: Waits for its wake word
            - button "Mute"
            - paragraph: "Hold: muted for 30 min"
            - term: What is kept
            - definition: "At most: words 24 h, sound 24 h"
            - term: Last command
            - definition
            - term: False wakes today
            - definition
            """
        )
        await expect(seat.page.locator("earshot-privacy")).to_match_aria_snapshot(
            """
            - heading "Privacy at home" [level=2]
            - button "Mute all"
            - button "Guests"
            - list "Rooms":
              - listitem:
                - group: /Kitchen Open .* Local/
                - 'button "Mute: Kitchen"'
              - listitem:
                - group: /Bedroom Open .* Local/
                - 'button "Mute: Bedroom"'
            - heading "What is kept" [level=3]
            - heading "Who listened lately" [level=3]
            - heading "Is what was deleted gone?" [level=3]
            - button
            - heading "Does anything leave the house?" [level=3]
            """
        )
        await seat.listen(card)
        await house.client.call("switch.turn_on", house.entities["kitchen"]["mute"])
        await seat.wait_told("Microphone Not verified")
        await house.client.call("switch.turn_off", house.entities["kitchen"]["mute"])
        await seat.wait_told("Microphone Open")


async def test_nothing_moves_where_the_system_asks_for_that(house: House, seats: Screens) -> None:
    async with seats.seat(path=_HOUSE) as seat:
        card = room_card(seat.page, "Kitchen")
        await expect(card.locator(".word")).to_have_text("Open")
        try:
            for motion in ("no-preference", "reduce"):
                await seat.page.emulate_media(reduced_motion=motion)
                moving = await card.evaluate(_MOVING)
                assert moving == (["hear", "transform"] if motion == "no-preference" else [])
        finally:
            await seat.page.emulate_media(reduced_motion="reduce")


@pytest_asyncio.fixture(loop_scope="session")
async def alone(kitchen: Room) -> AsyncIterator[Room]:
    """Return the kitchen without our own recorder at its microphone."""
    await kitchen.in_microphone.stop()
    yield kitchen
    await kitchen.in_microphone.start()


async def test_the_big_button_closes_the_microphone_and_opens_it_again(
    house: House, seats: Screens, alone: Room
) -> None:
    """By pointer and by key; the card shows what is verified, not what was pressed."""
    async with seats.seat(path=_HOUSE) as seat:
        page = seat.page
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
    house: House, seats: Screens, bedroom: Room
) -> None:
    async with seats.seat(path=_HOUSE) as seat:
        page = seat.page
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


async def test_mute_all_and_guest_mode(house: House, seats: Screens) -> None:
    """Anybody in the house may begin them; only a listener ends guest mode."""
    async with seats.seat(GUEST, path=_HOUSE) as seat:
        page = seat.page
        privacy = page.locator("earshot-privacy")
        await seat.listen(privacy)
        await privacy.get_by_role("button", name="Mute all").press("Enter")
        muted = privacy.get_by_role("button", name="All are muted")
        await expect(muted).to_be_disabled()
        await expect(muted).to_be_focused()
        for key in ("kitchen", "bedroom"):
            await house.client.wait_state(house.entities[key]["mute"], "on", _COMMAND_S)
        await seat.wait_told("All are muted")
        await privacy.get_by_role("button", name="Guests").click()
        await privacy.get_by_role("button", name="4 h", exact=True).click()
        await expect(privacy).to_contain_text("nothing new is kept")
        await expect(room_card(page, "Kitchen")).to_contain_text("because of guest mode")
        await privacy.get_by_role("button", name="End it").click()
        await expect(privacy.get_by_role("alert")).to_contain_text("Only a listener")
    async with seats.seat(path=_HOUSE) as seat:
        page = seat.page
        privacy = page.locator("earshot-privacy")
        await privacy.get_by_role("button", name="End it").click()
        await expect(privacy.get_by_role("button", name="Guests")).to_be_visible()


async def test_a_look_for_what_was_deleted_never_comes_without_its_list(
    house: House, seats: Screens
) -> None:
    async with seats.seat(path=_HOUSE) as seat:
        page = seat.page
        privacy = page.locator("earshot-privacy")
        await privacy.get_by_role("button", name="Look now").click()
        unchecked = privacy.locator(".group", has_text="Could not be looked at")
        await expect(unchecked).to_be_visible(timeout=_CHECK_MS)
        await unchecked.locator("summary").click()
        await expect(unchecked).to_contain_text("The memory of the satellites")
        await expect(privacy).to_contain_text("Not tested here")
        assert await seat.axe(privacy) == []


async def at_the_satellite(room: Room, command: str) -> None:
    """Mute or unmute a room as somebody at its device does, verified or not."""
    program = ROOM_BIN / "earshot-satellite"
    process = await asyncio.create_subprocess_exec(
        program, command, "--config", room.settings_file,
        stdout=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    async with asyncio.timeout(_COMMAND_S):
        await process.wait()


async def picture_of_all(house: House, page: Page, look: Look, path: Path) -> None:
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
    await page.screenshot(path=path)
    await bedroom.in_microphone.start()
