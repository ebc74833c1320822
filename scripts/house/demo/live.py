"""Follow rooms that people speak to, until it is cancelled."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

from ..client import Json
from ..house import House
from ..runs import last_run, wall
from ..turn import Step
from .display import Display


@dataclass
class _Spoken:
    """A turn that somebody began; time counts from the wake word, nobody knows when they end."""

    room: str
    satellite: str
    zero: float
    told: set[str] = field(default_factory=set)


class Live:
    """Show what is said in any room."""

    def __init__(self, house: House, display: Display) -> None:
        self._house = house
        self._show = display
        self._turn: _Spoken | None = None
        self._news: asyncio.Queue[_Spoken] = asyncio.Queue(100)
        self._satellites = {entities["satellite"]: key for key, entities in house.entities.items()}
        self._events = {entities["voice_command"]: key for key, entities in house.entities.items()}

    async def run(self) -> None:
        """Show turns for ever; connect again when Home Assistant was restarted."""
        client = self._house.client
        while True:
            async with client.subscribed(self._changed, event_type="state_changed"):
                while client.connected:
                    try:
                        async with asyncio.timeout(1):
                            turn = await self._news.get()
                    except TimeoutError:
                        continue
                    await self._look(turn)
            await self._house.home.wait_running()

    def _changed(self, event: Json) -> None:
        new = event["data"]["new_state"]
        if new is None:
            return
        entity, at = new["entity_id"], wall(new["last_changed"])
        if entity in self._satellites and new["state"] == "listening":
            self._turn = _Spoken(self._satellites[entity], entity, at)
            self._show.title(f"{self._turn.room.capitalize()}: somebody speaks")
            self._show.step(Step(at, "wake", "the room listens"), at)
        turn = self._turn
        if turn is None:
            return
        if entity.partition(".")[0] in ("light", "switch"):
            name = new["attributes"].get("friendly_name", entity)
            self._show.step(Step(at, "action", f"{name}: {new['state']}"), turn.zero)
        elif entity in self._events:
            kind = str(new["attributes"].get("event_type"))
            self._show.step(Step(wall(new["last_updated"]), "outcome", kind), turn.zero)
            self._turn = None
        if not self._news.full():
            self._news.put_nowait(turn)

    async def _look(self, turn: _Spoken) -> None:
        run = await last_run(self._house.client, turn.satellite, turn.zero - 1)
        if run is None:
            return
        for what, at, detail in (
            ("transcript", run.transcript_at, f"“{run.transcript}”"),
            ("intent", run.intent_at, run.reply_text),
        ):
            if at is not None and what not in turn.told:
                turn.told.add(what)
                self._show.step(Step(at, what, detail), turn.zero)
