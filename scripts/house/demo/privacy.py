"""What a household may ask and order about what was heard, and a look whether any of it is left."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from ..house import House
from ..turn import Order
from .display import Display

ROOM = "kitchen"
KEPT = Order(ROOM, "turn off the hall light", "rms", {"light.hall_light": "off"})
RECORDING = Order(ROOM, "are you recording me", "slt")
WHAT_HEARD = Order(ROOM, "what did you hear", "rms")
DELETE_LAST = Order(ROOM, "delete what I just said", "slt")
ORDERS = (KEPT, RECORDING, WHAT_HEARD, DELETE_LAST)

_KEPT_S = 15.0
_LOOK_S = 200.0


class Privacy:
    """A command that is kept, three sentences that Earshot answers before any agent, and a look."""

    def __init__(self, house: House, display: Display, check: Callable[[bool, str], None]) -> None:
        self._house = house
        self._show = display
        self._check = check
        self._entities = house.entities[ROOM]

    async def run(self, speak: Callable[[Order], Awaitable[None]]) -> None:
        """Go through it; `speak` says an order and judges what came of it."""
        self._show.title("What was heard belongs to the household")
        before = await self._kept()
        await speak(KEPT)
        await self._check_kept(before + 1, "the command is kept, as the room's rule says")
        await speak(RECORDING)
        await self._check_kept(before + 1, "question and answer are not kept")
        await speak(WHAT_HEARD)
        await self._check_kept(before + 1, "question and answer are not kept")
        await self._check_listened()
        await speak(DELETE_LAST)
        await self._check_kept(before, "the command is gone")
        await self._check_deleted()

    async def _kept(self) -> int:
        state = await self._house.client.state(self._entities["captures_kept"])
        return int(state["state"]) if state and state["state"].isdecimal() else -1

    async def _check_kept(self, count: int, text: str) -> None:
        entity = self._entities["captures_kept"]
        try:
            await self._house.client.wait_state(entity, str(count), _KEPT_S)
        except TimeoutError:
            self._check(False, f"{await self._kept()} captures are kept, not {count}")
        else:
            self._check(True, f"{count} captures: {text}")

    async def _check_listened(self) -> None:
        state = await self._house.client.state(self._entities["listened"])
        if state is not None and state["attributes"].get("event_type") == "played":
            self._check(True, "asking counts: the room tells that somebody listened")
        else:
            self._check(False, "nobody was told that somebody listened")

    async def _check_deleted(self) -> None:
        self._show.title("Is it gone? earshot.check_deleted looks for its id, its seals, its key")
        report = await self._house.client.ask("earshot.check_deleted", timeout_s=_LOOK_S)
        places: dict[str, list[str]] = {}
        for place in report["places"]:
            name = place["place"].replace("_", " ")
            why = f" ({place['why'].replace('_', ' ')})" if place["why"] else ""
            places.setdefault(place["state"], []).append(name + why)
        for state, names in sorted(places.items()):
            self._show.note(f"         {state}: {', '.join(names)}")
        ours = [
            place["state"] == "clean"
            for place in report["places"]
            if place["kept_by"] == "earshot" and place["why"] != "out_of_reach"
        ]
        good = report["verdict"] in ("clean", "incomplete") and all(ours) and bool(ours)
        clean, unchecked = len(places.get("clean", ())), len(places.get("unchecked", ()))
        found = f"nothing was found in {clean} places, the vault's all among them"
        if unchecked:
            found += f"; {unchecked} cannot be searched, so the verdict is “{report['verdict']}”"
        self._check(good, found if good else f"verdict {report['verdict']}")
