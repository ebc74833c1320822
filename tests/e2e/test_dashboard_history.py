"""The history card in a real browser, with a real Home Assistant and what was really said to it.

The last tests seal the kitchen and have it ask for one-time passwords, so the house is their own.
"""

import asyncio
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pyotp
import pytest
import pytest_asyncio
from playwright.async_api import expect

from house.client import Client, HomeError
from house.home import Home
from house.house import KITCHEN, House, open_house
from house.people import add_person
from house.turn import Order

from .conftest import give, logs_folder
from .dashboard import LOOKS, Screens, picture, portrait, screens, write_cards

HALL = "hall light"
COFFEE = "coffee machine"
_PASSPHRASE = "correct horse battery staple"
_AGAIN_MS = 60_000


STRANGER = "Stranger"
"""An administrator who is no listener of any room."""


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def built() -> AsyncIterator[House]:
    """Build a house for these tests alone."""
    async with open_house((KITCHEN,), logs=logs_folder()) as house:
        yield house


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def seats(built: House) -> AsyncIterator[Screens]:
    """Have screens in a house in which something was said; the first is on already."""
    await write_cards(built.client, [{"type": "custom:earshot-history-card"}])
    await add_person(built.client, STRANGER, admin=True)
    async with screens(built) as found:
        saying = asyncio.create_task(say(built, f"turn on the {HALL}", "light.hall_light"))
        async with found.seat() as seat:
            await expect(seat.card).to_be_visible()
        await saying
        yield found


async def say(house: House, command: str, entity: str, tries: int = 2) -> None:
    """Say a command until it is understood: a synthetic voice may need a second try."""
    for _ in range(tries):
        turn = await give(house, Order("kitchen", command, "rms", {entity: "on"}))
        if turn.right:
            return
    raise AssertionError(turn.faults)


async def test_what_was_said_is_there_by_the_integrations_own_registration(seats: Screens) -> None:
    """No resource is written into any dashboard, and no state carries a word of it."""
    assert await seats.house.client.command("lovelace/resources") == []
    async with seats.seat() as seat:
        row = seat.row(HALL)
        await expect(row).to_contain_text("Understood")
        await expect(row).to_contain_text("gone in 23 h")
        await expect(row.locator("path.bars")).to_have_count(1)
        await expect(seat.rows.first).to_contain_text("Today")
        await row.locator(".body").click()
        await expect(row).to_contain_text("the room's own rule")
        await expect(row).to_contain_text("Nobody")
    states = str(await seats.house.client.states())
    assert f"turn on the {HALL}" not in states.lower()


async def test_a_new_command_appears_by_itself_and_nothing_is_asked_while_idle(
    seats: Screens,
) -> None:
    """And who does not see it is told."""
    async with seats.seat() as seat:
        await expect(seat.row(HALL)).to_be_visible()
        await seat.listen(seat.card)
        before = await seat.rows.count()
        await say(seats.house, f"turn on the {COFFEE}", "switch.coffee_machine")
        await expect(seat.rows).to_have_count(before + 1)
        await expect(seat.rows.first).to_contain_text(COFFEE)
        await seat.wait_told("1 new")
        await seat.page.wait_for_timeout(1_000)  # what the event brought about is over
        await seat.sent()
        await seat.page.wait_for_timeout(1_500)
        assert [it for it in await seat.sent() if "earshot" in it] == []


async def test_what_is_played_sounds_and_leaves_a_line(seats: Screens) -> None:
    async with seats.seat() as seat:
        row = seat.row(HALL)
        await row.locator(".body").click()
        await row.get_by_role("button", name="Play").click()
        await seat.page.wait_for_function("window.loudest > 0.05")
        await expect(row.get_by_role("slider")).not_to_have_js_property("value", "0")
        await expect(row).to_contain_text("Resident played it")
        await row.get_by_role("button", name="Pause").click()
        await seat.sent()
        await row.get_by_role("button", name="Play").click()
        await expect(row.get_by_role("button", name="Pause")).to_be_visible()
        assert not [it for it in await seat.sent() if it.startswith("GET")]


