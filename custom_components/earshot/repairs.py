"""The repairs that can be made from Repairs itself."""

from typing import Any, Final, cast

import probatio as vol
from homeassistant.auth.models import User
from homeassistant.components.assist_pipeline import Pipeline
from homeassistant.components.http import KEY_HASS_REFRESH_TOKEN_ID, KEY_HASS_USER
from homeassistant.components.repairs import RepairsFlow, RepairsFlowResult
from homeassistant.core import HomeAssistant
from homeassistant.helpers.http import current_request

from .audit import Actor, AuditError, Verb
from .engine_facts import EngineFacts
from .engines import async_assign_pipeline
from .flow_forms import speech_form, typed_address
from .house import DATA_HOUSE
from .locality import DATA_LOCALITY
from .plain_text import plain
from .provision import async_add_speech, async_best_pipeline

TARGET_LIMIT: Final = 64
"""Letters of an engine's id that a line of the log has room for."""


class PipelineRepair(RepairsFlow):
    """Gives a room a pipeline: of the engines that are there, or of our speech service."""

    def __init__(self, entry_id: str, room: str) -> None:
        self._entry_id = entry_id
        self._room = room
        self._pipeline: Pipeline | None = None

    async def async_step_init(self, user_input: dict[str, Any] | None = None) -> RepairsFlowResult:
        """See whether a pipeline can be had without asking for more."""
        self._pipeline = await async_best_pipeline(self.hass)
        if self._pipeline is None:
            return await self.async_step_add_speech()
        return await self.async_step_confirm()

    async def async_step_confirm(
        self, user_input: dict[str, Any] | None = None
    ) -> RepairsFlowResult:
        """Give the room the pipeline that was found or made."""
        assert self._pipeline is not None
        if user_input is None:
            return self.async_show_form(
                step_id="confirm",
                data_schema=vol.Schema({}),
                description_placeholders={
                    "room": plain(self._room),
                    "pipeline": plain(self._pipeline.name),
                },
            )
        return await self._assign(self._pipeline)

    async def async_step_add_speech(
        self, user_input: dict[str, Any] | None = None
    ) -> RepairsFlowResult:
        """Ask where the speech service is, and use it."""
        errors: dict[str, str] = {}
        if user_input is not None:
            user_input = typed_address(user_input)
            made = await async_add_speech(self.hass, user_input)
            if isinstance(made, Pipeline):
                return await self._assign(made)
            errors["base"] = made
        return self.async_show_form(
            step_id="add_speech",
            data_schema=speech_form(user_input),
            description_placeholders={"room": plain(self._room)},
            errors=errors,
        )

    async def _assign(self, pipeline: Pipeline) -> RepairsFlowResult:
        if (entry := self.hass.config_entries.async_get_entry(self._entry_id)) is None:
            return self.async_abort(reason="room_gone")
        await async_assign_pipeline(self.hass, entry, pipeline)
        return self.async_create_entry(data={})


class VouchRepair(RepairsFlow):
    """Takes an administrator's word that an engine is local, once they saw which and where."""

    def __init__(self, engine_id: str) -> None:
        self._engine_id = engine_id
        self._shown: EngineFacts | None = None

    async def async_step_init(self, user_input: dict[str, Any] | None = None) -> RepairsFlowResult:
        """Begin."""
        return await self.async_step_vouch()

    async def async_step_vouch(self, user_input: dict[str, Any] | None = None) -> RepairsFlowResult:
        """Name the engine, where it is and who would depend on it."""
        localities = self.hass.data[DATA_LOCALITY]
        facts = localities.unproven(self._engine_id)
        if facts is None or self._shown not in (None, facts):
            return self.async_abort(reason="engine_changed")
        request = current_request.get()
        user: User | None = request[KEY_HASS_USER] if request is not None else None
        if request is None or user is None or not user.is_admin:
            return self.async_abort(reason="not_an_administrator")
        if user_input is None:
            self._shown = facts
            return self.async_show_form(
                step_id="vouch",
                data_schema=vol.Schema({}),
                description_placeholders={
                    "engine": plain(facts.name),
                    "host": plain(facts.host or "-"),
                    "rooms": plain(", ".join(localities.rooms_of(self._engine_id))),
                },
            )
        actor = Actor(user.id, request.get(KEY_HASS_REFRESH_TOKEN_ID), "user")
        try:
            await self.hass.data[DATA_HOUSE].audit.async_write(
                Verb.VOUCHED, actor, None, target=facts.id[:TARGET_LIMIT]
            )
        except AuditError, ValueError:
            # Also an id of another integration that is none: a line has no room for other words.
            return self.async_abort(reason="audit_failed")
        await localities.async_vouch(facts, user)
        return self.async_create_entry(data={})


async def async_create_fix_flow(
    hass: HomeAssistant, issue_id: str, data: dict[str, str | int | float | None] | None
) -> RepairsFlow:
    """Return the flow that repairs an issue: an engine not proven, or a room without a pipeline."""
    known = cast(dict[str, str], data)
    if "engine" in known:
        return VouchRepair(known["engine"])
    return PipelineRepair(known["entry_id"], known["room"])
