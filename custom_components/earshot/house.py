"""What all rooms share: the vault and the house's rules. Rooms never wait for it."""

import asyncio
import logging
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Final

from homeassistant.config_entries import SOURCE_IMPORT, ConfigEntry, ConfigEntryState
from homeassistant.const import EVENT_HOMEASSISTANT_FINAL_WRITE
from homeassistant.core import Event, HomeAssistant, callback
from homeassistant.helpers.event import async_track_time_interval
from homeassistant.util import dt as dt_util
from homeassistant.util.hass_dict import HassKey

from .audit import Actor, Audit
from .backups import Backups
from .const import (
    BACKUP_FOLDER,
    CONF_KIND,
    CONF_SIZE_CAP,
    DEFAULT_SIZE_CAP_MIB,
    DOMAIN,
    VAULT_FOLDER,
    EntryKind,
)
from .entries import entries_of
from .forgetting import async_delete, async_tell_evicted, async_tell_removed
from .guest import Guest
from .issues import tell_lost, tell_vault
from .policy.clock import Reading
from .policy.retention import Verdict
from .privacy_issues import tell_evicted
from .rules import Rules
from .spared import SparedLog
from .traces.certificate import Certificate
from .vault import (
    Change,
    NewCapture,
    PurgeReport,
    RoomUsage,
    Selection,
    StoreDamagedError,
    Vault,
    VaultClosedError,
    VaultError,
    VaultState,
    VaultUnavailableError,
    clock,
    seals,
)
from .vault.model import MAX_TRANSCRIPT
from .vault.seal_errors import SealUnknownError
from .voice.turn import TurnReport
from .witness import RoomWitness

_LOGGER = logging.getLogger(__name__)

DATA_HOUSE: HassKey[House] = HassKey(DOMAIN)
PURGE_INTERVAL: Final = timedelta(minutes=5)
OPENING_S: Final = 900.0
"""A large vault on a slow card is looked through, and perhaps brought along from an older form."""

OPEN_S: Final = 60.0
"""How long anything else waits for that."""

CLOSE_S: Final = 10.0
ROOM_AGAIN: Final = 0.9
"""Below this part of the size cap, captures that went for it are no longer worth a word."""

LONGEST_TURN_S: Final = 300.0


