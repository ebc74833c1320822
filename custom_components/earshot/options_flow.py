"""Changing the rules of a room or of the house; what a change does is shown before it is made."""

import asyncio
from typing import Any, Final

from homeassistant.config_entries import ConfigFlowResult, OptionsFlow
from homeassistant.exceptions import HomeAssistantError

from .const import CONF_KIND, CONF_SIZE_CAP, EntryKind
from .entries import entries_of
from .flow_forms import house_options_form, kept_form, listening_form, local_form, unasked_form
from .flow_texts import async_aspects, async_users, rooms_text
from .flow_user import actor_of_flow
from .house import DATA_HOUSE, House
from .policy.changes import Aspect
from .retention import Options
from .vault import Count, Selection, VaultError

FORGET_S: Final = 10.0
"""What is deleted is gone by then; whether it is nowhere else is looked for longer."""

_KEPT: Final = frozenset({Aspect.AUDIO, Aspect.TRANSCRIPT})


class EarshotOptionsFlow(OptionsFlow):
    """Options of a room or of the house. Rules are read whenever they are asked: no reload."""

    def __init__(self) -> None:
        self._changes: dict[str, Any] = {}
        self._loosened: frozenset[Aspect] = frozenset()

    async def async_step_init(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Go to the form of the house, or let choose what of a room is to be changed."""
        if self.config_entry.data[CONF_KIND] == EntryKind.HOUSE:
            return await self.async_step_house()
        return self.async_show_menu(
            step_id="init", menu_options=["kept", "listening", "local", "unasked", "forget"]
        )

    async def async_step_kept(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Ask for a room's kind and how long is kept."""
        if user_input is not None:
            return await self._consider(user_input)
        return self.async_show_form(step_id="kept", data_schema=kept_form(self._options))

    async def async_step_listening(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask who may listen, and how."""
        if user_input is not None:
            return await self._consider(user_input)
        users = await async_users(self.hass)
        return self.async_show_form(
            step_id="listening", data_schema=listening_form(self._options, users)
        )

    async def async_step_local(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Ask where commands may go."""
        if user_input is not None:
            return await self._consider(user_input)
        return self.async_show_form(step_id="local", data_schema=local_form(self._options))

    async def async_step_unasked(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask whether the room may listen although nobody there woke it."""
        if user_input is not None:
            return await self._consider(user_input)
        return self.async_show_form(step_id="unasked", data_schema=unasked_form(self._options))

    async def async_step_house(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Ask for the house's rules."""
        if user_input is not None:
            return await self._consider(user_input)
        return self.async_show_form(step_id="house", data_schema=house_options_form(self._options))

    async def async_step_forget(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Destroy what is kept of a room, after its count was seen."""
        room_id = self.config_entry.entry_id
        everything = Selection(rooms=frozenset({room_id}), pinned=True)
        try:
            if user_input is not None:
                await self._forget(everything)
                return self.async_create_entry(data=dict(self._options))
            counts = await (await self._house.async_vault()).async_count(everything)
        except TimeoutError, VaultError:
            return self.async_abort(reason="vault_unavailable")
        kept = counts.get(room_id)
        return self.async_show_form(
            step_id="forget",
            description_placeholders={
                "room": self.config_entry.title,
                "captures": str(kept.captures if kept else 0),
                "pinned": str(kept.pinned if kept else 0),
            },
        )

    async def async_step_narrow(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Show how much of what is kept goes in five minutes."""
        if user_input is not None:
            return await self.async_step_cap()
        try:
            goes = await self._going()
        except TimeoutError, VaultError:
            return await self.async_step_narrow_unknown()
        if not any(count.audio or count.transcripts for count in goes.values()):
            return await self.async_step_cap()
        rooms = entries_of(self.hass, EntryKind.ROOM)
        return self.async_show_form(
            step_id="narrow", description_placeholders={"rooms": rooms_text(rooms, goes)}
        )

    async def async_step_narrow_unknown(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Say that something goes and that nobody can count it now."""
        if user_input is not None:
            return await self.async_step_cap()
        return self.async_show_form(step_id="narrow_unknown")

    async def async_step_cap(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Show how much does not fit into a smaller vault."""
        if user_input is not None or CONF_SIZE_CAP not in self._changes:
            return await self._show_loosened_or_make()
        size = int(self._changes[CONF_SIZE_CAP])
        try:
            captures = str(await (await self._house.async_vault()).async_would_evict(size * 2**20))
        except TimeoutError, VaultError:
            captures = "?"
        if captures == "0":
            return await self._show_loosened_or_make()
        return self.async_show_form(
            step_id="cap", description_placeholders={"captures": captures, "size": str(size)}
        )

    async def async_step_loosen(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Say what is loosened, when that begins, and that the room hears of it."""
        if user_input is not None:
            return await self._make()
        changes = await async_aspects(self.hass, sorted(self._loosened))
        return self.async_show_form(step_id="loosen", description_placeholders={"changes": changes})

    async def _forget(self, everything: Selection) -> None:
        """Delete; not waiting for the look at every place that follows. Raises `VaultError`."""
        deletion = self.hass.async_create_background_task(
            self._house.async_delete(everything, actor_of_flow(self.hass)), "earshot forget"
        )
        done, _ = await asyncio.wait([deletion], timeout=FORGET_S)
        if done:
            await deletion

    async def _consider(self, changes: dict[str, Any]) -> ConfigFlowResult:
        """Go through what must be seen before the change is made."""
        effects = self._house.rules.preview(self.config_entry, changes).values()
        self._changes = changes
        self._loosened = frozenset[Aspect]().union(*(it.loosened for it in effects))
        if any(it.tightened & _KEPT for it in effects):
            return await self.async_step_narrow()
        return await self.async_step_cap()

    async def _show_loosened_or_make(self) -> ConfigFlowResult:
        return await self.async_step_loosen() if self._loosened else await self._make()

    async def _make(self) -> ConfigFlowResult:
        actor = actor_of_flow(self.hass)
        try:
            await self._house.rules.async_change(self.config_entry, self._changes, actor)
        except HomeAssistantError as err:
            return self.async_abort(reason=err.translation_key or "audit_unavailable")
        return self.async_create_entry(data=dict(self._options))

    async def _going(self) -> dict[str, Count]:
        vault = await self._house.async_vault()
        policies = self._house.rules.policies_with(self.config_entry, self._changes)
        return await vault.async_would_go(policies, self._house.reading())

    @property
    def _options(self) -> Options:
        return self.config_entry.options

    @property
    def _house(self) -> House:
        return self.hass.data[DATA_HOUSE]
