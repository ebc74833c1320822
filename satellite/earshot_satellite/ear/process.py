"""The body's hold on the ear: start it, read it, notice when it hangs, end it for certain."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from earshot_satellite.capture.gain import LEAST_DB
from earshot_satellite.capture.sound_server import SoundServerError, recordings_of, watch_recordings
from earshot_satellite.wake.cascade import NOTHING, Attention

from .frames import HEADER_SIZE, Frame, Kind, ProtocolError, header, unpack

if TYPE_CHECKING:
    from .settings import EarSettings

START_SECONDS = 8.0
"""Loading takes 0.3 s and an idle sound server up to 2 s; a slow board gets four times that."""

SILENCE_SECONDS = 3.0
"""An ear beats every second and itself reports a dead microphone after 2 s, so one that says
nothing for 3 s is hung, and only a kill helps."""

SOURCE_SECONDS = 60.0
"""How often to look whether the sound server still records from the device it began with. It
moves streams of a vanished device to another one, a loudspeaker's monitor even; mostly that shows
as a gap, and then we look at once."""

TERMINATE_SECONDS = 0.5
_KILL_SECONDS = 2.0
_MS = 16


class EarError(Exception):
    """The ear did not start: `code` for translation, `detail` with the remedy in words."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(f"{code}: {detail}")
        self.code = code
        self.detail = detail


@dataclass(frozen=True)
class Problem:
    """Something wrong that does not stop the ear."""

    code: str
    detail: str


@dataclass(frozen=True)
class Ready:
    """What a started ear told: its words as (id, phrase), and which sandbox steps worked."""

    device: str
    words: tuple[tuple[str, str], ...]
    preroll_ms: int
    sandbox: dict[str, bool]
    problems: tuple[Problem, ...]


@dataclass(frozen=True)
class Detection:
    """A wake word. `monotonic_ns` is the clock when its last block was read."""

    turn_seq: int
    word: str
    phrase: str
    score: float
    snr_db: float
    monotonic_ns: int
    floor_dbfs: float = -60.0
    """The noise floor before it, dB of full scale."""


@dataclass(frozen=True)
class CommandAsked:
    """The command that `listen` asked for begins; its audio has no pre-roll."""

    turn_seq: int
    monotonic_ns: int


@dataclass(frozen=True)
class StopHeard:
    """The stop word, heard while `Attention.stop`. It begins no command."""

    word: str
    score: float
    monotonic_ns: int


@dataclass(frozen=True)
class CommandAudio:
    """16 kHz mono 16-bit audio; `offset_ms` of its first sample from the detection."""

    turn_seq: int
    offset_ms: int
    pcm: bytes


@dataclass(frozen=True)
class CommandEnd:
    """The ear ended a command itself: `limit`, or `not_read` when the body did not keep up."""

    turn_seq: int
    reason: str


@dataclass(frozen=True)
class Health:
    """A heartbeat. `frames` counts samples heard since the start, `overruns` audio lost."""

    frames: int
    overruns: int
    problems: tuple[Problem, ...]


@dataclass(frozen=True)
class EarExit:
    """How the process ended.

    `how`: `asked` (SIGTERM), `killed`, `itself`, `not_started`, or `stuck`: the kernel does not
    let it go, so nothing may be concluded. `returncode` is None only for the last two.
    """

    pid: int | None
    returncode: int | None
    how: str

    @property
    def gone(self) -> bool:
        """Whether there is certainly no process any more."""
        return self.how != "stuck"


@dataclass(frozen=True)
class EarGone:
    """The ear is no more: `code` and `detail` say why; start a new one to hear again."""

    code: str
    detail: str
    exit: EarExit


Heard = Detection | CommandAsked | StopHeard | CommandAudio | CommandEnd | Health | EarGone


