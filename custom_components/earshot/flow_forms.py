"""The forms of the flows."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any, Final

import probatio as vol
from homeassistant.components.assist_pipeline import Pipeline
from homeassistant.const import CONF_CODE, CONF_HOST, CONF_NAME, CONF_PORT
from homeassistant.helpers.selector import (
    AreaSelector,
    BooleanSelector,
    NumberSelector,
    NumberSelectorConfig,
    NumberSelectorMode,
    SelectOptionDict,
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
    TextSelector,
)

from .const import (
    CONF_AREA,
    CONF_AUDIO,
    CONF_BACKUP,
    CONF_DEBUG_ALLOWED,
    CONF_FAILED,
    CONF_FALSE_WAKE,
    CONF_FOLLOW_UP,
    CONF_LISTENERS,
    CONF_LOCAL_ONLY,
    CONF_LONG_LIVED,
    CONF_NOT_UNDERSTOOD,
    CONF_PIPELINE,
    CONF_PLAIN_HTTP,
    CONF_REMOTE,
    CONF_REMOTE_LISTEN,
    CONF_ROOM_KIND,
    CONF_SECOND_FACTOR,
    CONF_SIZE_CAP,
    CONF_TRANSCRIPT,
    CONF_UNDERSTOOD,
    DEFAULT_SIZE_CAP_MIB,
    DEFAULT_SPEECH_HOST,
)
from .engines import Engine
from .policy.retention import Period, RoomKind
from .retention import Options, house_rules, room_rules
from .wire.limits import PAIRING_PORT_AFTER, ROOM_PORT, SPEECH_PORT

CONF_STT_ENGINE: Final = "stt_engine"
CONF_TTS_ENGINE: Final = "tts_engine"
NEW_PIPELINE: Final = "new"

SIZE_CAP_LEAST: Final = 64
SIZE_CAP_MOST: Final = 1_000_000
"""MiB that the vault may take at most."""

_PORT: Final = vol.All(vol.Coerce(int), vol.Range(min=1, max=65535 - PAIRING_PORT_AFTER))


def room_form(known: Mapping[str, Any] | None) -> vol.Schema:
    """Ask where a satellite is, and for its code."""
    known = known or {}
    return vol.Schema(
        {
            vol.Required(CONF_HOST, default=known.get(CONF_HOST, "")): TextSelector(),
            vol.Required(CONF_PORT, default=known.get(CONF_PORT, ROOM_PORT)): _PORT,
            vol.Required(CONF_CODE): TextSelector(),
        }
    )


def speech_form(known: Mapping[str, Any] | None) -> vol.Schema:
    """Ask where the speech service is, and for its code unless it is on this machine."""
    known = known or {}
    return vol.Schema(
        {
            vol.Required(
                CONF_HOST, default=known.get(CONF_HOST, DEFAULT_SPEECH_HOST)
            ): TextSelector(),
            vol.Required(CONF_PORT, default=known.get(CONF_PORT, SPEECH_PORT)): _PORT,
            vol.Optional(CONF_CODE): TextSelector(),
        }
    )


def moved_form(known: Mapping[str, Any]) -> vol.Schema:
    """Ask where a device is now, and for its code if it is to be paired anew."""
    return vol.Schema(
        {
            vol.Required(CONF_HOST, default=known[CONF_HOST]): TextSelector(),
            vol.Required(CONF_PORT, default=known[CONF_PORT]): _PORT,
            vol.Optional(CONF_CODE): TextSelector(),
        }
    )


def code_form() -> vol.Schema:
    """Ask for a code."""
    return vol.Schema({vol.Required(CONF_CODE): TextSelector()})


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


def kept_form(now: Options) -> vol.Schema:
    """Ask for a room's kind and how long is kept."""
    its = room_rules(now).retention
    return vol.Schema(
        {
            vol.Required(CONF_ROOM_KIND, default=its.kind.value): _choose(RoomKind, "room_kind"),
            vol.Required(CONF_AUDIO, default=its.audio.value): _choose(Period, "period"),
            vol.Required(CONF_TRANSCRIPT, default=its.transcript.value): _choose(Period, "period"),
        }
    )


def listening_form(now: Options, users: Sequence[SelectOptionDict]) -> vol.Schema:
    """Ask who may listen, and how."""
    access = room_rules(now).access
    listeners = [it["value"] for it in users if it["value"] in access.listeners]
    return vol.Schema(
        {
            vol.Required(CONF_LISTENERS, default=listeners): SelectSelector(
                SelectSelectorConfig(options=users, multiple=True, mode=SelectSelectorMode.DROPDOWN)
            ),
            vol.Required(CONF_SECOND_FACTOR, default=access.second_factor): BooleanSelector(),
            vol.Required(CONF_REMOTE, default=access.remote): BooleanSelector(),
            vol.Required(CONF_LONG_LIVED, default=access.long_lived): BooleanSelector(),
            vol.Required(CONF_PLAIN_HTTP, default=access.plain_http): BooleanSelector(),
        }
    )


def local_form(now: Options) -> vol.Schema:
    """Ask where commands may go."""
    rules = room_rules(now)
    return vol.Schema(
        {
            vol.Required(CONF_LOCAL_ONLY, default=rules.access.local_only): BooleanSelector(),
            vol.Required(CONF_DEBUG_ALLOWED, default=rules.debug_allowed): BooleanSelector(),
        }
    )


def unasked_form(now: Options) -> vol.Schema:
    """Ask whether a room may listen although nobody there woke it."""
    rules = room_rules(now)
    return vol.Schema(
        {
            vol.Required(CONF_FOLLOW_UP, default=rules.follow_up): BooleanSelector(),
            vol.Required(CONF_REMOTE_LISTEN, default=rules.remote_listen): BooleanSelector(),
        }
    )


def house_options_form(now: Options) -> vol.Schema:
    """Ask for the house's rules and the most that the vault may take."""
    its = house_rules(now)
    most = [period for period in Period if period is not Period.AS_HOUSE]
    of_outcome = partial(_choose, Period, "outcome_period")
    size = NumberSelectorConfig(
        min=SIZE_CAP_LEAST, max=SIZE_CAP_MOST, step=1, unit_of_measurement="MiB",
        mode=NumberSelectorMode.BOX,
    )  # fmt: skip
    return vol.Schema(
        {
            vol.Required(CONF_AUDIO, default=its.audio.value): _choose(most, "period"),
            vol.Required(CONF_TRANSCRIPT, default=its.transcript.value): _choose(most, "period"),
            vol.Required(CONF_UNDERSTOOD, default=its.understood.value): of_outcome(),
            vol.Required(CONF_NOT_UNDERSTOOD, default=its.not_understood.value): of_outcome(),
            vol.Required(CONF_FALSE_WAKE, default=its.false_wake.value): of_outcome(),
            vol.Required(CONF_FAILED, default=its.failed.value): of_outcome(),
            vol.Required(
                CONF_SIZE_CAP, default=now.get(CONF_SIZE_CAP, DEFAULT_SIZE_CAP_MIB)
            ): vol.All(NumberSelector(size), vol.Coerce(int)),
            vol.Required(CONF_BACKUP, default=now.get(CONF_BACKUP) is True): BooleanSelector(),
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
