"""A satellite over real TLS: it is paired and speaks the wire, and has neither ears nor a voice."""

import asyncio
import hashlib
import random
import socket
import uuid
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any, Self

from wyoming.event import Event
from wyoming.ping import Ping, Pong

from custom_components.earshot.wire.code import SATELLITE
from custom_components.earshot.wire.consent import Confirmed
from custom_components.earshot.wire.door import Door, DoorLimits, Guest, Key
from custom_components.earshot.wire.framing import FrameError, read_event, write_event
from custom_components.earshot.wire.greeting import (
    Hello,
    Problem,
    Problems,
    Refused,
    SetWakeWords,
    WakeWord,
    Welcome,
)
from custom_components.earshot.wire.identity import Trust, make_identity
from custom_components.earshot.wire.limits import ROOM_LIMITS, VERSION
from custom_components.earshot.wire.media import (
    MediaAudio,
    MediaEnd,
    MediaPause,
    MediaStart,
    MediaState,
    MediaStop,
    SetVolume,
    Volume,
)
from custom_components.earshot.wire.message import Message, parser
from custom_components.earshot.wire.microphone import Receipt, SetMute
from custom_components.earshot.wire.pairing import Unpair
from custom_components.earshot.wire.pairing_port import PairingPort
from custom_components.earshot.wire.phrases import StorePhrase
from custom_components.earshot.wire.timers import (
    CancelTimer,
    SetTimer,
    StopRinging,
    Timers,
    TimerState,
)
from custom_components.earshot.wire.tls import paired_server
from custom_components.earshot.wire.tuning import SetTuning, Tuning
from custom_components.earshot.wire.turn import (
    Announce,
    Heard,
    Invite,
    Invited,
    Listen,
    Played,
    ReplyAudio,
    ReplyEnd,
    ReplyStart,
    Say,
    StandDown,
    TurnAudio,
    TurnAudioEnd,
    TurnEnd,
    Wake,
)
from custom_components.earshot.wire.witness import AskWitness, Witness, WitnessHeads, pack

SECONDS = 10.0
_parse = parser(
    Hello, Listen, StandDown, Heard, ReplyStart, ReplyAudio, ReplyEnd, Say, TurnEnd, Announce,
    SetMute, StorePhrase, SetWakeWords, Confirmed, Witness, AskWitness,
    Invite, SetTimer, CancelTimer, StopRinging,
    Unpair,
    MediaStart, MediaAudio, MediaEnd, MediaPause, MediaStop, SetVolume, SetTuning,
)  # fmt: skip


