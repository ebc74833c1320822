"""The order of the demo's events."""

from __future__ import annotations

import asyncio

from ..house import House
from ..turn import Order, Turn, Witness
from . import privacy
from .display import Display
from .orders import DOOR_CLOSED, DOOR_OPEN, MORNING

_DOOR = "input_boolean.bedroom_door_closed"
_MUTE_S = 15.0
_BETWEEN_S = 1.0


class Demo:
    """Speaks the orders, shows what comes of them, and remembers whether all was right."""

    def __init__(self, house: House, display: Display, *, skip: str = "") -> None:
        """Speak in every room but `skip`, where a person does."""
        self._house = house
        self._show = display
        self._skip = skip
        self.turns: list[Turn] = []
        self.checks: list[bool] = []

    @property
    def all_right(self) -> bool:
        """Tell whether every turn and every check did what it should."""
        return all(turn.right for turn in self.turns) and all(self.checks)

    @property
    def count_right(self) -> int:
        """Return how many turns were right."""
        return sum(turn.right for turn in self.turns)

    async def run(self) -> None:
        """Go through the whole demo."""
        orders = [order for order in MORNING if order.room != self._skip]
        with_privacy = self._skip != privacy.ROOM
        total = len(orders) + 2 + len(privacy.ORDERS) * with_privacy
        for number, order in enumerate(orders, 1):
            await self._turn(number, total, order)
        await self._closed_door(len(orders) + 1, total)
        await self._retention()
        if with_privacy:
            await privacy.Privacy(self._house, self._show, self._check).run(
                lambda order: self._turn(len(self.turns) + 1, total, order)
            )
        await self._mute_everywhere()
        self._show.table(self.turns)

    async def _turn(self, number: int, total: int, order: Order) -> None:
        spoken = await self._house.voices.order(order.command, order.voice, pause_s=order.pause_s)
        self._show.turn_begins(number, total, order)
        for entity, state in order.expect.items():
            await self._prepare(entity, state)
        room = self._house.rooms[order.room]
        witness = Witness(self._house, room, self._show.step)
        turn = await witness.order(order, spoken)
        self._show.turn_ends(turn)
        self.turns.append(turn)
        await asyncio.sleep(_BETWEEN_S)

    async def _prepare(self, entity: str, state: str) -> None:
        """See that the order has something to change."""
        now = await self._house.client.state(entity)
        if now is not None and now["state"] == state:
            opposite = "off" if state == "on" else "on"
            await self._house.client.call(f"{entity.partition('.')[0]}.turn_{opposite}", entity)
            await self._house.client.wait_state(entity, opposite, 5)

    async def _closed_door(self, number: int, total: int) -> None:
        client, bedroom = self._house.client, self._house.rooms["bedroom"]
        entities = self._house.entities["bedroom"]
        self._show.title("The bedroom door closes: an automation turns the room's microphone off")
        # Our own recorder would be one more program that hears the room, and the receipt says so.
        await bedroom.in_microphone.stop()
        await client.call("input_boolean.turn_on", _DOOR)
        closed = await self._until_recorders(0)
        self._check(
            closed,
            "the sound server knows of no program that records from the bedroom's microphone"
            if closed
            else "somebody still records from the bedroom's microphone",
        )
        await self._tell_microphone(entities["microphone"])
        await self._turn(number, total, DOOR_CLOSED)
        self._show.title("The door opens again")
        await client.call("input_boolean.turn_off", _DOOR)
        await bedroom.in_microphone.start()
        opened = await self._until_recorders(1)
        self._check(opened, f"the satellite of the {bedroom.plan.name.lower()} listens again")
        await self._turn(number + 1, total, DOOR_OPEN)

    async def _until_recorders(self, count: int, key: str = "bedroom") -> bool:
        room = self._house.rooms[key]
        loop = asyncio.get_running_loop()
        deadline = loop.time() + _MUTE_S
        while len(await room.recorders()) != count:
            if loop.time() > deadline:
                return False
            await asyncio.sleep(0.1)
        return True

    async def _tell_microphone(self, entity: str) -> None:
        try:
            # A receipt comes with each change; the verdict may take one look more.
            said = (
                await self._house.client.wait_state(
                    entity, lambda state: state["state"] != "on", _MUTE_S
                )
            )["state"]
        except TimeoutError:
            said = "on"
        self.checks.append(said != "on")
        if said == "unknown":
            self._show.note(
                "         Home Assistant shows the microphone as unknown: the satellite could not"
                " verify it"
            )
        else:
            self._show.note(f"         Home Assistant shows the microphone as {said}")

    async def _mute_everywhere(self) -> None:
        """Leave the microphones to the satellites, for whoever presses mute after us; try it."""
        client = self._house.client
        rooms = [room for key, room in self._house.rooms.items() if key != self._skip]
        self._show.title("Mute is pressed in every room, and pressed again")
        for room in rooms:
            await room.in_microphone.stop()
            await client.call("switch.turn_on", self._house.entities[room.key]["mute"])
        for room in rooms:
            name, entity = room.plan.name, self._house.entities[room.key]["microphone"]
            try:
                await client.wait_state(entity, "off", _MUTE_S)
            except TimeoutError:
                self._check(False, f"{name}: Home Assistant does not show the microphone as closed")
            else:
                self._check(True, f"{name}: the microphone is verified closed")
        for room in rooms:
            await client.call("switch.turn_off", self._house.entities[room.key]["mute"])
        for room in rooms:
            opened = await self._until_recorders(1, room.key)
            self._check(opened, f"{room.plan.name}: the satellite listens again")

    async def _retention(self) -> None:
        self._show.title("What was kept")
        for key, wanted in (("kitchen", True), ("bedroom", False)):
            if key == self._skip:
                continue
            entity = self._house.entities[key]["captures_kept"]
            state = await self._house.client.state(entity)
            count = state["state"] if state else "missing"
            plan = self._house.rooms[key].plan
            rule = plan.audio.replace("_", " ")
            good = count.isdecimal() and (int(count) > 0) is wanted
            self._check(good, f"{plan.name}: {count} captures (rule: {rule})")

    def _check(self, good: bool, text: str) -> None:
        self.checks.append(good)
        self._show.verdict(good=good, text=text)