async def test_by_keyboard_alone(seats: Screens) -> None:
    """Found, opened, played, asked to be deleted, and left alone, without a pointer."""
    async with seats.seat() as seat:
        await expect(seat.rows.nth(1)).to_be_visible()
        keys = seat.page.keyboard
        for _ in range(40):
            await keys.press("Tab")
            if await seat.rows.first.evaluate("it => it.getRootNode().activeElement === it"):
                break
        await keys.press("ArrowDown")
        second = seat.rows.nth(1)
        await expect(second).to_be_focused()
        await keys.press("Enter")
        await expect(second.locator(".detail dl")).to_be_visible()
        await keys.press(" ")
        await seat.page.wait_for_function("window.loudest > 0.05")
        await keys.press("Escape")
        await expect(second.locator(".detail")).to_have_count(0)
        await expect(second).to_be_focused()
        await keys.press("Delete")
        dialog = seat.page.get_by_role("dialog")
        await expect(dialog).to_contain_text("1 capture will be deleted.")
        # The system asks for no motion.
        assert await dialog.evaluate("it => getComputedStyle(it).animationName") == "none"
        await keys.press("Escape")
        await expect(dialog).to_have_count(0)
        await keys.press("Home")
        await expect(seat.rows.first).to_be_focused()


@pytest.mark.parametrize("name", LOOKS)
async def test_it_can_be_used_by_everybody_on_every_screen(
    seats: Screens, name: str, images: Path | None
) -> None:
    """Nothing for axe to find, and nothing beside the screen, in both themes."""
    async with seats.seat(look=LOOKS[name]) as seat:
        await expect(seat.rows.nth(1)).to_be_visible()
        await seat.rows.nth(1).locator(".body").click()
        await seat.rows.nth(1).locator(".detail dl").wait_for()
        await picture(seat, images, f"history-{name}-open")
        await seat.card.locator("header button").last.click()
        await seat.card.get_by_role("search").wait_for()
        assert await seat.axe() == []
        wide = "document.scrollingElement.scrollWidth <= innerWidth"
        assert await seat.page.evaluate(wide)
        await seat.card.locator("header button").first.click()
        await seat.card.get_by_role("checkbox").first.check()
        assert await seat.axe() == []


async def test_filters_leave_what_fits(seats: Screens) -> None:
    async with seats.seat() as seat:
        await expect(seat.row(HALL)).to_be_visible()
        await seat.button("Filter").click()
        await seat.page.get_by_role("searchbox").fill("coffee")
        await expect(seat.row(HALL)).to_have_count(0)
        await expect(seat.row(COFFEE)).to_have_count(1)
        await seat.page.get_by_role("searchbox").fill("elephant")
        await expect(seat.card).to_contain_text("Nothing found")
        await seat.button("Show everything").click()
        await expect(seat.row(HALL)).to_be_visible()
        await seat.button("False wake").click()
        await expect(seat.row(COFFEE)).to_have_count(0)


async def test_whoever_is_no_listener_sees_nothing_and_is_refused(
    seats: Screens, images: Path | None
) -> None:
    """An administrator, who could do everything else; the audio view answers 403."""
    async with seats.client() as resident:
        page = await resident.command("earshot/captures")
    capture_id = page["captures"][0]["id"]
    async with seats.seat(STRANGER) as seat:
        await expect(seat.card).to_contain_text("Not yours to hear")
        await portrait(seat.card, images, "history-denied")
        await expect(seat.rows).to_have_count(0)
        assert await seat.axe() == []
        assert "earshot/captures" not in await seat.sent()
        status = await seat.page.evaluate(
            """async (path) => (await document.querySelector("home-assistant").hass
                 .fetchWithAuth(path)).status""",
            f"/api/earshot/captures/{capture_id}/audio",
        )
        assert status == 403
    async with seats.client(STRANGER) as stranger:
        with pytest.raises(HomeError, match="not_allowed"):
            await stranger.command("earshot/captures")


