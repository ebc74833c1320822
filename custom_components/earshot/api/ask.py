"""One request: who asks, what they may, and what of the house it reaches."""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import NoReturn

from homeassistant.components.websocket_api import ActiveConnection
from homeassistant.core import HomeAssistant

from ..audit import Actor, Verb
from ..const import EntryKind
from ..entries import entries_of
from ..house import House
from ..policy.access import NARROWING, AccessVerdict, Act, Asker, Reason, RoomAccess, may
from ..vault import Vault
from ..vault.views import Listed
from .errors import RefusedError
from .state import Api


@dataclass(frozen=True, kw_only=True)
class Ask:
    """One request of somebody. Everything that leaves Earshot goes through here."""

    hass: HomeAssistant
    api: Api
    asker: Asker
    private: Mapping[str, bytes] = field(default_factory=dict, repr=False)
    """Private keys that this connection has unlocked, by seal."""

    connection: ActiveConnection | None = None
    mark: Hashable = None
    """What stands among the subscriptions of the connection until this request is answered."""

    @property
    def is_connected(self) -> bool:
        """Return whether the connection was there all the time; what has ended ends nothing."""
        return self.connection is not None and self.mark in self.connection.subscriptions

    @property
    def house(self) -> House:
        """The house."""
        return self.api.house

    @property
    def actor(self) -> Actor:
        """The asker, for the log."""
        return Actor(self.asker.user_id, self.asker.session, "user")

    async def vault(self) -> Vault:
        """Return the vault; raises `VaultError`."""
        return await self.house.async_vault()

    def rooms(self) -> tuple[str, ...]:
        """Return the ids of all rooms there are."""
        return tuple(entry.entry_id for entry in entries_of(self.hass, EntryKind.ROOM))

    def room_name(self, room_id: str) -> str:
        """Return what a room is called; its id if it is no more."""
        entry = self.hass.config_entries.async_get_entry(room_id)
        return entry.title if entry else room_id

    def access(self, room_id: str, heard: datetime | None = None) -> RoomAccess:
        """Return what a room's rules say now, or of what was heard at some time."""
        if room_id not in self.rooms():
            return RoomAccess()
        return self.house.rules.access(room_id, heard)

    def verdict(self, act: Act, room_id: str) -> AccessVerdict:
        """Return whether the asker may do this in a room."""
        return may(self.asker, act, self.access(room_id))

    def verdict_of(self, act: Act, capture: Listed) -> AccessVerdict:
        """Return whether the asker may do this with a capture."""
        # Whoever is of the room now may take away what was heard before, too.
        heard = None if act in NARROWING else capture.started
        access = self.access(capture.room_id, heard)
        return may(self.asker, act, access, capture.audience)

    def demand(self, act: Act, room_id: str) -> None:
        """Raise `RefusedError`, and note it, unless the asker may do this in a room."""
        verdict = self.verdict(act, room_id)
        if not verdict.allowed:
            self.refuse(verdict, room_id)

    async def capture(self, act: Act, capture_id: str) -> Listed:
        """Return a capture without its words if the asker may do this with it."""
        found = await (await self.vault()).async_find(capture_id)
        if found is None:
            self.refuse(may(self.asker, act, RoomAccess()), None)
        verdict = self.verdict_of(act, found)
        if not verdict.allowed:
            self.refuse(verdict, found.room_id)
        return found

    def refuse(self, verdict: AccessVerdict, room_id: str | None) -> NoReturn:
        """Note a refused try and raise `RefusedError`."""
        known = room_id if room_id in self.rooms() else None
        self.api.refusals.note(self.asker, known, verdict.reason)
        raise RefusedError(verdict)

    def demand_person(self) -> str:
        """Return the user's id; raise `RefusedError` for anybody but a living user."""
        asker = self.asker
        if not asker.user_id:
            self.refuse(AccessVerdict(Reason.NO_USER), None)
        if not asker.is_active:
            self.refuse(AccessVerdict(Reason.INACTIVE), None)
        if asker.is_system:
            self.refuse(AccessVerdict(Reason.SYSTEM_USER), None)
        return asker.user_id

    def demand_session(self) -> str:
        """Return the session's id; raise `RefusedError` where there is none."""
        if not self.asker.session:
            self.refuse(AccessVerdict(Reason.TOKEN), None)
        return self.asker.session

    async def write(
        self, verb: Verb, room_id: str | None, target: str = "", detail: str = ""
    ) -> None:
        """Write a line into the log; raises `AuditError`, and then nothing must be done."""
        await self.house.audit.async_write(verb, self.actor, room_id, target, detail)
