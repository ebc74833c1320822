"""One room: its link, its microphone's truth, its mute and what is wrong at its satellite."""

import logging
import time
from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Protocol

from homeassistant.config_entries import ConfigEntry
from homeassistant.const import CONF_HOST, CONF_PORT
from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.helpers.event import async_call_later
from homeassistant.util import dt as dt_util

from .arbitration import DATA_ARBITER
from .audit import Actor, AuditError, Verb
from .confirm import async_answer_confirm
from .const import CONF_OWNER, CONF_PAIRING, CONF_SATELLITE_ID
from .guard import Guard
from .house import DATA_HOUSE, House
from .issues import tell_link, tell_problems
from .link.keys import link_keys
from .link.room import LinkListener, RoomLink
from .link.trouble import KEYS_LOST, NOT_PAIRED, Distrust, Patience
from .media import RoomMedia
from .mute import Mute
from .policy.locality import LocalityVerdict
from .policy.microphone import VALID_S, MicrophoneVerdict, judge
from .policy.retention import RoomRetention
from .privacy_issues import tell_mute_overdue
from .retention import room_retention
from .timers import RoomTimers
from .unasked import RoomUnasked
from .vault import VaultError
from .voice.spoken import RoomAnswers
from .voice.turn import TurnReport
from .wire.consent import Confirm
from .wire.greeting import Problem, Problems, WakeWord, Welcome
from .wire.identity import TrustError
from .wire.media import MediaState, Volume
from .wire.message import Message
from .wire.microphone import Receipt
from .wire.timers import Timers
from .wire.tuning import Tuning
from .wire.turn import Invited, Played, StandDown, TurnAudio, TurnAudioEnd, Wake
from .wire.witness import WitnessHeads
from .witness import RoomWitness

_LOGGER = logging.getLogger(__name__)


class TurnHandler(Protocol):
    """Who answers wake words: the room's satellite entity."""

    def wake(self, wake: Wake) -> None:
        """Take up a wake word that is neither muted nor too early."""

    def turn_message(self, message: TurnAudio | TurnAudioEnd | Played | Invited) -> None:
        """Take what belongs to a turn."""

    def muted(self) -> None:
        """Give up a command that is still being listened to."""

    def answered_elsewhere(self) -> None:
        """Give up a command that the satellite dropped for a word that another room answers."""

    async def async_listen(self, actor: Actor) -> None:
        """Have the room listen although nobody there woke it; raises `HomeAssistantError`."""

    async def async_announce_media(self, url: str) -> None:
        """Play a medium before all else; raises what an announcement raises."""

    async def async_say(self, text: str) -> None:
        """Say a text when nobody is speaking, and return when it was heard."""

    def link_up(self) -> None:
        """Take notice that the satellite is there."""

    def link_down(self) -> None:
        """End what was going on with the satellite."""


