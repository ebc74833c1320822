"""The dashboards that are ready when the house stands."""

from __future__ import annotations

from typing import Any

from .client import Client

EARSHOT = "earshot-house"
"""The address of Earshot's own dashboard, which lays itself out; it opens first."""

_DEVICES = "house-devices"
_LAMPS = (
    *("light.kitchen_light", "light.ceiling_lamp", "switch.coffee_machine"),
    *("light.bedroom_light", "light.reading_lamp"),
    *("light.hall_light", "light.office_light"),
)


async def write_dashboards(client: Client) -> None:
    """Make Earshot's dashboard, and one of the things that are spoken to."""
    await write(client, EARSHOT, "Earshot", {"strategy": {"type": "custom:earshot"}})
    lamps = [{"type": "tile", "entity": entity} for entity in _LAMPS]
    door = [
        {
            "type": "markdown",
            "content": "Close the bedroom door: its microphone is closed too.",
        },
        {"type": "tile", "entity": "input_boolean.bedroom_door_closed"},
        {"type": "tile", "entity": "automation.microphone_off_while_the_bedroom_door_is_closed"},
    ]
    sections = [_section("Home", lamps), _section("Automation", door)]
    view = {"title": "Devices", "path": "devices", "type": "sections", "sections": sections}
    await write(client, _DEVICES, "Devices", {"views": [view]}, icon="mdi:lightbulb-group")
    await client.command("frontend/set_system_data", key="core", value={"default_panel": EARSHOT})


async def write(
    client: Client, path: str, title: str, config: dict[str, Any], icon: str = "mdi:ear-hearing"
) -> None:
    """Make a dashboard with an address and a place in the sidebar."""
    await client.command(
        "lovelace/dashboards/create",
        url_path=path,
        title=title,
        icon=icon,
        mode="storage",
        show_in_sidebar=True,
        require_admin=False,
    )
    await client.command("lovelace/config/save", url_path=path, config=config)


def _section(title: str, cards: list[dict[str, Any]]) -> dict[str, Any]:
    return {"type": "grid", "cards": [{"type": "heading", "heading": title}, *cards]}
