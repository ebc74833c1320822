"""One spoken command, from the voice to what came of it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from .audio import AUDIBLE, RATE, Samples
from .client import Json
from .house import House
from .room import Room
from .runs import Run, last_run, wall
from .voice import Spoken

_POLL_S = 0.03
_NOTICED_S = 4.0
_SETTLED_S = 0.15
_ERRORS = {
    "stt-no-text-recognized": "none: that is no command of this home",
    "earshot-answers": "none for Home Assistant: Earshot answers itself",
}
_PLAYER_S = 0.1  # from starting the player to its first sound
_ANSWERED_S = 25.0


@dataclass(frozen=True)
class Order:
    """What is said where, and what should come of it."""

    room: str
    command: str
    voice: str = "slt"
    expect: Mapping[str, str] = field(default_factory=dict)
    """Entity ids and the states they should get; nothing else may change."""

    outcome: str = "understood"
    """What the room's voice command event should say; empty when nothing at all may happen."""

    pause_s: float = 0.3


@dataclass(frozen=True)
class Step:
    """Something that happened; `at` is wall clock seconds."""

    at: float
    what: str
    detail: str


@dataclass
class Turn:
    """What happened after an order; times are wall clock seconds, None when it did not happen."""

    order: Order
    spoken: Spoken
    wake_end: float = 0.0
    speech_end: float = 0.0
    listening: float | None = None
    action: float | None = None
    reply: float | None = None
    idle: float | None = None
    outcome: str = ""
    figures: dict[str, Any] = field(default_factory=dict)
    run: Run | None = None
    wrong: list[str] = field(default_factory=list)
    """Changes that nobody asked for."""

    missed: list[str] = field(default_factory=list)
    """Stages that did not happen as they should, the first one first."""

    @property
    def faults(self) -> str:
        """Tell what went wrong, and what was understood; empty when it was right."""
        if self.right:
            return ""
        heard = f"understood “{self.run.transcript}”" if self.run and self.run.transcript else ""
        wrong = [f"nobody asked for {change}" for change in self.wrong]
        return "; ".join(filter(None, [*self.missed, *wrong, heard]))

    @property
    def right(self) -> bool:
        """Tell whether everything was as it should be."""
        return not self.missed and not self.wrong


