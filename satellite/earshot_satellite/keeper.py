"""Keeps an ear running as long as it is wanted, whatever happens to it or to the microphone."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

from .ear.process import (
    CommandAsked,
    CommandAudio,
    CommandEnd,
    Detection,
    EarError,
    EarExit,
    EarGone,
    EarProcess,
    Health,
    Ready,
    StopHeard,
)
from .ear.settings import EarSettings
from .problems import Problems
from .wake.cascade import NOTHING, Attention, Sensitivity

_LOGGER = logging.getLogger(__name__)

_RETRY_S = (1.0, 2.0, 4.0, 10.0)
_PROVEN_S = 10.0
"""An ear that lived so long is replaced at once; one that ends sooner is waited with."""


Told = Detection | CommandAsked | StopHeard | CommandAudio | CommandEnd


class Keeper:
    """Starts an ear, passes on what it tells, and replaces it when it is gone.

    Whom to tell may be named later by `tell`: an ear takes longer to start than that.
    """

    def __init__(
        self,
        settings: EarSettings,
        problems: Problems,
        heard: Callable[[Told], None] = lambda _: None,
        lost: Callable[[], None] = lambda: None,
    ) -> None:
        self._settings = settings
        self._problems = problems
        self._heard = heard
        self._lost = lost
        self._attention = NOTHING
        self._codes: set[str] = set()
        self._task: asyncio.Task[None] | None = None
        self._ear: EarProcess | None = None
        self._alive = asyncio.Event()
        self._exit: EarExit | None = None
        self._stuck: EarExit | None = None
        self.ready: Ready | None = None
        self.health: Health | None = None

    @property
    def pid(self) -> int | None:
        """The ear's process while it hears."""
        return self._ear.pid if self._ear is not None and self.ready is not None else None

    @property
    def trace(self) -> tuple[int | None, EarExit | None]:
        """The newest ear's process and how it ended; one that the kernel holds comes first."""
        if self._stuck is not None:
            if Path(f"/proc/{self._stuck.pid}").exists():
                return self._stuck.pid, self._stuck
            self._stuck = None
        if self._ear is not None and self._exit is None:
            return self._ear.pid, None
        return (self._exit.pid if self._exit else None), self._exit

    @property
    def hearing(self) -> bool:
        """Whether an ear hears now."""
        return self._alive.is_set()

    def tell(self, heard: Callable[[Told], None], lost: Callable[[], None]) -> None:
        """Have these called from now on with what an ear tells, and when one is gone."""
        self._heard = heard
        self._lost = lost

    def choose_words(
        self, words: tuple[str, ...], sensitivities: Mapping[str, Sensitivity]
    ) -> None:
        """Listen for these from the next start of an ear on."""
        self._settings = replace(self._settings, words=words, sensitivities=sensitivities)

    def hush(self) -> None:
        """Let the ear forget the command."""
        if self._ear is not None and self.ready is not None:
            self._ear.hush()

    def listen(self) -> bool:
        """Begin a command without a wake word; return whether there is an ear to begin it.

        `CommandAsked` follows, then its audio like any other command's: the ear ends it after 15 s.
        While muted there is no ear. Whether it may be begun, and the tone that tells the room so,
        are the caller's.
        """
        if self._ear is None or self.ready is None:
            return False
        self._ear.listen()
        return True

    def tune(self, gain_db: float, noise_suppression: int) -> None:
        """Let this ear and the next ones hear so loud, and suppress so much noise."""
        self._settings = replace(
            self._settings, gain_db=gain_db, noise_suppression=noise_suppression
        )
        if self._ear is not None and self.ready is not None:
            self._ear.tune(gain_db, noise_suppression)

    def attend(self, attention: Attention) -> None:
        """Let this ear and the next ones know what goes on in the room."""
        if attention != self._attention:
            self._attention = attention
            if self._ear is not None and self.ready is not None:
                self._ear.attend(attention)

    def open(self) -> None:
        """Hear from now on."""
        if self._task is None:
            self._exit = None
            self._task = asyncio.create_task(self._keep(), name="ear keeper")

    async def wait_begun(self, timeout_s: float) -> None:
        """Wait until the process of an ear that was opened starts by itself, or cannot be had."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(timeout_s):
                # The task makes it in its first step.
                await asyncio.sleep(0)
                if self._task is not None and self._ear is not None:
                    await self._ear.begun.wait()

    async def close(self) -> None:
        """End the ear for certain; `trace` tells how it went."""
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            # However the task ended: the ear itself is still to be ended.
            with contextlib.suppress(asyncio.CancelledError, Exception):
                await task
        ear, self._ear = self._ear, None
        self._note_gone()
        self._problems.end(*self._codes)
        self._codes.clear()
        if ear is not None:
            self._note_exit(await ear.stop())

    async def wait_hearing(self, timeout_s: float) -> bool:
        """Return whether an ear hears, after waiting for it at most so long."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(timeout_s):
                await self._alive.wait()
        return self._alive.is_set()

    async def _keep(self) -> None:
        failures = 0
        while True:
            started = time.monotonic()
            try:
                heard = await self._hear()
            except Exception as err:  # noqa: BLE001 - no single fault may end hearing for good
                _LOGGER.error("the ear is started again after %s", type(err).__name__)  # noqa: TRY400
                if self._ear is not None:
                    self._note_exit(await self._ear.stop())
                self._note_gone()
                self._lost()
                heard = False
            if heard and time.monotonic() - started > _PROVEN_S:
                failures = 0
                continue
            await asyncio.sleep(_RETRY_S[min(failures, len(_RETRY_S) - 1)])
            failures += 1

    async def _hear(self) -> bool:
        """Have an ear for as long as it lives; return whether it heard at all."""
        self._ear = EarProcess(self._settings)
        try:
            self._exit = None
            attention = self._attention
            self.ready = await self._ear.start(attention)
            if attention != self._attention:
                self._ear.attend(self._attention)
        except EarError as err:
            self._note_exit(await self._ear.stop())
            self._set_problems({err.code: err.detail})
            return False
        _LOGGER.info(
            "listening on %s for %s",
            self.ready.device,
            ", ".join(word for word, _ in self.ready.words),
        )
        await self._follow(self._ear, self.ready)
        self._note_gone()
        self._lost()
        return True

    async def _follow(self, ear: EarProcess, ready: Ready) -> None:
        lasting = {each.code: each.detail for each in ready.problems}
        self._set_problems(lasting)
        self._alive.set()
        while True:
            match await ear.read():
                case EarGone(code, detail, ended):
                    self._note_exit(ended)
                    self._set_problems({code: detail})
                    return
                case Health() as health:
                    self.health = health
                    passing = {each.code: each.detail for each in health.problems}
                    self._set_problems(lasting | passing)
                case item:
                    self._heard(item)

    def _note_exit(self, ended: EarExit) -> None:
        self._exit = ended
        if not ended.gone:
            self._stuck = ended

    def _note_gone(self) -> None:
        self.ready = None
        self.health = None
        self._alive.clear()

    def _set_problems(self, now: dict[str, str]) -> None:
        self._problems.end(*(self._codes - now.keys()))
        for code, detail in now.items():
            self._problems.begin(code, detail)
        self._codes = set(now)
