"""A dashboard with cards of ours, open in a real browser, and what can be seen of it."""

from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

from playwright.async_api import Browser, BrowserContext, Locator, Page, expect

from house.browser import WAIT_MS, Look, logged_in, open_browser
from house.client import Client
from house.home import USER
from house.house import House
from house.people import Login, add_person, log_in
from house.programs import ROOT

from .proxy import Cable

expect.set_options(timeout=WAIT_MS)

PATH = "earshot-cards"
STRANGER = "Stranger"
"""An administrator who is no listener of any room."""

LOOKS = {
    "phone": Look(width=320, height=720),
    "tablet-dark": Look(width=768, height=1024, theme="dark", language="de"),
    "wall": Look(width=1280, height=800),
}
_USUAL = LOOKS["wall"]

_AXE = ROOT / "card" / "node_modules" / "axe-core" / "axe.min.js"
_LISTEN = """
// What the loudspeaker would get: the loudest sample of each sound that is played.
window.loudest = 0;
const play = HTMLMediaElement.prototype.play;
const tapped = new WeakSet();
HTMLMediaElement.prototype.play = function () {
  if (!tapped.has(this)) {
    tapped.add(this);
    const context = new AudioContext();
    const analyser = context.createAnalyser();
    context.createMediaElementSource(this).connect(analyser).connect(context.destination);
    const samples = new Float32Array(analyser.fftSize);
    setInterval(() => {
      analyser.getFloatTimeDomainData(samples);
      window.loudest = Math.max(window.loudest, ...samples.map(Math.abs));
    }, 20);
  }
  return play.call(this);
};
"""
_SENT = """
// Everything that the page sends to Home Assistant, by its kind.
window.sent = [];
const send = WebSocket.prototype.send;
WebSocket.prototype.send = function (data) {
  for (const each of [JSON.parse(data)].flat()) { window.sent.push(each.type); }
  return send.call(this, data);
};
const fetched = window.fetch;
window.fetch = function (what, ...rest) {
  window.sent.push("GET " + new URL(what?.url ?? what, location.href).pathname);
  return fetched.call(this, what, ...rest);
};
"""


@dataclass
class Seat:
    """Somebody before a screen."""

    page: Page
    faults: list[str] = field(default_factory=list)
    """What the page complained of."""

    @classmethod
    async def take(cls, context: BrowserContext, address: str) -> Self:
        """Open the dashboard."""
        page = await context.new_page()
        seat = cls(page)
        page.on("pageerror", lambda error: seat.faults.append(str(error)))
        await page.goto(address, wait_until="commit")
        return seat

    @property
    def card(self) -> Locator:
        """The history card."""
        return self.page.locator("earshot-history")

    @property
    def rows(self) -> Locator:
        """Its captures."""
        return self.card.get_by_role("article")

    def row(self, words: str) -> Locator:
        """Return the newest capture in which this was heard."""
        return self.rows.filter(has_text=words).first

    def button(self, name: str) -> Locator:
        """Return a button by its name, wherever it is."""
        return self.page.get_by_role("button", name=name)

    async def sent(self) -> list[str]:
        """Return what was sent to Home Assistant since this was asked last."""
        found: list[str] = await self.page.evaluate("window.sent.splice(0)")
        return found

    async def axe(self) -> list[str]:
        """Return what a person with a disability would stumble over in our cards."""
        if not await self.page.evaluate("'axe' in window"):
            await self.page.evaluate(_AXE.read_text())
        found: dict[str, Any] = await self.card.evaluate(
            """(card) => axe.run(card, { resultTypes: ["violations"], runOnly: [
                 "wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] })"""
        )
        return [
            f"{each['id']}: {node['target'][-1]} {node['failureSummary']}"
            for each in found["violations"]
            for node in each["nodes"]
        ]


@dataclass
class Screens:
    """Who can sit down before a screen of the house."""

    house: House
    browser: Browser
    cable: Cable
    """Between the browsers and Home Assistant."""

    logins: dict[str, Login]
    _left_on: AsyncExitStack
    _used: dict[tuple[str, Look], BrowserContext] = field(default_factory=dict)

    @property
    def base(self) -> str:
        """Where the browsers find Home Assistant."""
        return f"http://127.0.0.1:{self.cable.port}"

    @asynccontextmanager
    async def seat(self, who: str = USER, look: Look | None = None) -> AsyncIterator[Seat]:
        """Have somebody sit down before the dashboard, in a new page."""
        context = await self._context(who, look or _USUAL)
        seat = await Seat.take(context, f"{self.base}/{PATH}/0")
        try:
            yield seat
        finally:
            await seat.page.close()
            # Whatever the test says, the page must not have stumbled.
            assert seat.faults == []

    async def _context(self, who: str, look: Look) -> BrowserContext:
        """Return somebody's browser; from the second time on, Home Assistant is in its cache."""
        if (context := self._used.get((who, look))) is None:
            context = await self._left_on.enter_async_context(
                logged_in(self.browser, self.logins[who], look)
            )
            await context.add_init_script(_LISTEN + _SENT)
            self._used[who, look] = context
        return context

    @asynccontextmanager
    async def client(self, who: str = USER) -> AsyncIterator[Client]:
        """Be somebody at the API."""
        client = Client(self.house.home.base, self.logins[who].access_token)
        try:
            await client.connect()
            yield client
        finally:
            await client.close()


@asynccontextmanager
async def screens(house: House) -> AsyncIterator[Screens]:
    """Write a dashboard and have a browser."""
    await write_cards(house.client, [{"type": "custom:earshot-history-card"}])
    await add_person(house.client, STRANGER, admin=True)
    cable = Cable(house.home.port)
    await cable.start()
    try:
        base = f"http://127.0.0.1:{cable.port}"
        logins = {who: await log_in(base, who.lower()) for who in (USER, STRANGER)}
        async with open_browser() as browser, AsyncExitStack() as left_on:
            yield Screens(house, browser, cable, logins, left_on)
    finally:
        await cable.cut()


async def write_cards(client: Client, cards: list[Mapping[str, Any]]) -> None:
    """Make the dashboard, or write it anew."""
    known = await client.command("lovelace/dashboards/list")
    if PATH not in [each["url_path"] for each in known]:
        await client.command(
            "lovelace/dashboards/create",
            url_path=PATH,
            title="Cards",
            icon="mdi:ear-hearing",
            mode="storage",
            show_in_sidebar=True,
            require_admin=False,
        )
    section = {"type": "grid", "cards": cards}
    view = {"title": "Earshot", "type": "sections", "sections": [section]}
    await client.command("lovelace/config/save", url_path=PATH, config={"views": [view]})


async def picture(seat: Seat, folder: Path | None, name: str) -> None:
    """Take a picture for the documents, if some are wished."""
    if folder is not None:
        await seat.page.wait_for_timeout(400)  # icons are drawn one by one
        await seat.page.screenshot(path=folder / f"{name}.png")