class House:
    """The vault and who may put what into it."""

    def __init__(self, hass: HomeAssistant) -> None:
        self.usage: dict[str, RoomUsage] = {}
        """What is kept, by room; known once the vault is open."""

        self._hass = hass
        self.folder = Path(hass.config.path(*VAULT_FOLDER))
        """Of the vault, the log, the seals and the certificates."""

        self.audit = Audit(hass, self.folder, self.reading, self._witnesses)
        """The log of who listened; open when the vault is."""

        self.spared = SparedLog(hass, self)
        self.rules = Rules(hass, self)
        self.guest = Guest(hass, self)
        self.backups = Backups(hass, self)
        self._vault: asyncio.Future[Vault] | None = None
        self._listeners: set[Callable[[], None]] = set()
        self._capture_listeners: set[Callable[[Change], None]] = set()
        self._keeping: set[asyncio.Task[str | None]] = set()
        self._troubled = False
        self._shut = False
        self._logless = False

    @callback
    def async_start(self) -> None:
        """Purge what is due from time to time, and finish what is being kept at the end."""
        async_track_time_interval(
            self._hass,
            self._look_after,
            PURGE_INTERVAL,
            name="earshot purge",
            cancel_on_shutdown=True,
        )
        self._hass.bus.async_listen_once(EVENT_HOMEASSISTANT_FINAL_WRITE, self._close)

    @callback
    def async_open(self) -> None:
        """Open the vault in the background, unless it is open or being opened."""
        if self._vault is None:
            self._vault = self._hass.loop.create_future()
            self._hass.async_create_background_task(self._open(self._vault), "earshot vault")

    @property
    def is_open(self) -> bool:
        """Return whether the vault can be used."""
        return self._vault is not None and self._vault.done() and self._vault.exception() is None

    @property
    def entry(self) -> ConfigEntry | None:
        """Return the house's config entry."""
        return next(iter(entries_of(self._hass, EntryKind.HOUSE)), None)

    @callback
    def async_listen(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Have a function called when what is kept changed; returns what ends that."""
        self._listeners.add(listener)
        return partial(self._listeners.discard, listener)

    @callback
    def async_listen_captures(self, listener: Callable[[Change], None]) -> Callable[[], None]:
        """Have a function called when captures came, changed or went; returns what ends that."""
        self._capture_listeners.add(listener)
        return partial(self._capture_listeners.discard, listener)

    def reading(self) -> Reading:
        """Return what the clock says and whether it can be believed."""
        if not self.is_open:
            return Reading.believed(clock.now())
        assert self._vault is not None
        return self._vault.result().reading()

    async def async_vault(self) -> Vault:
        """Return the open vault; raises `VaultError` when it cannot be used."""
        self.async_open()
        assert self._vault is not None
        # Not shielded: of one that fails after its waiter has gone, asyncio would log a traceback.
        done, _ = await asyncio.wait([self._vault], timeout=OPEN_S)
        if not done:
            raise VaultUnavailableError("the vault is not open yet")
        return self._vault.result()

    @callback
    def keep(self, room_id: str, report: TurnReport) -> asyncio.Task[str | None] | None:
        """Keep what the rules allow of a turn, in the background; return what ends with its id.

        The rules are asked here, before a byte is written and before anything is waited for. None:
        they allow nothing. The id is None when it could not be kept.
        """
        verdict = self.rules.verdict(room_id, report.outcome)
        if not verdict.allows:
            return None
        ago = (dt_util.utcnow() - report.started).total_seconds()
        moment = self.reading().started(min(max(ago, 0.0), LONGEST_TURN_S))
        capture = NewCapture(
            room_id=room_id,
            started=moment.wall,
            moment=moment,
            outcome=report.outcome,
            pcm=report.pcm or None,
            transcript=report.transcript and report.transcript[:MAX_TRANSCRIPT],
            record=report.record,
            audience=self.rules.audience(room_id),
        )
        task = self._hass.async_create_background_task(self._keep(capture, verdict), "earshot keep")
        self._keeping.add(task)
        task.add_done_callback(self._keeping.discard)
        return task

    async def async_purge(self) -> PurgeReport:
        """Remove what is past its ceiling; raises `VaultError` when the vault cannot be used."""
        vault = await self.async_vault()
        report = await vault.async_purge(vault.reading(), self.rules.kept_policies())
        await self._update_usage(vault)
        # What was being kept while its room was removed, or was left when that was interrupted.
        rooms = {entry.entry_id for entry in entries_of(self._hass, EntryKind.ROOM)}
        for room_id in self.usage.keys() - rooms:
            await self.async_delete_room(room_id, Actor())
        return report + await self._evict(vault)

    async def async_delete(self, selection: Selection, actor: Actor) -> Certificate:
        """Delete captures for somebody, and look for them everywhere; raises `VaultError`."""
        vault = await self.async_vault()
        deleted = partial(self._update_usage, vault)
        return await async_delete(self._hass, self, selection, actor, deleted)

    async def async_forget_everything(self, actor: Actor) -> Certificate | None:
        """Destroy everything, pinned or not, and the house key; mends a damaged vault.

        None: what was there could not be read, so nothing could be looked for. Raises `VaultError`.
        """
        vault = await self.async_vault()

        async def deleted() -> None:
            await vault.async_delete_all()
            self._tell_state(vault)
            await self._update_usage(vault)

        try:
            return await async_delete(self._hass, self, Selection(pinned=True), actor, deleted)
        except StoreDamagedError:
            await deleted()
            return None

    @property
    def size_cap(self) -> int:
        """Return how many bytes may be kept in all."""
        options = self.entry.options if self.entry else {}
        return int(options.get(CONF_SIZE_CAP, DEFAULT_SIZE_CAP_MIB)) * 2**20

    async def async_delete_room(self, room_id: str, actor: Actor) -> None:
        """Destroy what is kept of a room that was removed."""
        vault = await self.async_vault()
        await async_tell_removed(self, actor, room_id)
        await vault.async_delete(Selection(rooms=frozenset({room_id}), pinned=True))
        await self._update_usage(vault)

    async def async_destroy(self) -> None:
        """Destroy everything that is kept, with its keys and its folder."""
        vault = await self.async_vault()
        # Nobody opens it anew while it goes.
        self._vault = self._hass.loop.create_future()
        _fail(self._vault, VaultClosedError("the vault is being destroyed"))
        self.usage = {}
        try:
            await self.audit.async_destroy()
            await self._hass.async_add_executor_job(seals.remove, self.folder)
            await vault.async_destroy()
        finally:
            self._vault = None

    @callback
    def retention_changed(self) -> None:
        """Apply changed rules to what is already kept, in the background."""
        self._hass.async_create_background_task(
            self._purge_due(dt_util.utcnow()), "earshot retention"
        )

    async def _open(self, opened: asyncio.Future[Vault]) -> None:
        try:
            async with asyncio.timeout(OPENING_S):
                vault = await Vault.async_open(
                    self.folder, backup=Path(self._hass.config.path(BACKUP_FOLDER))
                )
        except (TimeoutError, VaultError) as err:
            if not self._shut:
                _LOGGER.warning("Nothing can be kept: the vault cannot be opened (%s)", _name(err))
            self._shut = True
            tell_vault(self._hass, "vault_unavailable")
            _fail(opened, VaultUnavailableError("the vault is not open"))
            return
        except asyncio.CancelledError:
            # Home Assistant ends: whoever waits for the vault, its end too, need not wait longer.
            _fail(opened, VaultClosedError("the vault was not opened"))
            raise
        if self._shut:
            _LOGGER.info("The vault could be opened")
        self._shut = False
        self._tell_state(vault)
        vault.listener = self._changed
        try:
            await self._open_log()
        finally:
            # Cancelled as well: what is open has to be closed.
            opened.set_result(vault)
        await self._purge_due(dt_util.utcnow())

    async def _open_log(self) -> None:
        try:
            async with asyncio.timeout(OPEN_S):
                await self.audit.async_open()
        except (TimeoutError, VaultError) as err:
            if not self._logless:
                _LOGGER.warning("Nobody can listen: the log cannot be opened (%s)", _name(err))
            self._logless = True
        else:
            self._logless = False

    async def _look_after(self, now: datetime) -> None:
        """Purge what is due; what could not be opened before is tried again."""
        if self._vault is not None and self._vault.done() and not self.is_open:
            self._vault = None
            self.async_open()
        elif self.is_open and self.audit.tip is None:
            await self._open_log()
        await self.backups.async_look_after()
        await self._purge_due(now)

    async def _keep(self, capture: NewCapture, verdict: Verdict) -> str | None:
        capture_id = None
        try:
            vault = await self.async_vault()
            if self.rules.access(capture.room_id).sealed and not vault.is_sealed(capture.room_id):
                # As after the restore of a backup, which has the rule and not the seal.
                raise SealUnknownError("the room is to be sealed and has no seal")
            capture_id = await vault.async_keep(capture, verdict)
            await self._update_usage(vault)
            await self._evict(vault)
        except (TimeoutError, VaultError) as err:
            self._trouble("A command could not be kept", err)
        else:
            self._troubled = False
        return capture_id

    def _witnesses(self) -> Iterator[tuple[str, bool, RoomWitness]]:
        """Return the satellites: room, whether the link is paired, and what it witnesses."""
        for entry in entries_of(self._hass, EntryKind.ROOM):
            if entry.state is ConfigEntryState.LOADED:
                room = entry.runtime_data
                yield room.id, room.paired, room.witness

    async def _purge_due(self, _now: datetime) -> None:
        if not self.is_open:
            return
        try:
            await self._mend(await self.async_vault())
            await self.async_purge()
        except (TimeoutError, VaultError) as err:
            self._trouble("What is due could not be purged", err)

    async def _mend(self, vault: Vault) -> None:
        """Save what can be read of a vault that was damaged while it was open, and tell."""
        if vault.state is VaultState.DAMAGED:
            await vault.async_mend()
        self._tell_state(vault)

    def _tell_state(self, vault: Vault) -> None:
        state = vault.state
        tell_vault(self._hass, None if state is VaultState.READY else f"vault_{state}")
        tell_lost(self._hass, vault.lost_captures, vault.lost)

    async def _evict(self, vault: Vault) -> PurgeReport:
        """Let the oldest captures go when all together are too large, and tell."""
        kept = sum(room.bytes for room in self.usage.values())
        if kept <= self.size_cap:
            if kept < self.size_cap * ROOM_AGAIN:
                tell_evicted(self._hass, captures=0)
            return PurgeReport()
        report = await vault.async_evict(self.size_cap, vault.reading())
        if report.evicted:
            tell_evicted(self._hass, captures=report.evicted)
            await async_tell_evicted(self, report.evicted)
            await self._update_usage(vault)
        return report

    def _trouble(self, what: str, error: Exception) -> None:
        """Log the first of a row of troubles."""
        if not self._troubled:
            self._troubled = True
            _LOGGER.warning("%s (%s)", what, _name(error))

    def _changed(self, change: Change) -> None:
        for listener in tuple(self._capture_listeners):
            listener(change)

    async def _update_usage(self, vault: Vault) -> None:
        self.usage = await vault.async_usage()
        for listener in tuple(self._listeners):
            listener()

    async def _close(self, event: Event) -> None:
        """Finish what is being kept, then close."""
        if self._vault is None:
            return
        if self._keeping:
            await asyncio.wait(self._keeping, timeout=CLOSE_S)
        await asyncio.wait([self._vault], timeout=CLOSE_S)
        if self.is_open:
            await self.spared.async_close()
        await self.audit.async_close()
        if self.is_open:
            await self._vault.result().async_close()


def _fail(future: asyncio.Future[Vault], error: VaultError) -> None:
    future.set_exception(error)
    # Nobody need ask for it.
    future.exception()


def _name(error: Exception) -> str:
    return error.code if isinstance(error, VaultError) else type(error).__name__


@callback
def ensure_house_entry(hass: HomeAssistant) -> None:
    """Make the house's config entry when there is none."""
    if entries_of(hass, EntryKind.HOUSE):
        return
    hass.async_create_task(
        hass.config_entries.flow.async_init(
            DOMAIN, context={"source": SOURCE_IMPORT}, data={CONF_KIND: EntryKind.HOUSE}
        ),
        "earshot house entry",
    )