async def test_pinned_labelled_and_exported(seats: Screens) -> None:
    async with seats.seat() as seat:
        row = seat.row(HALL)
        await row.locator(".body").click()
        await row.get_by_role("button", name="Pin").click()
        dialog = seat.page.get_by_role("dialog")
        await dialog.get_by_label("Reason").fill("to show it")
        await dialog.get_by_role("button", name="Pin").click()
        await expect(row).to_contain_text("to show it (Resident, until")
        await row.get_by_role("button", name="Unpin").click()
        await expect(row).not_to_contain_text("to show it")
        await row.get_by_role("button", name="Wrong text").click()
        await dialog.get_by_label("Right text").fill("turn on the wall light")
        await dialog.get_by_role("button", name="Save").click()
        await expect(row).to_contain_text("turn on the wall light")
        await row.get_by_role("button", name="Wrong text").click()
        await expect(row).not_to_contain_text("turn on the wall light")
        await row.get_by_role("button", name="Export").click()
        async with seat.page.expect_download() as download:
            await dialog.get_by_role("button", name="Export").click()
        path = await (await download.value).path()
        assert path.read_bytes().startswith(b"PK")
        await expect(row).to_contain_text("Resident exported it")


async def test_what_is_deleted_can_be_taken_back_and_then_is_gone(seats: Screens) -> None:
    """And the deletion check, which looks everywhere, agrees."""
    async with seats.seat() as seat:
        await seat.listen(seat.card)
        row = seat.row(COFFEE)
        await row.locator(".body").click()
        dialog = seat.page.get_by_role("dialog")
        for takes_back in (True, False):
            await row.get_by_role("button", name="Delete", exact=True).click()
            await expect(dialog).to_contain_text("1 capture will be deleted.")
            await dialog.get_by_role("button", name="Delete").click()
            await expect(seat.card).to_contain_text("is deleted in")
            if takes_back:
                await seat.button("Undo").click()
                await expect(seat.card).to_contain_text("Nothing was deleted.")
        await expect(row).to_have_count(0, timeout=20_000)
        await expect(seat.card).to_contain_text("1 capture deleted", timeout=60_000)
        for said in ("1 capture will be deleted.", "Nothing was deleted.", "1 capture deleted"):
            await seat.wait_told(said)
    report = await seats.house.client.ask("earshot.check_deleted", timeout_s=200)
    ours = [it for it in report["places"] if it["kept_by"] == "earshot"]
    assert ours
    assert [it for it in ours if it["state"] == "found"] == []
    async with seats.client() as resident:
        page = await resident.command("earshot/captures", text="coffee")
    assert page["captures"] == []


async def test_a_cable_that_is_cut_and_mended(seats: Screens, images: Path | None) -> None:
    async with seats.seat() as seat:
        await expect(seat.row(HALL)).to_be_visible()
        await seats.cable.cut()
        await expect(seat.card).to_contain_text("No connection: this may be out of date.")
        await expect(seat.row(HALL)).to_have_count(1)
        await portrait(seat.card, images, "history-offline")
        await seats.cable.start()
        await expect(seat.card).not_to_contain_text("No connection", timeout=_AGAIN_MS)
        await seat.row(HALL).get_by_role("button", name="Play").click()
        await seat.page.wait_for_function("window.loudest > 0.05")


async def again(home: Home) -> None:
    """End Home Assistant as the system does when it is shut down, and start it again."""
    await home.stop()
    home.client = Client(home.base, home.client.token)
    await home.start()
    await home.wait_running()