class Witness:
    """Follow one room while something is said in it."""

    def __init__(
        self, house: House, room: Room, tell: Callable[[Step, float], None] = lambda *_: None
    ) -> None:
        """Follow `room`; `tell` gets each step as it happens, and the wall clock of the zero."""
        self._house = house
        self._room = room
        self._tell = tell
        self._entities = house.entities[room.key]
        self._changes: list[tuple[float, str, str, str]] = []
        self._turn: Turn | None = None
        self._over: Json | None = None
        self._busy = False
        self._told: set[str] = set()
        self._untold: list[Step] = []

    async def order(self, order: Order, spoken: Spoken) -> Turn:
        """Say an order and follow it to its end."""
        turn = self._turn = Turn(order, spoken)
        began = time.time()
        async with self._house.client.subscribed(self._changed, event_type="state_changed"):
            saying = asyncio.create_task(self._room.say(spoken.samples))
            try:
                await self._find_speech(turn, began)
                await self._follow(turn, began)
            finally:
                await saying
        if self._room.in_microphone.alive:
            turn.speech_end = self._room.in_microphone.last_sound(began) or turn.speech_end
        self._judge(turn)
        return turn

    async def _find_speech(self, turn: Turn, began: float) -> None:
        """Learn from the first sound in the microphone when wake word and speech end.

        Nobody listens along where the microphone must be seen to be closed; then it is a guess.
        """
        first, wake_end, last = audible_bounds(turn.spoken)
        start: float | None = None
        while start is None:
            await asyncio.sleep(_POLL_S)
            if not self._room.in_microphone.alive:
                start = began + _PLAYER_S
                break
            start = self._room.in_microphone.first_sound(began)
            if time.time() - began > _NOTICED_S:
                raise TimeoutError("nothing was heard in the microphone that was played into")
        turn.wake_end = start + (wake_end - first) / RATE
        turn.speech_end = start + (last - first) / RATE

    async def _follow(self, turn: Turn, began: float) -> None:
        over = False
        while not over:
            await asyncio.sleep(_POLL_S)
            now = time.time()
            if turn.reply is None and turn.listening is not None:
                turn.reply = self._room.from_loudspeaker.first_sound(turn.listening)
                if turn.reply is not None:
                    self._say(turn.reply, "reply", "first sound from the loudspeaker")
            answered = self._over is not None and turn.idle is not None
            over = answered and now > (turn.idle or 0) + _POLL_S
            over = over or (turn.listening is None and now > turn.speech_end + _NOTICED_S)
            over = over or now > turn.speech_end + _ANSWERED_S
            if self._busy or over:
                await self._look_at_run(turn, began)
            self._tell_until(now if not over else now + _SETTLED_S, turn)

    async def _look_at_run(self, turn: Turn, began: float) -> None:
        run = await last_run(self._house.client, self._entities["satellite"], began)
        turn.run = run
        if run is None:
            return
        if run.transcript_at is not None:
            self._say(
                run.transcript_at, "transcript", f"“{run.transcript}”" if run.transcript else "none"
            )
        if run.intent_at is not None:
            names = ", ".join(run.targets)
            self._say(
                run.intent_at, "intent", f"{names}: {run.reply_text}" if names else run.reply_text
            )
        if run.error and run.error_at is not None:
            words = _ERRORS.get(run.error, run.error)
            self._say(run.error_at, "transcript", words)

    def _changed(self, event: Json) -> None:
        data = event["data"]
        new, old, turn = data["new_state"], data["old_state"], self._turn
        if new is None or turn is None:
            return
        entity, state, at = new["entity_id"], new["state"], wall(new["last_changed"])
        before = old["state"] if old else ""
        if entity == self._entities["satellite"]:
            self._satellite(turn, state, at)
        elif entity == self._entities["voice_command"]:
            self._over = new
            turn.outcome = new["attributes"].get("event_type") or ""
            turn.figures = {
                key: value for key, value in new["attributes"].items() if key != "event_type"
            }
        elif entity.partition(".")[0] in ("light", "switch", "script") and state != before:
            self._changes.append((at, entity, before, state))
            if turn.order.expect.get(entity) == state:
                turn.action = turn.action or at
            name = new["attributes"].get("friendly_name", entity)
            self._emit(Step(at, "action", f"{name}: {before} → {state}"))

    def _satellite(self, turn: Turn, state: str, at: float) -> None:
        self._busy = state in ("processing", "responding") or self._busy
        match state:
            case "listening":
                turn.listening = turn.listening or at
                self._say(at, "wake", "“hey jarvis” was heard, the room listens")
            case "idle" if turn.listening is not None:
                turn.idle = at

    def _say(self, at: float, what: str, detail: str) -> None:
        if what not in self._told:
            self._told.add(what)
            self._emit(Step(at, what, detail))

    def _emit(self, step: Step) -> None:
        self._untold.append(step)

    def _tell_until(self, now: float, turn: Turn) -> None:
        """Tell what happened a moment ago, in order: news travel by ways of different length."""
        old = [step for step in self._untold if step.at < now - _SETTLED_S]
        for step in sorted(old, key=lambda step: step.at):
            self._tell(step, turn.speech_end)
            self._untold.remove(step)

    def _judge(self, turn: Turn) -> None:
        order, missed = turn.order, turn.missed
        wanted = dict(order.expect)
        for _, entity, before, state in self._changes:
            if order.expect.get(entity) == state:
                wanted.pop(entity, None)
            else:
                turn.wrong.append(f"{entity}: {before} → {state}")
        if not order.outcome:
            if turn.listening is not None or turn.run is not None:
                missed.append("it listened")
            return
        if turn.listening is None:
            missed.append("wake word")
            return
        if turn.outcome != order.outcome:
            reason = turn.run.error if turn.run else "no run"
            missed.append(f"outcome {turn.outcome or 'none'} {reason}".rstrip())
        missed += [f"action: {entity} not {state}" for entity, state in wanted.items()]
        if turn.reply is None:
            missed.append("reply")
        if turn.idle is None:
            missed.append("not idle again")


def audible_bounds(spoken: Spoken) -> tuple[int, int, int]:
    """Return the first audible sample, the last of the wake word, and the last of all."""
    return (
        _audible(spoken.samples)[0],
        _audible(spoken.samples[: spoken.wake_end])[1],
        _audible(spoken.samples)[1],
    )


def _audible(samples: Samples) -> tuple[int, int]:
    loud = np.flatnonzero(np.abs(samples.astype(np.int32)) > AUDIBLE)
    return (int(loud[0]), int(loud[-1])) if len(loud) else (0, 0)
