"""What a room, the house or the speech service can tell a helper without telling on anybody."""

from typing import Any

from homeassistant.components.diagnostics import async_redact_data
from homeassistant.const import CONF_HOST
from homeassistant.core import HomeAssistant

from .const import (
    CONF_AREA,
    CONF_KIND,
    CONF_LISTENERS,
    CONF_OWNER,
    CONF_PAIRING,
    CONF_PIPELINE,
    CONF_SATELLITE_ID,
    EntryKind,
)
from .engines import pipeline_is_complete
from .models import EarshotConfigEntry, HouseConfigEntry, RoomConfigEntry, SpeechConfigEntry
from .policy.retention import Outcome

_SECRET = {
    CONF_AREA,
    CONF_HOST,
    CONF_LISTENERS,
    CONF_OWNER,
    CONF_PAIRING,
    CONF_PIPELINE,
    CONF_SATELLITE_ID,
}


async def async_get_config_entry_diagnostics(
    hass: HomeAssistant, entry: EarshotConfigEntry
) -> dict[str, Any]:
    """Return the state of an entry: counts, versions and codes; no names, hosts or words."""
    known = {
        "data": async_redact_data(dict(entry.data), _SECRET),
        "options": async_redact_data(dict(entry.options), _SECRET),
    }
    match EntryKind(entry.data[CONF_KIND]):
        case EntryKind.HOUSE:
            return known | _house(entry)
        case EntryKind.ROOM:
            return known | _room(hass, entry)
        case EntryKind.SPEECH:
            return known | _speech(entry)


def _house(entry: HouseConfigEntry) -> dict[str, Any]:
    house = entry.runtime_data
    return {
        "vault_open": house.is_open,
        "rooms_kept": len(house.usage),
        "captures": sum(usage.captures for usage in house.usage.values()),
        "bytes": sum(usage.bytes for usage in house.usage.values()),
    }


def _room(hass: HomeAssistant, entry: RoomConfigEntry) -> dict[str, Any]:
    room = entry.runtime_data
    welcome = room.welcome
    receipt = room.receipt
    return {
        "link": {"state": room.link.state.value, "reason": room.link.reason},
        "satellite": None
        if welcome is None
        else {
            "software": welcome.software,
            "paired": room.paired,
            "open": welcome.open,
            "wake_words": len(welcome.wake_words),
            "active_words": len(welcome.active_words),
            "phrases": sorted(welcome.phrases),
        },
        "mute": {
            "wished": room.mute.wished,
            "pending": room.mute.pending,
            "at_device": room.mute.at_device,
        },
        "microphone": {
            "state": room.microphone.state,
            "reason": str(room.microphone.reason),
            "receipt": receipt and receipt.state,
            "evidence": [
                {"source": it.source, "state": it.state}
                for it in (receipt.evidence if receipt else ())
            ],
        },
        "locality": {
            "state": room.locality.state.value,
            "engines": [
                {"role": it.role.value, "state": it.state.value, "reason": it.reason.value}
                for it in room.locality.reasons
            ],
            "local_only": room.guard.local_only,
            "recorded": room.guard.is_recorded,
        },
        "keeps": {
            outcome.value: {
                "audio_s": verdict.audio.seconds,
                "audio_rule": verdict.audio.rule.value,
                "transcript_s": verdict.transcript.seconds,
                "transcript_rule": verdict.transcript.rule.value,
            }
            for outcome in Outcome
            for verdict in (room.house.rules.verdict(room.id, outcome),)
        },
        "problems": [problem.code for problem in room.problems],
        "pipeline_complete": pipeline_is_complete(hass, entry),
    }


def _speech(entry: SpeechConfigEntry) -> dict[str, Any]:
    speech = entry.runtime_data
    info = speech.info
    return {
        "available": speech.available,
        "paired": CONF_PAIRING in entry.data,
        "programs": []
        if info is None
        else [
            {"name": program.name, "version": program.version} for program in (*info.asr, *info.tts)
        ],
    }