async def test_home_assistant_restarts_with_the_card_open(seats: Screens) -> None:
    """It goes on by itself, and shows what happens afterwards."""
    async with seats.seat() as seat:
        row = seat.row(HALL)
        await expect(row).to_be_visible()
        restarting = asyncio.create_task(again(seats.house.home))
        await expect(seat.card).to_contain_text("No connection")
        await restarting
        await expect(seat.card).not_to_contain_text("No connection", timeout=_AGAIN_MS)
        capture_id = await row.get_attribute("data-id")
        async with seats.client() as resident:
            command = {"capture_id": capture_id, "days": 1, "reason": "to see it"}
            await resident.command("earshot/captures/pin", **command)
            await expect(row).to_contain_text("pinned until")
            await resident.command("earshot/captures/unpin", capture_id=capture_id)
        await expect(row).not_to_contain_text("pinned until")


async def test_a_sealed_room_opens_with_its_passphrase_and_closes_again(
    seats: Screens, images: Path | None
) -> None:
    room_id = seats.house.rooms["kitchen"].entry_id
    async with seats.client() as resident:
        await resident.command(
            "earshot/seals/create", rooms=[room_id], label="Resident", password=_PASSPHRASE
        )
    async with seats.seat() as seat:
        await expect(seat.card).to_contain_text("opens with your passphrase only")
        await expect(seat.row(HALL)).to_have_count(0)
        await portrait(seat.card, images, "history-sealed")
        await seat.button("Unlock").click()
        dialog = seat.page.get_by_role("dialog")
        await dialog.get_by_label("Passphrase").fill("wrong horse battery staple")
        await dialog.get_by_role("button", name="Unlock").click()
        await expect(dialog).to_contain_text("The passphrase is not the one.")
        await dialog.get_by_label("Passphrase").fill(_PASSPHRASE)
        await dialog.get_by_role("button", name="Unlock").click()
        row = seat.row(HALL)
        await row.get_by_role("button", name="Play").click()
        await seat.page.wait_for_function("window.loudest > 0.05")
        await seat.button("Filter").click()
        await seat.button("Lock sealed rooms").click()
        await expect(seat.row(HALL)).to_have_count(0)
        await expect(seat.rows.first).to_contain_text("Sealed")


async def test_a_room_that_asks_for_a_one_time_password(
    seats: Screens, images: Path | None
) -> None:
    """Nothing of it is shown before the code, and it is there after."""
    secret = await _ask_for_codes(seats)
    async with seats.seat() as seat:
        await expect(seat.card).to_contain_text("Kitchen: asks for the code")
        await expect(seat.rows).to_have_count(0)
        await portrait(seat.card, images, "history-code")
        await seat.button("Enter code").click()
        dialog = seat.page.get_by_role("dialog")
        await dialog.get_by_label("Code").fill("000000")
        await dialog.get_by_role("button", name="Continue").click()
        await expect(dialog).to_contain_text("The code is wrong")
        # The next one: whoever has used one cannot use it again, and it holds already.
        await dialog.get_by_label("Code").fill(pyotp.TOTP(secret).at(int(time.time()), 1))
        await dialog.get_by_role("button", name="Continue").click()
        await expect(seat.rows.first).to_be_visible()
        await expect(seat.card).not_to_contain_text("asks for the code")


async def _ask_for_codes(seats: Screens) -> str:
    """Have the resident set up one-time passwords and the kitchen ask for them."""
    async with seats.client() as resident:
        step = await resident.command("auth/setup_mfa", mfa_module_id="totp")
        secret: str = step["description_placeholders"]["code"]
        code = pyotp.TOTP(secret).now()
        await resident.command("auth/setup_mfa", flow_id=step["flow_id"], user_input={"code": code})
    client = seats.house.client
    path = "/api/config/config_entries/options/flow"
    kitchen = seats.house.rooms["kitchen"].entry_id
    step = await client.rest("POST", path, {"handler": kitchen})
    step = await client.rest("POST", f"{path}/{step['flow_id']}", {"next_step_id": "listening"})
    given = {field["name"]: field.get("default") for field in step["data_schema"]}
    step = await client.rest("POST", f"{path}/{step['flow_id']}", given | {"second_factor": True})
    assert step["type"] == "create_entry", step
    return secret
