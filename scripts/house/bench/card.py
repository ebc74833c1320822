"""`scripts/bench card`: the history card in a real browser, with a vault that is full."""

from __future__ import annotations

import asyncio
import gzip
import json
import os
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from typing import Any, Final

from playwright.async_api import Browser, Page

from workbench.paths import FRONTEND

from ..browser import Look, logged_in, open_browser
from ..client import Client, HomeError
from ..home import USER
from ..house import KITCHEN, House, open_house
from ..people import Login, log_in
from .vault_fill import fill

_PATH: Final = "earshot-bench"
_HELD_H: Final = 4.0
"""All of it is younger than the house's shortest ceiling, the six hours of a false wake: what is
past its ceiling is gone as soon as the vault opens, and it would never be that full."""

_PAINTS: Final = 5
_SCROLL_S: Final = 10.0
_IDLE_S: Final = 30.0
_LONG_MS: Final = 50.0
_READY_S: Final = 600.0

_WATCH: Final = """
// When the card's element is configured, when its first capture is painted, and what is sent.
window.paint = null;
const wait = () => {
  const its = customElements.get("earshot-history-card")?.prototype;
  if (!its) {
    requestAnimationFrame(wait);
    return;
  }
  const configured = its.setConfig;
  its.setConfig = function (config) {
    const begun = performance.now();
    const look = () => {
      const heard = this.firstElementChild?.shadowRoot?.querySelector("article .heard");
      if (heard) {
        requestAnimationFrame(() => { window.paint ??= performance.now() - begun; });
      } else {
        requestAnimationFrame(look);
      }
    };
    requestAnimationFrame(look);
    return configured.call(this, config);
  };
};
wait();
window.sent = 0;
const send = WebSocket.prototype.send;
WebSocket.prototype.send = function (data) {
  window.sent += [JSON.parse(data)].flat().filter((it) => /earshot/.test(it.type)).length;
  return send.call(this, data);
};
const fetched = window.fetch;
window.fetch = function (...what) { window.sent += 1; return fetched.apply(this, what); };
"""


async def bench(
    captures: int, step: Callable[[str], None], logs: Path | None = None
) -> dict[str, float]:
    """Fill the vault of a real house and look at it with the card."""
    plan = replace(KITCHEN, audio="1_day", transcript="1_day")
    async with open_house((plan,), step=step, logs=logs) as house:
        login = await log_in(house.home.base, USER)
        await _write_dashboard(house.client)
        user_id = (await house.client.command("auth/current_user"))["id"]
        step(f"the vault is filled with {captures:,} captures")
        await house.home.stop()
        fill(
            house.home.config / ".cache" / "earshot",
            captures,
            datetime.now(UTC),
            rooms=[house.rooms[plan.key].entry_id],
            audience=frozenset({user_id}),
            held=timedelta(hours=_HELD_H),
        )
        # Nothing of it is confirmed yet, and the first line of the log would have to wait for all.
        os.sync()
        house.home.client = Client(house.home.base, house.client.token)
        await house.home.start()
        await house.home.wait_running()
        step("Home Assistant has started and knows all of it")
        await _wait_filled(login, captures)
        async with open_browser() as browser:
            figures = await _look(house, browser, login, step)
    figures |= _sizes() | {"captures": captures}
    _print(captures, figures)
    return figures


async def _look(
    house: House, browser: Browser, login: Login, step: Callable[[str], None]
) -> dict[str, float]:
    paints = []
    for number in range(1, _PAINTS + 1):
        step(f"first paint ({number}/{_PAINTS})")
        # A browser that has never been here: nothing is in its cache.
        async with logged_in(browser, login, Look()) as context:
            await context.add_init_script(_WATCH)
            page = await context.new_page()
            await page.goto(f"{house.home.base}/{_PATH}/0", wait_until="commit")
            await page.wait_for_function("window.paint !== null")
            paints.append(float(await page.evaluate("window.paint")))
    async with logged_in(browser, login, Look()) as context:
        await context.add_init_script(_WATCH)
        page = await context.new_page()
        await page.goto(f"{house.home.base}/{_PATH}/0", wait_until="commit")
        await page.wait_for_function("window.paint !== null")
        await page.wait_for_timeout(3_000)
        step(f"scrolling for {_SCROLL_S:.0f} s")
        tasks, rows = await _scroll(browser, page)
        step(f"nobody touches it for {_IDLE_S:.0f} s")
        await page.wait_for_timeout(3_000)
        before = await page.evaluate("window.sent")
        await page.wait_for_timeout(_IDLE_S * 1_000)
        sent = await page.evaluate("window.sent") - before
    return {
        "first_paint_ms_100k": round(median(paints), 1),
        "first_paint_worst_ms_100k": round(max(paints), 1),
        "longest_task_ms": round(max(it.took for it in tasks), 1),
        "longest_task_cpu_ms": round(max(it.worked for it in tasks), 1),
        "tasks_over_50_ms": sum(it.took > _LONG_MS for it in tasks),
        "scrolled_rows": rows,
        "idle_requests_per_min": round(sent * 60 / _IDLE_S, 1),
    }


