"""What the household does in Home Assistant's pages: areas, engines, rooms, rules, dashboard."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from typing import Any

from .client import Client, HomeError, Json
from .home import USER
from .people import log_in
from .ports import HOST
from .room import Room
from .speech import Speech

FLOORS = {"Ground floor": ("Kitchen", "Hall", "Office"), "Upstairs": ("Bedroom",)}
AREA_OF = {
    "light.kitchen_light": "Kitchen",
    "light.ceiling_lamp": "Kitchen",
    "switch.coffee_machine": "Kitchen",
    "light.bedroom_light": "Bedroom",
    "light.reading_lamp": "Bedroom",
    "light.hall_light": "Hall",
    "light.office_light": "Office",
}
EXPOSED = (*AREA_OF, "script.movie_time", "todo.shopping_list")
"""What a voice may touch."""

_MADE_S = 30.0


async def furnish(client: Client) -> None:
    """Make floors and areas, put the devices into them, and expose them to Assist."""
    # Onboarding has made some areas already.
    areas: dict[str, str] = {
        area["name"]: area["area_id"] for area in await client.command("config/area_registry/list")
    }
    for floor, names in FLOORS.items():
        made = await client.command("config/floor_registry/create", name=floor)
        for name in names:
            known = {"area_id": areas[name]} if name in areas else {"name": name}
            verb = "update" if name in areas else "create"
            area = await client.command(
                f"config/area_registry/{verb}", **known, floor_id=made["floor_id"]
            )
            areas[name] = area["area_id"]
    for entity, area_name in AREA_OF.items():
        await client.command(
            "config/entity_registry/update", entity_id=entity, area_id=areas[area_name]
        )
    await run_flow(client, "shopping_list", [{}])
    everything = [
        *await client.states(),
        *(entry["entity_id"] for entry in await client.command("config/entity_registry/list")),
    ]
    await client.command(
        "homeassistant/expose_new_entities/set",
        assistant="conversation",
        expose_new=False,
    )
    for chosen, expose in ((list(EXPOSED), True), (sorted(set(everything) - set(EXPOSED)), False)):
        await client.command(
            "homeassistant/expose_entity",
            assistants=["conversation"],
            entity_ids=chosen,
            should_expose=expose,
        )


async def add_speech(client: Client, speech: Speech) -> None:
    """Add the speech service as a user does, with its code."""
    async with speech.shown_code() as code:
        where = {"host": HOST, "port": speech.port, "code": code}
        await run_flow(client, "earshot", [{"next_step_id": "speech"}, where])


async def add_room(client: Client, room: Room, port: int) -> None:
    """Add a satellite as a user does: address and code, details, pipeline; then its rules.

    In a login of one's own, as whoever adds a room is its first listener, and no program is.
    """
    about = {
        "name": room.plan.name,
        "area_id": room.plan.name.lower(),
        "room_kind": room.plan.kind,
    }
    browser = Client(client.base, (await log_in(client.base, USER)).access_token)
    try:
        async with room.shown_code() as code:
            where = {"host": HOST, "port": port, "code": code}
            answers: list[Json | None] = [{"next_step_id": "room"}, where, about, None]
            entry = await run_flow(browser, "earshot", answers)
    finally:
        await browser.close()
    room.entry_id = entry["entry_id"]
    for key, option in (
        ("audio_retention", room.plan.audio),
        ("transcript_retention", room.plan.transcript),
    ):
        entity = (await entities_of(client, room.entry_id))[key]
        await client.wait_state(entity, lambda state: state["state"] != "unavailable", _MADE_S)
        await client.call("select.select_option", entity, option=option)


async def entities_of(client: Client, entry_id: str) -> dict[str, str]:
    """Return a room's entity ids by what they are: `satellite`, `mute`, `microphone`, ..."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + _MADE_S
    while True:
        registry = await client.command("config/entity_registry/list")
        found = {
            entry["unique_id"].removeprefix(f"{entry_id}-"): entry["entity_id"]
            for entry in await _with_ids(client, registry, entry_id)
        }
        if found or loop.time() > deadline:
            return found
        await asyncio.sleep(0.1)


async def _with_ids(client: Client, registry: Iterable[Json], entry_id: str) -> list[Json]:
    ids = [entry["entity_id"] for entry in registry if entry["config_entry_id"] == entry_id]
    if not ids:
        return []
    answer: Mapping[str, Json] = await client.command(
        "config/entity_registry/get_entries", entity_ids=ids
    )
    return list(answer.values())


async def run_flow(
    client: Client, handler: str, answers: list[dict[str, Any] | None]
) -> dict[str, Any]:
    """Go through a config flow; None accepts a form's defaults. Return the entry made.

    HomeError when a step has errors or the flow ends otherwise.
    """
    step = await client.rest(
        "POST",
        "/api/config/config_entries/flow",
        {"handler": handler, "show_advanced_options": False},
    )
    for answer in answers:
        if step["type"] not in ("form", "menu"):
            break
        given = _defaults(step) if answer is None else answer
        step = await client.rest(
            "POST", f"/api/config/config_entries/flow/{step['flow_id']}", given
        )
        if step.get("errors"):
            raise HomeError(f"{handler}: step {step['step_id']} says {step['errors']}")
    if step["type"] != "create_entry":
        raise HomeError(f"{handler}: the flow ended in {step['type']} {step.get('reason', '')}")
    result: dict[str, Any] = step["result"]
    return result


def _defaults(step: Mapping[str, Any]) -> dict[str, Any]:
    return {field["name"]: field["default"] for field in step["data_schema"] if "default" in field}
