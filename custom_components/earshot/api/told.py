"""What is found, as it is told: plain data for JSON."""

from base64 import b64encode
from collections.abc import Mapping
from typing import Any

from homeassistant.core import HomeAssistant

from ..rule_changes import Change
from ..vault.views import Listed, Pin

type Names = Mapping[str, str | None]
"""Of users, by id."""


async def people(hass: HomeAssistant) -> Names:
    """Return the names of all users."""
    return {user.id: user.name for user in await hass.auth.async_get_users()}


def tell_capture(capture: Listed, names: Names) -> dict[str, Any]:
    """Return a capture as the API tells it. The audio is fetched apart."""
    return {
        "id": capture.id,
        "room_id": capture.room_id,
        "started": capture.started,
        "outcome": capture.outcome,
        "sealed": capture.sealed,
        "uncertain": capture.uncertain,
        "audio_bytes": capture.audio_bytes,
        "audio_expires": capture.audio_expires,
        "words_expires": capture.words_expires,
        "transcript": capture.transcript,
        "record": capture.record,
        "peaks": capture.peaks and b64encode(capture.peaks).decode(),
        "pin": capture.pin and tell_pin(capture.pin, names),
        "label": capture.label,
        "right_text": capture.right_text,
    }


def tell_pin(pin: Pin, names: Names) -> dict[str, Any]:
    """Return a pin as the API tells it."""
    return {
        "until": pin.until,
        "reason": pin.reason,
        "by": pin.by,
        "by_name": names.get(pin.by),
        "made": pin.made,
    }


def tell_change(change: Change, names: Names) -> dict[str, Any]:
    """Return a change of a rule as the API tells it."""
    return {
        "room_id": change.room_id,
        "option": change.option,
        "before": _value(change.before, names),
        "after": _value(change.after, names),
        "made": change.made.wall,
        "loosens": change.loosens,
        "confirmed": change.confirmed,
        "begins": change.begins,
    }


def _value(value: Any, names: Names) -> Any:
    """Return the value of an option, with the names of listeners in place of their ids."""
    return [names.get(it) or it for it in value] if isinstance(value, list) else value
