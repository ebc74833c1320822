"""The other end of a satellite's link, as plain as it can be: it grants, hears and answers."""

from __future__ import annotations

import asyncio
import contextlib
import time
from dataclasses import dataclass, field
from typing import Self

from wyoming.event import Event
from wyoming.ping import Ping

from custom_components.earshot.wire.framing import FrameError, encode_event, read_event
from custom_components.earshot.wire.greeting import Hello
from custom_components.earshot.wire.identity import Trust
from custom_components.earshot.wire.limits import PING_INTERVAL_S, ROOM_LIMITS, VERSION
from custom_components.earshot.wire.message import Message
from custom_components.earshot.wire.tls import paired_client
from custom_components.earshot.wire.turn import Heard, Listen, TurnAudio, TurnEnd, Wake

from ..ports import HOST

_CONNECT_S = 15.0
_OWNER = "bench"


@dataclass
class Command:
    """One turn as it came over the wire; times are wall clock seconds."""

    turn: str
    woken: float
    first_audio: float | None = None
    pieces: list[TurnAudio] = field(default_factory=list)

    @property
    def pcm(self) -> bytes:
        """All of its audio so far."""
        return b"".join(piece.pcm for piece in self.pieces)


class Home:
    """Grants every wake word at once and keeps what comes."""

    def __init__(self, port: int, trust: Trust) -> None:
        self._port = port
        self._context = paired_client(trust)
        self.commands: list[Command] = []
        self._receipts: asyncio.Queue[Event] = asyncio.Queue()
        self._changed = asyncio.Event()
        self._writer: asyncio.StreamWriter | None = None
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def link(self) -> None:
        """Become its home."""
        reader = await self._connect()
        self.send(Hello(version=VERSION, owner=_OWNER))
        self._task = asyncio.create_task(self._stay(reader))

    async def _stay(self, reader: asyncio.StreamReader) -> None:
        async with asyncio.TaskGroup() as tasks:
            pinging = tasks.create_task(self._ping())
            await self._read(reader)
            pinging.cancel()

    async def _ping(self) -> None:
        while True:
            await asyncio.sleep(PING_INTERVAL_S)
            self.send(Ping().event())

    async def _connect(self) -> asyncio.StreamReader:
        async with asyncio.timeout(_CONNECT_S):
            while True:
                try:
                    reader, self._writer = await asyncio.open_connection(
                        HOST, self._port, ssl=self._context, server_hostname=""
                    )
                except OSError:
                    await asyncio.sleep(0.05)
                else:
                    return reader

    def send(self, message: Message | Event) -> None:
        """Send to the satellite."""
        if self._writer is None:
            raise OSError("no link")
        event = message if isinstance(message, Event) else message.event()
        self._writer.write(encode_event(event))

    async def command(self, number: int, timeout_s: float) -> Command | None:
        """Return a command once its audio has begun to come, or None when it does not."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(timeout_s):
                while len(self.commands) <= number or not self.commands[number].pieces:
                    self._changed.clear()
                    await self._changed.wait()
                return self.commands[number]
        return None

    def finish(self, command: Command) -> None:
        """End a turn without a reply."""
        self.send(Heard(turn=command.turn))
        self.send(TurnEnd(turn=command.turn, outcome="understood"))

    async def mute(self, *, muted: bool, nonce: str) -> float:
        """Mute or unmute it; return the seconds until the receipt that answers that."""
        began = time.monotonic()
        self.send(Event("earshot-set-mute", {"muted": muted, "nonce": nonce}))
        async with asyncio.timeout(_CONNECT_S):
            while (await self._receipts.get()).data.get("nonce") != nonce:
                pass
        return time.monotonic() - began

    async def close(self) -> None:
        """Leave."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
        if self._writer is not None:
            self._writer.close()

    async def _read(self, reader: asyncio.StreamReader) -> None:
        with contextlib.suppress(OSError, FrameError):
            while (event := await read_event(reader, ROOM_LIMITS)) is not None:
                now = time.time()
                if Wake.is_type(event.type):
                    wake = Wake.from_event(event)
                    self.send(Listen(turn=wake.turn))
                    self.commands.append(Command(wake.turn, now))
                elif TurnAudio.is_type(event.type):
                    self._take(TurnAudio.from_event(event), now)
                elif event.type == "earshot-receipt":
                    self._receipts.put_nowait(event)
                self._changed.set()

    def _take(self, audio: TurnAudio, now: float) -> None:
        for command in self.commands[-1:]:
            if command.turn == audio.turn:
                command.first_audio = command.first_audio or now
                command.pieces.append(audio)
