"""The satellite's body: everything but the hearing, put together."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import signal
from typing import Any

from earshot_wire.greeting import Welcome
from earshot_wire.identity import Trust
from earshot_wire.limits import VERSION
from earshot_wire.pairing import CODE_S
from earshot_wire.phrases import PAIRED
from earshot_wire.regulars import Regulars
from earshot_wire.trust_file import TrustFile

from . import __version__
from .boot import boot_id
from .control import ControlServer, Tell, Wish
from .ear.process import Detection
from .ear.settings import MAX_WORDS
from .first import First
from .link.discovery import Discovery
from .link.pairing import Pairing
from .link.satellite import Satellite
from .link.server import LinkServer, PortError
from .loudspeaker import Loudspeaker
from .metrics import Metrics
from .mute.control import FloorError, Source, Verified
from .peripherals.indication import activity_of
from .peripherals.panel import Panel
from .playback.phrases import Phrases
from .playback.player import Player
from .problems import REMEDIES
from .session import happenings as h
from .session.runner import SessionRunner
from .settings import Settings
from .state import PAIRING, SOCKET, StateFolder
from .witness import WitnessFile
from .words import Choice

_LOGGER = logging.getLogger(__name__)

_END_S = 1.5


class Body:
    """One satellite from start to end. `folder` is held by the caller, `first` has begun."""

    def __init__(self, settings: Settings, folder: StateFolder, first: First) -> None:
        self._settings = settings
        self._folder = folder
        self._problems = first.problems
        self._metrics = Metrics()
        self._words, self._keeper = first.words, first.keeper
        self._tuning, self._mute = first.tuning, first.mute
        self._phrases = Phrases(folder.folder / "phrases")
        self._loudspeaker = Loudspeaker(folder, settings.speaker.volume, self._problems)
        self._player = Player(
            settings.speaker.device,
            self._loudspeaker.volume,
            self._problems,
            asyncio.get_running_loop(),
        )
        self._session = SessionRunner(
            settings, self._player, self._phrases, self._keeper, lambda: self._mute.muted
        )
        first.closing = lambda: self._session.happen(h.Muted())
        first.flipped = lambda muted: self._player.sound("muted" if muted else "unmuted")
        self._keeper.tell(self._heard, self._ear_lost)
        trust_file = TrustFile(folder.folder / PAIRING)
        self._regulars = Regulars(trust_file.regulars)
        self._server = LinkServer(
            settings.link,
            Satellite(
                session=self._session,
                mute=self._mute,
                problems=self._problems,
                phrases=self._phrases,
                witness=WitnessFile(folder.folder),
                loudspeaker=self._loudspeaker,
                tuning=self._tuning,
                welcome=self._welcome,
                choose_words=self._choose_words,
                unpair=self._unpair_asked,
            ),
            self._regulars,
        )
        self._pairing = Pairing(trust_file, settings.link, self._problems, self._trust_changed)
        self._control = ControlServer(
            folder.folder / SOCKET,
            {
                "mute": Wish(self._set_mute),
                "unmute": Wish(self._set_mute),
                "listen": Wish(self._press),
                "stop": Wish(self._press),
                "confirm": Wish(self._confirm),
                "pair": Wish(self._pair, limit_s=CODE_S + 30.0, held=True),
                "unpair": Wish(self._unpair),
                "status": Wish(self._tell_status),
                "metrics": Wish(self._tell_metrics),
            },
        )
        self._panel = Panel(
            self,
            {
                "mute": lambda: self._press_mute(muted=True),
                "unmute": lambda: self._press_mute(muted=False),
                "mute_toggle": self._toggle_mute,
                "confirm": self._press_confirm,
                "listen": self._press_listen,
                "stop": self._press_stop,
                "volume_up": lambda: self._press_volume(1),
                "volume_down": lambda: self._press_volume(-1),
            },
            self._problems,
            settings=settings.peripherals,
            hooks=settings.hooks,
            folder=folder.folder,
        )
        self._session.on_change(self._panel.changed)
        self._session.on_change(self._count_session)
        self._mute.on_receipt(lambda _: self._panel.changed())
        self._mute.on_receipt(lambda _: self._metrics.count("receipts"))
        self._id = ""

    async def run(self) -> None:
        """Run until SIGTERM or SIGINT. Raises `PortError`, or `OSError` of the state folder."""
        ending = asyncio.Event()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, ending.set)
        tasks: list[asyncio.Task[None]] = []
        try:
            self._id = self._folder.satellite_id()
            self._phrases.load()
            self._loudspeaker.load()
            await self._pairing.load()
            await self._regulars.load()
            await self._server.use(self._pairing.trust)
            self._player.start()
            await self._control.start()
            tasks.append(asyncio.create_task(self._mute.watch(), name="mute watch"))
            tasks.append(asyncio.create_task(self._panel.run(), name="panel"))
            found = Discovery(self._settings.link, self._id, self._problems, self._pairing)
            tasks.append(asyncio.create_task(found.run(), name="discovery"))
            self._greet()
            await ending.wait()
            _LOGGER.info("ending")
        finally:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_END_S):
                    await self._end(tasks)

    async def _end(self, tasks: list[asyncio.Task[None]]) -> None:
        self._session.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(
            self._keeper.close(),
            self._server.close(),
            self._player.close(),
            self._loudspeaker.close(),
            self._tuning.close(),
            self._control.close(),
            *tasks,
            return_exceptions=True,
        )

    def _greet(self) -> None:
        link = self._settings.link
        if self._pairing.trust is not None or link.open:
            place = (self._id, link.address or "every address,", link.port)
            _LOGGER.info("%s waits for Home Assistant on %s port %d", *place)
        if link.open:
            _LOGGER.warning(
                "OPEN: anybody who reaches port %d can become this satellite's home, hear commands"
                " and make it speak. The link is not encrypted.",
                link.port,
            )
        elif self._pairing.trust is None:
            _LOGGER.warning(
                "%s is not paired and serves nobody: earshot-satellite pair shows a code", self._id
            )

    async def _trust_changed(self, trust: Trust | None) -> None:
        """Let in whom to trust from now on, and have everybody in the room hear of it."""
        self._player.sound("unpaired" if trust is None else "paired")
        phrase = self._phrases.get(PAIRED) if trust is not None else None
        if phrase is not None:
            self._player.pcm(phrase.rate, 1, phrase.pcm, None)
        try:
            await self._server.use(trust)
        except PortError as err:
            # The pairing holds; the next start says the same and ends.
            _LOGGER.error("%s", err)  # noqa: TRY400
            self._problems.begin("port_taken", str(self._settings.link.port))

    async def _pair(self, _: dict[str, Any], tell: Tell) -> dict[str, Any]:
        return await self._pairing.pair(tell)

    async def _unpair(self, *_: Any) -> dict[str, Any]:
        try:
            was = await self._pairing.unpair()
        except OSError as err:
            return {"error": f"{self._folder.folder}: {err.strerror}; make it writable"}
        return {"result": "unpaired" if was else "not_paired"}

    async def _unpair_asked(self) -> None:
        """Home wants to be trusted no more."""
        answer = await self._unpair()
        if "error" in answer:
            self._problems.begin("state_not_writable", str(answer["error"]))

    def _heard(self, item: Any) -> None:
        if isinstance(item, Detection):
            self._metrics.count("wakes")
        self._session.heard(item)

    def _ear_lost(self) -> None:
        self._metrics.count("ears_lost")
        self._session.happen(h.MicrophoneLost())

    def _welcome(self) -> Welcome:
        satellite, link = self._settings.satellite, self._settings.link
        ready = self._keeper.ready
        active = (
            tuple(name for name, _ in ready.words) if ready is not None else self._words.active_ids
        )
        return Welcome(
            version=VERSION,
            satellite_id=self._id,
            name=satellite.name,
            area=satellite.area,
            software=__version__,
            boot_id=boot_id(),
            paired=self._pairing.trust is not None,
            open=link.open,
            wake_words=self._words.offered,
            active_words=active,
            max_active_words=MAX_WORDS,
            phrases=self._phrases.digests,
            remote_listen=self._remote_listen(),
            follow_up=self._settings.session.follow_up and self._settings.floor.remote_listen,
        )

    def _remote_listen(self) -> str:
        if not self._settings.floor.remote_listen:
            return "forbidden"
        return "allowed" if self._settings.session.remote_listen else "home"

    async def _choose_words(self, choice: Choice) -> None:
        before = self._words.active, self._words.sensitivities
        if not self._words.choose(choice):
            _LOGGER.warning("home chose wake words that are not here: nothing is changed")
            return
        self._problems.end("wake_word_gone")
        chosen, said = self._words.choice, self._settings.wake.words
        try:
            await asyncio.to_thread(self._folder.write_words, chosen, said)
        except OSError as err:
            self._problems.begin("state_not_writable", err.strerror or "")
        words, sensitivities = self._words.active, self._words.sensitivities
        if (words, sensitivities) != before:
            await self._mute.change_words(words, sensitivities)

    @property
    def activity(self) -> str:
        """What it is doing, as a light shows it."""
        return activity_of(self._session.state, rings=self._session.alarm.rings)

    @property
    def muted(self) -> bool:
        """Whether the microphone is to be closed."""
        return self._mute.muted

    @property
    def verified(self) -> Verified | None:
        """What was seen of the microphone last."""
        return self._mute.verified

    @property
    def linked(self) -> bool:
        """Whether there is a home."""
        return self._session.home is not None

    async def _press_mute(self, *, muted: bool) -> str:
        try:
            await self._mute.set(Source.LOCAL, muted)
        except FloorError:
            return "floor"
        return "muted_by_home" if self._mute.muted and not muted else ""

    async def _toggle_mute(self) -> str:
        """Mute, or take back what was muted here; what home muted, no button opens."""
        by = self._mute.muted_by
        if by and "local" not in by:
            self._player.sound("error")
            return "muted_by_home"
        return await self._press_mute(muted=not by)

    async def _press(self, asked: dict[str, Any], _: Tell) -> dict[str, Any]:
        if asked["do"] == "listen":
            return {"result": self._session.press()}
        return {"result": "stopped" if self._session.stop() else "quiet"}

    async def _press_listen(self) -> str:
        """Listen, or be silent: the one big button of a room."""
        result = self._session.press()
        return "" if result in {"listening", "stopped"} else result

    async def _press_stop(self) -> str:
        self._session.stop()
        return ""

    async def _press_volume(self, steps: int) -> str:
        self._loudspeaker.step(steps)
        return ""

    async def _press_confirm(self) -> str:
        answer = await self._server.confirm()
        if answer is None:
            return "not_linked"
        return "" if answer.result in {"begun", "nothing"} else answer.result

    async def _set_mute(self, asked: dict[str, Any], _: Tell) -> dict[str, Any]:
        try:
            verified = await self._mute.set(Source.LOCAL, asked["do"] == "mute")
        except FloorError:
            return {"error": "[floor] mute = true in the settings keeps it muted"}
        return self._status(verified)

    async def _confirm(self, _: dict[str, Any], __: Tell) -> dict[str, Any]:
        answer = await self._server.confirm()
        if answer is None:
            return {"error": "no Earshot home answers; nothing was confirmed"}
        return {"result": answer.result, "changes": answer.changes}

    async def _tell_status(self, _: dict[str, Any], __: Tell) -> dict[str, Any]:
        return self._status(await self._mute.verify())

    def _count_session(self) -> None:
        self._metrics.session(self._session.state, linked=self.linked)

    async def _tell_metrics(self, _: dict[str, Any], __: Tell) -> dict[str, Any]:
        health = self._keeper.health
        heard = {"frames": health.frames, "overruns": health.overruns} if health else {}
        return self._metrics.now(muted=self.muted, ear=self._keeper.pid, heard=heard)

    def _status(self, verified: Verified) -> dict[str, Any]:
        ready, health = self._keeper.ready, self._keeper.health
        receipt = verified.receipt().event().data
        return {
            "running": True,
            "pid": os.getpid(),
            "satellite_id": self._id,
            "name": self._settings.satellite.name,
            "software": __version__,
            "state": self._session.state,
            "ringing": self._session.alarm.rings,
            "timers": len(self._session.alarm.now),
            "linked": self._server.linked,
            "port": self._settings.link.port,
            "open": self._settings.link.open,
            "paired": self._pairing.trust is not None,
            "pairable": self._pairing.pairable,
            "muted": self._mute.muted,
            "receipt": receipt,
            "microphone": {
                "hearing": self._keeper.hearing,
                "pid": self._keeper.pid,
                "device": ready.device if ready else None,
                "words": [name for name, _ in ready.words] if ready else [],
                "sandbox": ready.sandbox if ready else {},
                "frames": health.frames if health else None,
                "overruns": health.overruns if health else None,
            },
            "speaker": {
                "usable": self._player.usable,
                "volume": self._loudspeaker.volume.level,
                "muted": self._loudspeaker.volume.muted,
            },
            "problems": [
                {"code": each.code, "detail": each.detail, "remedy": REMEDIES.get(each.code, "")}
                for each in self._problems.now
            ],
        }
