"""The whole virtual house, started in order and taken down in reverse."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from .client import Client
from .dashboard import write_dashboards
from .home import Home
from .provision import add_room, add_speech, entities_of, furnish
from .room import Room, RoomPlan
from .sound import SoundServer
from .speech import Speech
from .voice import Voices
from .workspace import workspace

KITCHEN = RoomPlan("Kitchen", "other", audio="1_day", transcript="1_day")
BEDROOM = RoomPlan("Bedroom", "bedroom", audio="never", transcript="never")

_LINK_S = 60.0


@dataclass
class House:
    """What stands in it."""

    folder: Path
    sound: SoundServer | None
    home: Home
    speech: Speech
    rooms: dict[str, Room]
    voices: Voices
    entities: dict[str, dict[str, str]] = field(default_factory=dict)
    """By room key: entity ids by what they are."""

    @property
    def client(self) -> Client:
        """Return the first user's client."""
        return self.home.client

    async def wait_linked(self, room: Room, timeout_s: float = _LINK_S) -> None:
        """Wait until Home Assistant says that a room's satellite is there."""
        await self.client.wait_state(self.entities[room.key]["satellite"], "idle", timeout_s)


@asynccontextmanager
async def open_house(
    plans: Sequence[RoomPlan] = (KITCHEN, BEDROOM),
    *,
    step: Callable[[str], None] = lambda _: None,
    real_room: RoomPlan | None = None,
    known_ports: bool = False,
    logs: Path | None = None,
    env: Mapping[str, str] | None = None,
) -> AsyncIterator[House]:
    """Build the house, and leave nothing of it when the body ends, however it ends.

    `step` is told what is being done. `real_room` uses the machine's own sound. `known_ports` are
    Home Assistant's and ours where they are free. The programs' logs are copied to `logs` at the
    end. `env` is added for Home Assistant, the speech service and the satellites.
    """
    async with AsyncExitStack() as stack:
        folder = stack.enter_context(workspace())
        if logs is not None:
            stack.callback(_copy_logs, folder, logs)
        sound = None
        if plans:
            step("sound server")
            (folder / "sound").mkdir()
            sound = SoundServer(folder / "sound")
            stack.push_async_callback(sound.stop)
            await sound.start()
        home = Home(folder, 8123 if known_ports else 0, env)
        home.write_config()
        speech = Speech(folder / "speech", 10310 if known_ports else 0, env)
        rooms = {plan.key: Room(plan, folder / plan.key, sound, env) for plan in plans}
        if real_room is not None:
            rooms[real_room.key] = Room(real_room, folder / real_room.key, None, env)
        house = House(folder, sound, home, speech, rooms, Voices(folder / "voices"))
        for room in rooms.values():
            room.write_settings()
            stack.push_async_callback(room.stop)
            await room.plug_in()
        stack.push_async_callback(speech.stop)
        stack.push_async_callback(home.stop)
        step("Home Assistant, speech service, satellites")
        await _together(
            home.start(), speech.start(), *(r.start_satellite() for r in rooms.values())
        )
        step("first user, areas, devices")
        await home.onboard()
        await furnish(home.client)
        step("speech service and rooms paired and added")
        await add_speech(home.client, speech)
        for room in rooms.values():
            await add_room(home.client, room, room.port)
            house.entities[room.key] = await entities_of(home.client, room.entry_id)
        await write_dashboards(home.client)
        step("rooms linked")
        await _together(*(house.wait_linked(room) for room in rooms.values()))
        yield house


def _copy_logs(folder: Path, logs: Path) -> None:
    logs.mkdir(parents=True, exist_ok=True)
    for log in folder.rglob("*.log"):
        shutil.copy(log, logs / f"{log.parent.name}-{log.name}")


async def _together(*steps: Coroutine[None, None, None]) -> None:
    """Run coroutines at once; raise the first failure when all have ended."""
    for result in await asyncio.gather(*steps, return_exceptions=True):
        if isinstance(result, BaseException):
            raise result