async def _scroll(browser: Browser, page: Page) -> tuple[list[_Task], int]:
    """Scroll as fast as a wheel goes; return the tasks, and how many rows went by."""
    card = page.locator("earshot-history .scroller")
    await card.hover()
    await browser.start_tracing(page=page, categories=["disabled-by-default-devtools.timeline"])
    until = time.monotonic() + _SCROLL_S
    while time.monotonic() < until:
        await page.mouse.wheel(0, 1_200)
        await page.wait_for_timeout(30)
    trace = json.loads(await browser.stop_tracing())
    top = int(await card.evaluate("it => it.scrollTop"))
    return list(_tasks(trace["traceEvents"])), top // 80


@dataclass(frozen=True)
class _Task:
    """What the page's own thread did without a pause, in milliseconds."""

    took: float
    worked: float
    """Of the processor; the rest it waited for one, where other programs have them."""


def _tasks(events: list[dict[str, Any]]) -> Iterator[_Task]:
    """Yield the tasks of the page's own thread."""
    threads = {
        (it["pid"], it["tid"])
        for it in events
        if it.get("name") == "thread_name" and it["args"]["name"] == "CrRendererMain"
    }
    for each in events:
        if each.get("name") == "RunTask" and (each["pid"], each["tid"]) in threads:
            yield _Task(each.get("dur", 0) / 1_000, each.get("tdur", 0) / 1_000)


async def _wait_filled(login: Login, captures: int) -> None:
    """Wait until the vault is open and its search is prepared."""
    client = Client(login.base, login.access_token)
    lacks = ""
    try:
        await client.connect()
        async with asyncio.timeout(_READY_S):
            while lacks := await _lacks(client, captures):  # noqa: ASYNC110 - of another program
                await asyncio.sleep(1.0)
    except TimeoutError:
        raise HomeError(f"the vault was not ready in {_READY_S:.0f} s: {lacks}") from None
    finally:
        await client.close()


async def _lacks(client: Client, captures: int) -> str:
    """Return what the vault is not ready for; empty when it is."""
    try:
        overview = await client.command("earshot/overview")
        if (kept := overview["house"]["captures"]) < captures:
            return f"it keeps {kept:,} captures"
        page = await client.command("earshot/captures", text="kitchen", limit=1)
    except HomeError as err:
        # Too much is going on yet: a line in the log could not be written in time.
        return str(err)
    return "" if page["complete"] else "its search is not complete"


async def _write_dashboard(client: Client) -> None:
    await client.command(
        "lovelace/dashboards/create",
        url_path=_PATH,
        title="Bench",
        icon="mdi:ear-hearing",
        mode="storage",
        show_in_sidebar=False,
        require_admin=False,
    )
    section = {"type": "grid", "cards": [{"type": "custom:earshot-history-card"}]}
    view = {"title": "Bench", "type": "sections", "sections": [section]}
    await client.command("lovelace/config/save", url_path=_PATH, config={"views": [view]})


def _sizes() -> dict[str, float]:
    """Return how large what is committed is, in kB of 1,000 bytes."""
    files = {file.name: file.read_bytes() for file in FRONTEND.glob("*.js")}
    packed = sum(len(gzip.compress(data, mtime=0)) for data in files.values())
    return {
        "bundle_gzip_kb": round(packed / 1_000, 1),
        "loader_kb": round(len(files["loader.js"]) / 1_000, 1),
    }


def _print(captures: int, figures: Mapping[str, float]) -> None:
    print(f"\n| with {captures:,} captures | |\n|---|---|")
    for key, value in figures.items():
        print(f"| {key} | {value:g} |")
