"""A dashboard with cards of ours, open in a real browser, and what can be seen of it."""

from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Self

from playwright.async_api import Browser, BrowserContext, Locator, Page, expect

from house.browser import WAIT_MS, Look, logged_in, open_browser
from house.client import Client
from house.home import USER
from house.house import House
from house.people import Login, log_in
from house.programs import ROOT

from .proxy import Cable

expect.set_options(timeout=WAIT_MS)

PATH = "earshot-cards"
LOOKS = {
    "phone": Look(width=320, height=720),
    "tablet-dark": Look(width=768, height=1024, theme="dark", language="de"),
    "wall": Look(width=1280, height=800),
}
_USUAL = LOOKS["wall"]

CARDS = "earshot-history-card, earshot-room-card, earshot-privacy-card"

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
_EAR = """
// What a screen reader would say: every change of a region that it watches, and every new alert.
(card) => {
  const known = new Map();
  window.told = [];
  const look = () => {
    for (const it of card.shadowRoot.querySelectorAll("[role=status], [role=alert]")) {
      const text = it.textContent.trim().replace(/\\s+/g, " ");
      if (text && (known.has(it) ? known.get(it) !== text : it.role === "alert")) {
        window.told.push(text);
      }
      known.set(it, text);
    }
  };
  look();
  window.told.length = 0;
  const changes = { subtree: true, childList: true, characterData: true };
  new MutationObserver(look).observe(card.shadowRoot, changes);
}
"""


@dataclass
class Seat:
    """Somebody before a screen."""

    page: Page
    faults: list[str] = field(default_factory=list)
    """What the page complained of."""

    @classmethod
    async def take(cls, context: BrowserContext, address: str) -> Self:
        """Open a dashboard."""
        page = await context.new_page()
        seat = cls(page)
        page.on("pageerror", lambda error: seat.faults.append(str(error)))
        await page.goto(address, wait_until="commit")
        return seat

    async def renew(self) -> None:
        """Have Home Assistant make the cards anew, as it does when their code has come late."""
        await self.page.locator(CARDS).evaluate_all(
            "cards => cards.forEach((it) => it.dispatchEvent(new Event('ll-rebuild')))"
        )
        await self.page.evaluate("window.loudest = 0; window.sent.length = 0;")

    async def listen(self, card: Locator) -> None:
        """Begin to hear what a screen reader would say of a card."""
        await card.evaluate(_EAR)

    async def wait_told(self, text: str) -> None:
        """Wait until a screen reader would have said this."""
        said = "text => window.told.some((it) => it.includes(text))"
        await self.page.wait_for_function(said, arg=text)

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

    async def axe(self, card: Locator | None = None) -> list[str]:
        """Return what a person with a disability would stumble over in a card."""
        if not await self.page.evaluate("'axe' in window"):
            await self.page.evaluate(_AXE.read_text())
        found: dict[str, Any] = await (card or self.card).evaluate(
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

    _left_on: AsyncExitStack
    _contexts: dict[tuple[str, Look], BrowserContext] = field(default_factory=dict)
    _seats: dict[str, Seat] = field(default_factory=dict)
    """Of the resident, by address: the screen on the wall stays on, and is only made narrower."""

    _logins: dict[str, Login] = field(default_factory=dict)

    @property
    def base(self) -> str:
        """Where the browsers find Home Assistant."""
        return f"http://127.0.0.1:{self.cable.port}"

    @asynccontextmanager
    async def seat(
        self, who: str = USER, look: Look | None = None, path: str = f"{PATH}/0"
    ) -> AsyncIterator[Seat]:
        """Have somebody before a dashboard whose cards are new."""
        look = look or _USUAL
        stays = who == USER and replace(look, width=_USUAL.width, height=_USUAL.height) == _USUAL
        if stays and path in self._seats:
            seat = self._seats[path]
            await seat.renew()
        else:
            context = await self._context(who, _USUAL if stays else look)
            seat = await Seat.take(context, f"{self.base}/{path}")
        if stays:
            self._seats[path] = seat
            await seat.page.set_viewport_size({"width": look.width, "height": look.height})
        try:
            yield seat
        finally:
            if not stays:
                await seat.page.close()
            # Whatever the test says, the page must not have stumbled.
            faults = list(seat.faults)
            seat.faults.clear()
            assert faults == []

    async def login(self, who: str) -> Login:
        """Return what somebody's browser remembers of the login."""
        if who not in self._logins:
            self._logins[who] = await log_in(self.base, who.lower())
        return self._logins[who]

    async def _context(self, who: str, look: Look) -> BrowserContext:
        """Return somebody's browser; from the second time on, Home Assistant is in its cache."""
        if (context := self._contexts.get((who, look))) is None:
            login = await self.login(who)
            context = await self._left_on.enter_async_context(logged_in(self.browser, login, look))
            await context.add_init_script(_LISTEN + _SENT)
            self._contexts[who, look] = context
        return context

    @asynccontextmanager
    async def client(self, who: str = USER) -> AsyncIterator[Client]:
        """Be somebody at the API."""
        client = Client(self.house.home.base, (await self.login(who)).access_token)
        try:
            await client.connect()
            yield client
        finally:
            await client.close()


@asynccontextmanager
async def screens(house: House) -> AsyncIterator[Screens]:
    """Have a browser, behind a cable."""
    cable = Cable(house.home.port)
    await cable.start()
    try:
        async with open_browser() as browser, AsyncExitStack() as left_on:
            yield Screens(house, browser, cable, left_on)
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


async def portrait(card: Locator, folder: Path | None, name: str) -> None:
    """Take a picture of a card alone, if some are wished."""
    if folder is not None:
        await card.page.wait_for_timeout(400)
        await card.screenshot(path=folder / f"{name}.png")
