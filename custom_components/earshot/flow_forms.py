"""The forms of the flows."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import probatio as vol
from homeassistant.components.assist_pipeline import Pipeline
from homeassistant.const import CONF_HOST, CONF_NAME, CONF_PORT
from homeassistant.helpers.selector import (
    AreaSelector,
    SelectOptionDict,
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
    TextSelector,
)

from .const import (
    CONF_AREA,
    CONF_AUDIO,
    CONF_FALSE_WAKE,
    CONF_PIPELINE,
    CONF_ROOM_KIND,
    CONF_TRANSCRIPT,
)
from .engines import Engine
from .policy.retention import HouseRetention, Period, RoomKind, RoomRetention

CONF_STT_ENGINE: Final = "stt_engine"
CONF_TTS_ENGINE: Final = "tts_engine"
NEW_PIPELINE: Final = "new"

_PORT: Final = vol.All(vol.Coerce(int), vol.Range(min=1, max=65535))


def address_form(known: Mapping[str, Any] | None, host: str, port: int) -> vol.Schema:
    """Ask for a host and a port."""
    known = known or {}
    return vol.Schema(
        {
            vol.Required(CONF_HOST, default=known.get(CONF_HOST, host)): TextSelector(),
            vol.Required(CONF_PORT, default=known.get(CONF_PORT, port)): _PORT,
        }
    )


def typed_address(user_input: Mapping[str, Any]) -> dict[str, Any]:
    """Return an address as it is used: without what slips in when one is typed or pasted."""
    host = user_input[CONF_HOST].strip().removeprefix("[").removesuffix("]")
    return {**user_input, CONF_HOST: host}


def details_form(name: str, area_id: str | None) -> vol.Schema:
    """Ask for a room's name, area and kind."""
    area: Any = vol.Optional(CONF_AREA)
    if area_id is not None:
        area = vol.Optional(CONF_AREA, default=area_id)
    return vol.Schema(
        {
            vol.Required(CONF_NAME, default=name): TextSelector(),
            area: AreaSelector(),
            vol.Required(CONF_ROOM_KIND): _choose(RoomKind, "room_kind"),
        }
    )


def pipeline_form(
    pipelines: Sequence[Pipeline],
    preferred: str,
    stt_engines: Sequence[Engine],
    tts_engines: Sequence[Engine],
) -> vol.Schema:
    """Ask for a pipeline, or for the engines of a new one."""
    choices = [SelectOptionDict(value=it.id, label=it.name) for it in pipelines]
    can_make = bool(stt_engines and tts_engines)
    if can_make:
        choices.append(SelectOptionDict(value=NEW_PIPELINE, label=NEW_PIPELINE))
    values = [choice["value"] for choice in choices]
    form: dict[Any, Any] = {
        vol.Required(
            CONF_PIPELINE, default=preferred if preferred in values else values[0]
        ): SelectSelector(
            SelectSelectorConfig(
                options=choices, mode=SelectSelectorMode.LIST, translation_key="pipeline"
            )
        )
    }
    if can_make:
        form[vol.Required(CONF_STT_ENGINE, default=stt_engines[0].id)] = _engines(stt_engines)
        form[vol.Required(CONF_TTS_ENGINE, default=tts_engines[0].id)] = _engines(tts_engines)
    return vol.Schema(form)


def room_options_form(now: RoomRetention) -> vol.Schema:
    """Ask for a room's kind and rules."""
    return vol.Schema(
        {
            vol.Required(CONF_ROOM_KIND, default=now.kind.value): _choose(RoomKind, "room_kind"),
            vol.Required(CONF_AUDIO, default=now.audio.value): _choose(Period, "period"),
            vol.Required(CONF_TRANSCRIPT, default=now.transcript.value): _choose(Period, "period"),
        }
    )


def house_options_form(now: HouseRetention) -> vol.Schema:
    """Ask for the house's rules."""
    periods = [period for period in Period if period is not Period.AS_HOUSE]
    return vol.Schema(
        {
            vol.Required(CONF_AUDIO, default=now.audio.value): _choose(periods, "period"),
            vol.Required(CONF_TRANSCRIPT, default=now.transcript.value): _choose(periods, "period"),
            vol.Required(CONF_FALSE_WAKE, default=now.false_wake.value): _choose(periods, "period"),
        }
    )


def _choose(values: Any, translation_key: str) -> SelectSelector:
    return SelectSelector(
        SelectSelectorConfig(
            options=[value.value for value in values],
            mode=SelectSelectorMode.DROPDOWN,
            translation_key=translation_key,
        )
    )


def _engines(engines: Sequence[Engine]) -> SelectSelector:
    return SelectSelector(
        SelectSelectorConfig(
            options=[SelectOptionDict(value=it.id, label=it.name) for it in engines],
            mode=SelectSelectorMode.DROPDOWN,
        )
    )
