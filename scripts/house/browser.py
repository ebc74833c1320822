"""Debian's Chromium, in which somebody of the house has Home Assistant open."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final, Literal

from playwright.async_api import Browser, BrowserContext, Page, async_playwright

from .people import Login

CHROMIUM: Final = "/usr/bin/chromium"
WAIT_MS: Final = 30_000


@dataclass(frozen=True, kw_only=True)
class Look:
    """A screen, and how somebody likes it."""

    width: int = 1280
    height: int = 900
    theme: Literal["light", "dark"] = "light"
    language: str = "en"
    reduced_motion: bool = True


@asynccontextmanager
async def open_browser() -> AsyncIterator[Browser]:
    """Start Chromium; it ends with the body."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=CHROMIUM,
            args=[
                "--no-sandbox",  # it has none for root
                "--autoplay-policy=no-user-gesture-required",
                "--force-color-profile=srgb",
                "--disable-lcd-text",
            ],
        )
        try:
            yield browser
        finally:
            await browser.close()


@asynccontextmanager
async def logged_in(
    browser: Browser, login: Login, look: Look | None = None
) -> AsyncIterator[BrowserContext]:
    """Have a browser of one's own in which somebody is logged in."""
    look = look or Look()
    context = await browser.new_context(
        viewport={"width": look.width, "height": look.height},
        color_scheme=look.theme,
        locale="de-DE" if look.language == "de" else "en-GB",
        timezone_id="Europe/London",
        reduced_motion="reduce" if look.reduced_motion else "no-preference",
    )
    context.set_default_timeout(WAIT_MS)
    stored = {
        "hassTokens": login.stored,
        "selectedLanguage": look.language,
        "selectedTheme": {"theme": "default", "dark": look.theme == "dark"},
        "dockedSidebar": "always_hidden",
    }
    lines = (
        f"localStorage.setItem({json.dumps(key)}, {json.dumps(json.dumps(value))});"
        for key, value in stored.items()
    )
    # Once: Home Assistant renews the tokens that it finds.
    await context.add_init_script(f"if (!localStorage.hassTokens) {{ {' '.join(lines)} }}")
    try:
        yield context
    finally:
        await context.close()


async def open_dashboard(context: BrowserContext, base: str, path: str) -> Page:
    """Open a dashboard and wait until its cards are there."""
    page = await context.new_page()
    await page.goto(f"{base}/{path}", wait_until="commit")
    await page.locator("hui-root").wait_for(state="attached")
    return page
