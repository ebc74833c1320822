"""The dashboard that is ready when the house stands."""

from __future__ import annotations

from typing import Any

from .client import Client

_ROOM_ROWS = (
    ("satellite", "Satellite"),
    ("mute", "Mute"),
    ("microphone", "Microphone (verified)"),
    ("voice_command", "Voice command"),
    ("last_command", "Last command"),
    ("captures_kept", "Captures kept"),
    ("audio_retention", "Keep audio"),
    ("transcript_retention", "Keep transcripts"),
)


_URL_PATH = "earshot-house"


async def write_dashboard(client: Client, rooms: dict[str, dict[str, str]]) -> None:
    """Make the dashboard that opens first; `rooms` maps a room to its entities (`entities_of`)."""
    sections: list[dict[str, Any]] = []
    for name, entities in rooms.items():
        rows = [
            {"entity": entities[key], "name": label} for key, label in _ROOM_ROWS if key in entities
        ]
        sections.append(_section(name, [{"type": "entities", "entities": rows}]))
    lamps = [
        {"type": "tile", "entity": entity}
        for entity in (
            *("light.kitchen_light", "light.ceiling_lamp", "switch.coffee_machine"),
            *("light.bedroom_light", "light.reading_lamp"),
            *("light.hall_light", "light.office_light"),
        )
    ]
    sections.append(_section("Home", lamps))
    sections.append(
        _section(
            "Automation",
            [
                {
                    "type": "markdown",
                    "content": "Close the bedroom door: its microphone is closed too.",
                },
                {"type": "tile", "entity": "input_boolean.bedroom_door_closed"},
                {
                    "type": "tile",
                    "entity": "automation.microphone_off_while_the_bedroom_door_is_closed",
                },
            ],
        )
    )
    view = {"title": "House", "path": "house", "type": "sections", "sections": sections}
    await client.command(
        "lovelace/dashboards/create",
        url_path=_URL_PATH,
        title="Earshot",
        icon="mdi:ear-hearing",
        mode="storage",
        show_in_sidebar=True,
        require_admin=False,
    )
    await client.command(
        "lovelace/config/save",
        url_path=_URL_PATH,
        config={"title": "Earshot", "views": [view]},
    )
    await client.command("frontend/set_system_data", key="core", value={"default_panel": _URL_PATH})


def _section(title: str, cards: list[dict[str, Any]]) -> dict[str, Any]:
    return {"type": "grid", "cards": [{"type": "heading", "heading": title}, *cards]}