class Room(LinkListener):
    """What the entities of one room share, and where the satellite's messages arrive."""

    def __init__(self, hass: HomeAssistant, entry: ConfigEntry) -> None:
        self.id = entry.entry_id
        self.name = entry.title
        self.welcome: Welcome | None = None
        """What the satellite said of itself when it was last there."""

        self.problems: tuple[Problem, ...] = ()
        self.receipt: Receipt | None = None
        self.microphone_since: datetime | None = None
        """Since when the microphone has been shown as it is now, without a gap."""

        self.tuning: Tuning | None = None
        self.handler: TurnHandler | None = None
        self.link = RoomLink(
            entry.title,
            entry.data[CONF_HOST],
            entry.data[CONF_PORT],
            owner=entry.data[CONF_OWNER],
            satellite_id=entry.data[CONF_SATELLITE_ID],
            listener=self,
        )
        self.mute = Mute(
            hass,
            entry.entry_id,
            entry.title,
            self.link.send,
            changed=self.changed,
            silence=self._silence,
            overdue=partial(tell_mute_overdue, hass, entry),
            log=self._log,
        )
        self.witness = RoomWitness(self.link.send)
        self._distrust = Distrust(hass, entry)
        self._patience = Patience()
        self.guard = Guard(hass, entry, self.changed)
        self.unasked = RoomUnasked(hass, self)
        self.media = RoomMedia(hass, entry, self)
        self.timers = RoomTimers(hass, entry, self)
        self.answers = RoomAnswers(hass, self)
        self._hass = hass
        self._entry = entry
        self._verified = 0.0
        self._shown: str | None = None
        self._stale_timer: CALLBACK_TYPE | None = None
        self._listeners: set[Callable[[], None]] = set()
        self._turn_listeners: set[Callable[[TurnReport], None]] = set()

    async def async_start(self) -> None:
        """Begin to keep the link up; does not wait for the satellite."""
        await self.mute.async_load()
        self.guard.async_start()
        await self._start_link()
        self._entry.async_on_unload(self._stop_stale_timer)
        self._entry.async_on_unload(self.mute.stop)

    async def _start_link(self) -> None:
        """Link with the satellite that was paired; with nobody while it is not."""
        pairing_id = self._entry.data.get(CONF_PAIRING)
        if pairing_id is None:
            self.link_down(NOT_PAIRED)
            return
        try:
            credentials = await link_keys(self._hass).async_load(pairing_id)
        except TrustError:
            self.link_down(KEYS_LOST)
            return
        self._entry.async_create_background_task(
            self._hass, self.link.run(credentials), f"earshot link {self.name}"
        )

    @property
    def house(self) -> House:
        """Return what all rooms share."""
        return self._hass.data[DATA_HOUSE]

    @property
    def retention(self) -> RoomRetention:
        """Return the room's kind and rules as they stand now."""
        return room_retention(self._entry)

    @property
    def locality(self) -> LocalityVerdict:
        """Return what may be said of where the room's words go."""
        return self.guard.locality

    @property
    def paired(self) -> bool:
        """Return whether the link proves who speaks: there is no other kind of link."""
        return self.link.is_up

    @property
    def receipt_age_s(self) -> float:
        """Return the time since the satellite verified its microphone."""
        return time.monotonic() - self._verified

    @property
    def microphone(self) -> MicrophoneVerdict:
        """Return what may be said of the microphone now."""
        return judge(
            self.receipt,
            age_s=self.receipt_age_s,
            linked=self.link.is_up,
            paired=self.paired,
        )

    @callback
    def async_listen(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Have a function called when anything here changed; returns what ends that."""
        self._listeners.add(listener)
        return partial(self._listeners.discard, listener)

    @callback
    def async_listen_turns(self, listener: Callable[[TurnReport], None]) -> Callable[[], None]:
        """Have a function called when a spoken command is over; returns what ends that."""
        self._turn_listeners.add(listener)
        return partial(self._turn_listeners.discard, listener)

    @callback
    def changed(self) -> None:
        """Tell the entities."""
        if (shown := self.microphone.state) != self._shown or self.microphone_since is None:
            self._shown, self.microphone_since = shown, dt_util.utcnow()
        for listener in tuple(self._listeners):
            listener()

    @callback
    def turn_over(self, report: TurnReport) -> None:
        """Keep what the rules allow of a turn and tell its outcome."""
        keeps = report.keeps and not report.is_silence
        kept = self.house.keep(self.id, report) if keeps else None
        self.answers.turn_over(report, kept)
        for listener in tuple(self._turn_listeners):
            listener(report)

    @callback
    def link_up(self, welcome: Welcome) -> None:
        """Take up a satellite that welcomed us; a mute comes before anything else."""
        self.mute.link_up()
        self.house.audit.witness_up(self.witness)
        self.welcome = welcome
        self.receipt = None
        self._distrust.up()
        tell_link(self._hass, self._entry, self._patience.told("", time.monotonic()))
        self.media.link_up()
        if self.handler is not None:
            self.handler.link_up()
        self.house.rules.async_linked()
        self.house.guest.async_tell()
        self.changed()

    @callback
    def link_down(self, reason: str) -> None:
        """Let go of what was going on with the satellite."""
        tell_link(self._hass, self._entry, self._patience.told(reason, time.monotonic()))
        if self._distrust.down(reason):
            self._entry.async_create_background_task(
                self._hass, self._log_unpaired(), f"earshot unpaired {self.name}"
            )
        self._hass.data[DATA_ARBITER].link_down(self)
        self._set_problems(())
        self.media.link_down()
        self.timers.link_down()
        if self.handler is not None:
            self.handler.link_down()
        self.changed()

    @property
    def active_words(self) -> tuple[WakeWord, ...]:
        """Return what the satellite listens for, as it said when it was last there."""
        if (welcome := self.welcome) is None:
            return ()
        known = {it.id: it for it in welcome.wake_words}
        return tuple(known[it] for it in welcome.active_words if it in known)

    def listens_for(self, phrase: str) -> bool:
        """Return whether the room would hear a phrase and be heard itself."""
        if not self.link.is_up or self.mute.is_on:
            return False
        return any(it.phrase.lower() == phrase for it in self.active_words)

    @callback
    def answer(self, wake: Wake) -> None:
        """Take up a wake word: of all rooms that heard it, this one is to answer."""
        if self.handler is None:
            self.link.send(StandDown(turn=wake.turn, reason="not_ready"))
        else:
            self.handler.wake(wake)

    @callback
    def answered_elsewhere(self) -> None:
        """End what went on: the satellite has, with the word that another room answers."""
        if self.handler is not None:
            self.handler.answered_elsewhere()

    @callback
    def message(self, message: Message) -> None:
        """Hand on what the satellite sent."""
        match message:
            case TurnAudio() | TurnAudioEnd() | Played() | Invited():
                if self.handler is not None:
                    self.handler.turn_message(message)
            case Wake():
                self._wake(message)
            case Tuning():
                self.tuning = message
                self.changed()
            case MediaState() | Volume():
                self.media.told(message)
            case Timers():
                self.timers.told(message)
            case Confirm():
                self._entry.async_create_background_task(
                    self._hass,
                    async_answer_confirm(self._hass, self._entry, message),
                    f"earshot confirm {self.name}",
                )
            case Receipt():
                self._take_receipt(message)
            case WitnessHeads():
                self.witness.heads(message)
            case Problems():
                self._set_problems(message.problems)
                self.changed()
            case Welcome():
                self.welcome = message
                self.changed()

    def _wake(self, wake: Wake) -> None:
        if self.mute.is_on:
            self.link.send(StandDown(turn=wake.turn, reason="muted"))
            self.turn_over(TurnReport.muted())
        else:
            self._hass.data[DATA_ARBITER].claim(self, wake)

    async def _log(self, verb: Verb, actor: Actor, detail: str) -> None:
        try:
            await self.house.async_vault()
        except VaultError as err:
            raise AuditError("the log is not open") from err
        await self.house.audit.async_write(verb, actor, self.id, detail=detail)

    async def _log_unpaired(self) -> None:
        """Write down that the satellite trusts this home no more."""
        try:
            await self._log(Verb.UNPAIRED, Actor(name="satellite"), "")
        except AuditError as err:
            _LOGGER.warning("That %s was unpaired is not in the log: %s", self.name, err)

    def _silence(self) -> None:
        if self.handler is not None:
            self.handler.muted()

    def _take_receipt(self, receipt: Receipt) -> None:
        if self.mute.receipt(receipt):
            self.receipt = receipt
            self._verified = time.monotonic() - receipt.age_ms / 1000
            self._stop_stale_timer()
            left = VALID_S - self.receipt_age_s
            if left > 0:
                self._stale_timer = async_call_later(self._hass, left + 0.1, self._stale)
        self.changed()

    @callback
    def _stale(self, _now: object) -> None:
        self._stale_timer = None
        self.changed()

    def _stop_stale_timer(self) -> None:
        if self._stale_timer is not None:
            self._stale_timer()
            self._stale_timer = None

    def _set_problems(self, problems: tuple[Problem, ...]) -> None:
        tell_problems(self._hass, self._entry, self.problems, problems)
        self.problems = problems
