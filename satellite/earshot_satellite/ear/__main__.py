"""The child process: `python -m earshot_satellite.ear`, started only by the body.

Standard input: one line of settings (JSON), then control lines; its end ends the ear. Standard
output: frames. Standard error: log lines. It leaves by `os._exit`, because closing a hung sound
library can hang too, and a mute must not wait for that: the kernel closes the device.
"""

from __future__ import annotations

import gc
import json
import os
import select
import signal
import sys
import threading
import time
from typing import Any, NoReturn

from earshot_satellite.capture.gain import LEAST_DB, MOST_DB
from earshot_satellite.wake.cascade import Attention, Sensitivity
from earshot_wire.limits import SUPPRESSION_MOST

from .frames import FrameWriter, Kind, pack
from .sandbox import die_with, enter

NO_FRAMES_SECONDS = 2.0
"""Without a block this long the microphone is gone, although its stream says nothing. PulseAudio
does this: a stream of a vanished device waits, or moves to another device after a gap."""

_MAX_LINE = 16_384
_POLL_MS = 500


class _Ear:
    def __init__(self, out: FrameWriter) -> None:
        self.out = out
        self.ring: Any = None
        self.hearing: Any = None
        self.source: Any = None

    def leave(self, code: str = "", detail: str = "") -> NoReturn:
        """End now: wipe the ring, and say why unless it was asked for."""
        if self.ring is not None:
            self.ring.wipe()
        if code:
            try:
                self.out.write(pack(Kind.GONE, {"code": code, "detail": detail[:1000]}))
            except OSError:
                code = "unheard"
        os._exit(1 if code else 0)

    def run(self, settings: dict[str, Any], sandbox: dict[str, bool]) -> NoReturn:
        """Set up, tell that we hear, and hear; in a thread of its own."""
        from earshot_satellite.capture.devices import DeviceError  # noqa: PLC0415
        from earshot_satellite.capture.gain import Amplified  # noqa: PLC0415
        from earshot_satellite.capture.microphone import Microphone  # noqa: PLC0415
        from earshot_satellite.capture.ring import Ring  # noqa: PLC0415
        from earshot_satellite.wake.detector import Detector  # noqa: PLC0415
        from earshot_satellite.wake.models import ModelError  # noqa: PLC0415

        from .hearing import PREROLL_MS, Hearing  # noqa: PLC0415

        try:
            self.ring = Ring()
            detector = Detector(
                settings["words"],
                self.ring,
                Sensitivity(settings["sensitivity"]),
                settings["stage_two"],
                {word: Sensitivity(how) for word, how in settings["sensitivities"].items()},
                settings["stop_word"],
                attention=Attention.from_number(settings["attention"]),
            )
            source = self.source = Amplified(
                Microphone(settings["device"]), float(settings["gain_db"])
            )
            hearing = Hearing(
                source,
                detector,
                self.ring,
                self.out,
                suppression=int(settings["noise_suppression"]),
            )
            hearing.step()
            facts = {
                "device": source.device.name[:200],
                "words": [{"id": w.id, "phrase": w.phrase} for w in detector.words],
                "preroll_ms": PREROLL_MS,
                "sandbox": sandbox | {"memory": self.ring.locked},
                "broken": [str(each)[:300] for each in detector.broken][:8],
            }
            self.out.write(pack(Kind.READY, facts))
            gc.collect()
            gc.freeze()
            self.hearing = hearing
            while True:
                hearing.step()
        except DeviceError as err:
            self.leave(err.code, err.detail)
        except ModelError as err:
            self.leave("wake_model_broken", str(err))
        except BrokenPipeError:
            self.leave()
        except Exception as err:  # noqa: BLE001 - the type only: a message could quote audio
            self.leave("ear_failed", type(err).__name__)

    def obey(self, fd: int) -> NoReturn:
        """Take control lines until there are no more, and watch that audio goes on."""
        poll = select.poll()
        poll.register(fd, select.POLLIN)
        pending = b""
        frames, moved_at = -1, time.monotonic()
        while True:
            if poll.poll(_POLL_MS):
                data = os.read(fd, _MAX_LINE)
                if not data or len(pending) > _MAX_LINE:
                    self.leave()
                *lines, pending = (pending + data).split(b"\n")
                for line in lines:
                    self._command(line)
            if self.hearing and self.hearing.frames != frames:
                frames, moved_at = self.hearing.frames, time.monotonic()
            elif self.hearing and time.monotonic() - moved_at > NO_FRAMES_SECONDS:
                self.leave("microphone_failed", "the microphone gives no audio any more")

    def _command(self, line: bytes) -> None:
        verb, _, number = line.partition(b" ")
        if not number.isdigit() or self.hearing is None:
            return
        match verb:
            case b"hush":
                self.hearing.hush(int(number))
            case b"listen":
                self.hearing.listen(int(number))
            case b"attend":
                self.hearing.detector.attention = Attention.from_number(int(number))
            case b"gain":
                self.source.gain_db = min(LEAST_DB + int(number) / 10, MOST_DB)
            case b"suppress":
                self.hearing.suppression = min(int(number), SUPPRESSION_MOST)


def main() -> NoReturn:
    """Become the ear."""
    # The pipes move away from 0, 1 and 2, so that nothing a C library prints can reach them.
    nowhere = os.open(os.devnull, os.O_RDWR)
    control, out, log = os.dup(0), os.dup(1), os.dup(2)
    for fd in (0, 1, 2):
        os.dup2(nowhere, fd)
    sys.stderr = os.fdopen(log, "w", buffering=1)
    line = b""
    while not line.endswith(b"\n"):
        more = os.read(control, 1)
        if not more or len(line) > _MAX_LINE:
            os._exit(0)
        line += more
    settings = json.loads(line)
    die_with(int(settings["body"]))
    sandbox = enter()
    ear = _Ear(FrameWriter(out))
    signal.signal(signal.SIGTERM, lambda *_: ear.leave())
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=ear.run, args=(settings, sandbox), daemon=True).start()
    ear.obey(control)


main()