class FakeSatellite:
    """Serves one room on loopback and remembers what Home Assistant sent."""

    def __init__(self, name: str = "Kitchen", area: str = "") -> None:
        self.id = uuid.uuid4().hex
        self.name = name
        self.area = area
        self.port = free_port()
        self.version = VERSION
        self.trust: Trust | None
        """Whom it trusts: a home of whose keys `home_trust` is the other half."""

        self.trust, self.home_trust = pair_of_trust()
        self.refuse: str | None = None
        self.owner: str | None = None
        self.hellos = 0
        self.local_mute = False
        self.remote_mute = False
        self.answers_mute = True
        self.answers_pings = True
        self.plays = True
        """Says `Played` when a reply or a phrase is complete."""

        self.played_result = "ended"

        self.invited: str | None = "begun"
        """What it answers to an invitation; None: nothing at all."""

        self.remote_listen = "home"
        self.follow_up = True
        self.volume = (1.0, False)
        self.tuning = (0.0, 0)
        self.timers: dict[str, TimerState] = {}
        self.words = ("hey_jarvis",)
        self.sensitivities: dict[str, str] = {}
        self.phrases: dict[str, str] = {}
        self.heads: dict[str, dict[int, bytes]] = {}
        """What it remembers of the log: by chain and line."""

        self.got: list[Message] = []
        self._door: Door | None = None
        self._writer: asyncio.StreamWriter | None = None
        self._changed = asyncio.Condition()
        self._sequence = 0

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    async def start(self) -> None:
        """Listen, on the same port again after a stop."""
        self._door = Door(self._serve, limits=DoorLimits(strangers=64, each_address=64))
        await self.use(self.trust)
        await self._door.open("127.0.0.1", self.port)

    async def use(self, trust: Trust | None) -> None:
        """Trust this home from now on, and no other."""
        self.trust = trust
        if self._door is not None:
            context = await asyncio.to_thread(paired_server, trust) if trust else None
            self._door.key = Key(context, trust.peer) if trust and context else None

    @asynccontextmanager
    async def pairable(self) -> AsyncGenerator[PairingPort]:
        """Show a code meanwhile, as `earshot-satellite pair` does."""
        port = await PairingPort.open("127.0.0.1", self.port + 1, role=SATELLITE, keep=self.use)
        try:
            yield port
        finally:
            await port.close()

    async def stop(self) -> None:
        """Vanish as a killed process does."""
        self.cut()
        if self._door is not None:
            await self._door.close()
            self._door = None

    def cut(self) -> None:
        """Break the link without a word."""
        if self._writer is not None:
            self._writer.transport.abort()
            self._writer = None

    @property
    def linked(self) -> bool:
        """Whether Home Assistant is there."""
        return self._writer is not None

    async def send(self, message: Message | Event) -> None:
        """Send to Home Assistant."""
        assert self._writer is not None, "no link"
        event = message if isinstance(message, Event) else message.event()
        await write_event(self._writer, event)

    async def wait(self, condition: Callable[[], Any]) -> Any:
        """Wait until something that arrived makes the condition true; return its value."""
        async with asyncio.timeout(SECONDS), self._changed:
            while not (value := condition()):
                await self._changed.wait()
            return value

    async def expect[T: Message](self, kind: type[T], turn: str | None = None) -> T:
        """Wait for a message of a kind, of a turn, and return it."""
        return await self.wait(lambda: next(iter(self.all(kind, turn)), None))

    def all[T: Message](self, kind: type[T], turn: str | None = None) -> list[T]:
        """Return the messages of a kind so far."""
        return [
            it
            for it in self.got
            if isinstance(it, kind) and (turn is None or getattr(it, "turn", None) == turn)
        ]

    def reply(self, turn: str) -> bytes:
        """Return the audio of a turn's reply so far."""
        return b"".join(it.pcm for it in self.all(ReplyAudio, turn))

    async def wake(self, turn: str = "00000000000000a1", **fields: Any) -> str:
        """Say that the wake word was heard."""
        values = {
            "word": "hey_jarvis",
            "phrase": "hey jarvis",
            "score": 0.97,
            "snr_db": 20.0,
            "age_ms": 0,
        } | fields
        await self.send(Wake(turn=turn, **values))
        return turn

    async def speak(self, turn: str, pcm: bytes, chunk: int = 2560) -> None:
        """Send command audio as fast as the link takes it, until told that it was heard."""
        for at in range(0, len(pcm), chunk):
            if self.all(Heard, turn) or self.all(TurnEnd, turn) or not self.linked:
                return
            piece = pcm[at : at + chunk]
            await self.send(TurnAudio(turn=turn, timestamp=at // 32 - 400, pcm=piece))
            await asyncio.sleep(0)

    async def end_audio(self, turn: str, reason: str = "asked") -> None:
        """Say that no more command audio comes."""
        await self.send(TurnAudioEnd(turn=turn, reason=reason))

    async def problems(self, *codes: str) -> None:
        """Say what is wrong."""
        await self.send(Problems(problems=tuple(Problem(code=code, detail="x") for code in codes)))

    async def receipt(self, nonce: str = "", **fields: Any) -> None:
        """Say what the microphone is."""
        muted_by = tuple(
            name
            for name, is_on in (("local", self.local_mute), ("remote", self.remote_mute))
            if is_on
        )
        self._sequence += 1
        values = {
            "state": "closed" if muted_by else "open", "reason": "", "age_ms": 0,
            "muted_by": muted_by, "evidence": (),
        } | fields  # fmt: skip
        await self.send(Receipt(sequence=self._sequence, boot_id="boot", nonce=nonce, **values))

    async def tell_volume(self) -> None:
        """Say how loud it is."""
        level, muted = self.volume
        await self.send(Volume(level=level, muted=muted))

    async def tell_tuning(self) -> None:
        """Say how its microphone is set."""
        gain_db, suppression = self.tuning
        await self.send(Tuning(gain_db=gain_db, noise_suppression=suppression))

    async def tell_timers(self) -> None:
        """Say which timers it has."""
        await self.send(Timers(timers=tuple(self.timers.values())))

    async def media(self, stream: str, state: str, played_ms: int = 0) -> None:
        """Say how a stream stands."""
        await self.send(MediaState(stream=stream, state=state, played_ms=played_ms))

    async def welcome(self) -> None:
        """Say what this satellite is."""
        await self.send(
            Welcome(
                version=self.version, satellite_id=self.id, name=self.name, area=self.area,
                software="1.2.3", boot_id="boot", paired=True, open=False,
                wake_words=tuple(
                    WakeWord(id=it, phrase=it.replace("_", " "),
                             sensitivity=self.sensitivities.get(it, "medium"))
                    for it in ("hey_jarvis", "alexa")
                ),
                active_words=self.words, max_active_words=2, phrases=self.phrases,
                remote_listen=self.remote_listen, follow_up=self.follow_up,
            )
        )  # fmt: skip

    async def _serve(self, guest: Guest) -> None:
        try:
            await self._talk(guest.reader, guest.writer)
        except OSError, FrameError:
            pass
        finally:
            if self._writer is guest.writer:
                self._writer = None

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        first = await read_event(reader, ROOM_LIMITS)
        if first is None or not Hello.is_type(first.type):
            return
        self.hellos += 1
        self.owner = Hello.from_event(first).owner
        if self.refuse is not None:
            await write_event(writer, Refused(reason=self.refuse).event())
            return
        self._writer = writer
        await self.welcome()
        await self.receipt()
        await self.tell_volume()
        await self.tell_tuning()
        await self.tell_timers()
        await self._tell()
        while (event := await read_event(reader, ROOM_LIMITS)) is not None:
            if Ping.is_type(event.type):
                if self.answers_pings:
                    await self.send(Pong(text=Ping.from_event(event).text).event())
                continue
            if (message := _parse(event)) is not None:
                await self._take(message)

    async def _take(self, message: Message) -> None:  # noqa: PLR0912 - a table
        match message:
            case SetMute() if self.answers_mute:
                self.remote_mute = message.muted
                await self.receipt(message.nonce)
            case Witness() if message.seq > max(self.heads.get(message.chain, {0: b""})):
                head = bytes.fromhex(message.head)
                self.heads.setdefault(message.chain, {})[message.seq] = head
            case Unpair():
                await self.use(None)
                self.got.append(message)
                await self._tell()
                self.cut()
                return
            case AskWitness():
                await self._testify(message.nonce)
            case SetWakeWords():
                self.words = message.words
                self.sensitivities |= message.sensitivities
                await self.welcome()
            case Invite() if self.invited is not None:
                await self.send(Invited(turn=message.turn, result=self.invited))
            case SetTuning():
                self.tuning = (message.gain_db, message.noise_suppression)
                await self.tell_tuning()
            case SetVolume():
                self.volume = (message.level, message.muted)
                await self.tell_volume()
            case SetTimer():
                self.timers[message.id] = TimerState(
                    id=message.id, left_ms=message.left_ms, active=message.active,
                    ringing=message.active and not message.left_ms,
                )  # fmt: skip
                await self.tell_timers()
            case CancelTimer():
                self.timers.pop(message.id, None)
                await self.tell_timers()
            case StopRinging():
                self.timers = {key: it for key, it in self.timers.items() if not it.ringing}
                await self.tell_timers()
            case StorePhrase():
                self.phrases[message.id] = hashlib.sha256(message.pcm).hexdigest()
            case ReplyEnd() | Say() if self.plays:
                await self.send(Played(turn=message.turn, result=self.played_result))
        self.got.append(message)
        await self._tell()

    async def _testify(self, nonce: str) -> None:
        known = list(self.heads.items()) or [("", {})]
        for at, (chain, heads) in enumerate(known, 1):
            packed = pack(heads.items())
            left = len(known) - at
            await self.send(WitnessHeads(nonce=nonce, chain=chain, left=left, heads=packed))

    async def _tell(self) -> None:
        async with self._changed:
            self._changed.notify_all()


def pair_of_trust() -> tuple[Trust, Trust]:
    """Return what pairing leaves at a device and at a home."""
    device, home = make_identity(), make_identity()
    return Trust(device, home.certificate), Trust(home, device.certificate)


def free_port() -> int:
    """Return a port that is free, as is the next one, and that no outgoing connection takes."""
    while True:
        port = random.randrange(12_000, 32_000)
        with socket.socket() as link, socket.socket() as pairing, suppress(OSError):
            link.bind(("127.0.0.1", port))
            pairing.bind(("127.0.0.1", port + 1))
            return port