class EarProcess:
    """One ear, from start to exit. Not reusable: a new enumeration of devices is a new process."""

    def __init__(self, settings: EarSettings) -> None:
        self._settings = settings
        self._process: asyncio.subprocess.Process | None = None
        self._head: tuple[Kind, int] | None = None
        self._turn = self._asked = 0
        self._stopping: asyncio.Task[EarExit] | None = None
        self._gone: EarGone | None = None
        self._source: str | None = None
        self._moved: str | None = None
        self._looking: asyncio.Task[None] | None = None
        self._watching: asyncio.Task[None] | None = None
        self._looked_at = -SOURCE_SECONDS
        self._gaps = 0
        self.begun = asyncio.Event()
        """Set when the process has its settings and starts by itself, or is not to be had."""
        self.ready: Ready | None = None

    @property
    def pid(self) -> int | None:
        """The process id, once started."""
        return self._process.pid if self._process else None

    async def start(self, attention: Attention = NOTHING) -> Ready:
        """Start and wait until it hears. Raises EarError, and then nothing is left running."""
        environment = os.environ | {
            "OPENBLAS_NUM_THREADS": "1",
            "OMP_NUM_THREADS": "1",
            "MALLOC_ARENA_MAX": "1",
        }
        try:
            self._process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-P", "-B", "-m", "earshot_satellite.ear"),
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                env=environment,
            )
        except OSError as err:
            self.begun.set()
            raise EarError("ear_failed", err.strerror or "") from err
        try:
            self._send(
                json.dumps(
                    {
                        "body": os.getpid(),
                        "device": self._settings.device,
                        "words": self._settings.words,
                        "sensitivity": self._settings.sensitivity,
                        "stage_two": self._settings.stage_two,
                        "sensitivities": dict(self._settings.sensitivities),
                        "stop_word": self._settings.stop_word,
                        "attention": attention.number,
                        "gain_db": self._settings.gain_db,
                        "noise_suppression": self._settings.noise_suppression,
                    }
                )
            )
            self.begun.set()
            async with asyncio.timeout(START_SECONDS):
                frame = await self._frame()
                while frame.kind is Kind.HEALTH:
                    frame = await self._frame()
        except TimeoutError:
            await self.stop()
            raise EarError(
                "microphone_failed", f"the microphone did not start within {START_SECONDS:.0f} s"
            ) from None
        except (ProtocolError, asyncio.IncompleteReadError) as err:
            ended = await self.stop()
            raise EarError(
                "ear_failed", f"the ear ended with status {ended.returncode} before it heard"
            ) from err
        except BaseException:
            await self.stop()
            raise
        if frame.kind is not Kind.READY:
            await self.stop()
            raise EarError(_text(frame, "code") or "ear_failed", _text(frame, "detail"))
        self.ready = _ready(frame)
        # At once: what it records now is what it must go on recording.
        self._looked_at = asyncio.get_running_loop().time()
        self._looking = asyncio.create_task(self._look_at_source())
        self._watching = asyncio.create_task(watch_recordings(self._source_changed))
        return self.ready

    async def read(self) -> Heard:
        """Wait for the next thing the ear tells. Cancelling it loses nothing.

        After an EarGone it is the same EarGone for ever.
        """
        if self._gone:
            return self._gone
        if self._process is None:
            raise RuntimeError("start() comes first")
        try:
            async with asyncio.timeout(SILENCE_SECONDS):
                frame = await self._frame()
            return await self._meaning(frame)
        except TimeoutError:
            return await self._end("ear_hung", f"no sign of life for {SILENCE_SECONDS:.0f} s")
        except (ProtocolError, KeyError, TypeError, ValueError) as err:
            return await self._end("ear_failed", f"it wrote what no ear writes ({err})")
        except asyncio.IncompleteReadError:
            if self._stopping:
                return await self._end("stopped", "")
            return await self._end("ear_failed", "it ended without a word")

    def hush(self) -> None:
        """Stop the command audio of the turn that was read last, and wipe the ring."""
        self._send(f"hush {self._turn}")

    def listen(self) -> None:
        """Begin a command without a wake word; `CommandAsked` tells when it does."""
        self._asked += 1
        self._send(f"listen {self._asked}")

    def tune(self, gain_db: float, noise_suppression: int) -> None:
        """Hear louder or softer, and commands with so much noise suppression, from now on."""
        self._send(f"gain {round((gain_db - LEAST_DB) * 10)}")
        self._send(f"suppress {noise_suppression}")

    def attend(self, attention: Attention) -> None:
        """Let the ear know what goes on in the room."""
        self._send(f"attend {attention.number}")

    async def stop(self) -> EarExit:
        """End the process for certain: SIGTERM, 0.5 s, SIGKILL. May be called again, cancelled."""
        if self._stopping is None:
            self._stopping = asyncio.create_task(self._stop())
        return await asyncio.shield(self._stopping)

    def _source_changed(self) -> None:
        """Look at the next beat, not now: one change is told in several words."""
        self._looked_at = -SOURCE_SECONDS

    def _watch_source(self, gaps: int) -> None:
        now = asyncio.get_running_loop().time()
        due = gaps != self._gaps or now - self._looked_at >= SOURCE_SECONDS
        if due and (self._looking is None or self._looking.done()):
            self._gaps, self._looked_at = gaps, now
            self._looking = asyncio.create_task(self._look_at_source())

    async def _look_at_source(self) -> None:
        try:
            recordings = await recordings_of() or []
        except SoundServerError:
            # It has no answer for us either; what counts is whether audio comes.
            return
        ours = [each.source for each in recordings if each.pid == self.pid]
        if not ours:
            return
        self._source = self._source or ours[0]
        if self._source not in ours:
            self._moved = f'the sound server moved us from "{self._source}" to "{ours[0]}"'[:1000]

    async def _stop(self) -> EarExit:
        for task in (self._looking, self._watching):
            if task is not None:
                task.cancel()
        process = self._process
        if process is None:
            return EarExit(None, None, "not_started")
        how = "itself" if process.returncode is not None else "asked"
        for signal_it, seconds, so in (
            (process.terminate, TERMINATE_SECONDS, how),
            (process.kill, _KILL_SECONDS, "killed"),
        ):
            with contextlib.suppress(ProcessLookupError):
                signal_it()
            try:
                async with asyncio.timeout(seconds):
                    return EarExit(process.pid, await process.wait(), so)
            except TimeoutError:
                continue
        return EarExit(process.pid, None, "stuck")

    async def _end(self, code: str, detail: str) -> EarGone:
        if self._process and code != "ear_hung":
            # It is leaving by itself: let it, so that its status says so.
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(TERMINATE_SECONDS):
                    await self._process.wait()
        self._gone = EarGone(code, detail, await self.stop())
        return self._gone

    def _send(self, line: str) -> None:
        stdin = self._process.stdin if self._process else None
        if stdin and not stdin.is_closing():
            stdin.write(line.encode() + b"\n")

    async def _frame(self) -> Frame:
        stdout = self._process.stdout if self._process else None
        if stdout is None:
            raise RuntimeError("start() comes first")
        # The header is kept, so that a cancelled read goes on at the payload.
        if self._head is None:
            self._head = header(await stdout.readexactly(HEADER_SIZE))
        payload = await stdout.readexactly(self._head[1])
        kind, self._head = self._head[0], None
        return unpack(kind, payload)

    async def _meaning(self, frame: Frame) -> Heard:  # noqa: PLR0911 - a table
        facts = frame.facts
        if self._moved is not None:
            return await self._end("microphone_failed", self._moved)
        if frame.kind is Kind.AUDIO:
            return CommandAudio(frame.turn, frame.offset // _MS, frame.pcm)
        if frame.kind is Kind.HEALTH:
            self._watch_source(int(facts["gaps"]))
            problems = tuple(Problem(str(p["code"]), str(p["detail"])) for p in facts["problems"])
            return Health(int(facts["frames"]), int(facts["overruns"]), problems)
        if frame.kind is Kind.DETECTION:
            self._turn = int(facts["turn"])
            return Detection(
                self._turn,
                str(facts["word"]),
                str(facts["phrase"]),
                float(facts["score"]),
                float(facts["snr_db"]),
                int(facts["at"]),
                float(facts["floor_dbfs"]),
            )
        if frame.kind is Kind.ASKED:
            self._turn = int(facts["turn"])
            return CommandAsked(self._turn, int(facts["at"]))
        if frame.kind is Kind.STOP:
            return StopHeard(str(facts["word"]), float(facts["score"]), int(facts["at"]))
        if frame.kind is Kind.END:
            return CommandEnd(int(facts["turn"]), str(facts["reason"]))
        return await self._end(_text(frame, "code") or "ear_failed", _text(frame, "detail"))


def _text(frame: Frame, key: str) -> str:
    return str(frame.facts.get(key, ""))[:1000]


def _ready(frame: Frame) -> Ready:
    facts: dict[str, Any] = frame.facts
    return Ready(
        device=str(facts["device"]),
        words=tuple((str(word["id"]), str(word["phrase"])) for word in facts["words"]),
        preroll_ms=int(facts["preroll_ms"]),
        sandbox={str(name): bool(done) for name, done in facts["sandbox"].items()},
        problems=tuple(Problem("wake_model_broken", str(each)) for each in facts["broken"]),
    )
