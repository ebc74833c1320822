"""Plays one clip after another in a thread of its own; the event loop never waits for sound."""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from collections import deque
from collections.abc import Callable

from ..capture.devices import DeviceError
from ..problems import Problems
from ..sounds import make_sound
from .clip import Clip
from .media import Media
from .mixer import Ducking, Mixer
from .output import Output
from .volume import Volume

_LOGGER = logging.getLogger(__name__)

_LINGER_S = 2.0
"""How long the loudspeaker stays open for the next clip."""

_RETRY_S = (1.0, 2.0, 4.0, 10.0)
_QUEUE = 8
_USUAL_RATE = 22_050
_STOP_S = 1.0
_FAULTS = (DeviceError, OSError, ValueError)
_PROBLEMS = ("speaker_missing", "speaker_failed")


class Player:
    """The loudspeaker's owner.

    What a loudspeaker cannot play ends as `failed`; it is noted as a problem, and tried again
    until it works.
    """

    def __init__(
        self, device: str, volume: Volume, problems: Problems, loop: asyncio.AbstractEventLoop
    ) -> None:
        self._output = Output(device, volume)
        self._problems = problems
        self._loop = loop
        self._changed = threading.Condition()
        self._queue: deque[Clip] = deque()
        self._playing: Clip | None = None
        self._media: Media | None = None
        self._ducking = Ducking()
        self._ending = False
        self._cut = False
        self._fault: DeviceError | None = None
        self._failures = 0
        self._rate = _USUAL_RATE
        self._thread = threading.Thread(target=self._run, name="player", daemon=True)

    @property
    def usable(self) -> bool:
        """Whether the loudspeaker worked when it was last tried."""
        return self._fault is None

    def start(self) -> None:
        """Begin, and try the loudspeaker."""
        self._thread.start()

    def play(self, clip: Clip) -> None:
        """Play a clip after those that wait; too many of them is a failure of the new one."""
        with self._changed:
            if len(self._queue) < _QUEUE and not self._ending:
                self._queue.append(clip)
                self._changed.notify()
                return
        clip.stop("failed")
        clip.settle()

    def sound(
        self, name: str, done: Callable[[str], None] | None = None, least: float = 0.0
    ) -> None:
        """Play one of our own sounds, at the rate that was played last: no re-opening."""
        clip = Clip(self._rate, done=done, least=least)
        clip.feed(make_sound(name, self._rate))
        clip.finish()
        self.play(clip)

    def pcm(self, rate: int, channels: int, pcm: bytes, done: Callable[[str], None] | None) -> None:
        """Play something that is there whole."""
        clip = Clip(rate, channels, done)
        clip.feed(pcm)
        clip.finish()
        self.play(clip)

    def begin_media(self, media: Media) -> None:
        """Have this in the background from now on, in place of what was there."""
        with self._changed:
            before, self._media = self._media, media
            self._changed.notify()
        if before is not None:
            before.stop()
            before.tell()

    def media_changed(self) -> None:
        """Take notice that the background was fed, paused, resumed or stopped."""
        with self._changed:
            self._changed.notify()

    def duck(self, level: float) -> None:
        """Have the background as loud as `level` of what it is else."""
        self._ducking.wanted = level

    def stop(self) -> None:
        """Be silent at once but for the background; all clips end as `interrupted`."""
        with self._changed:
            if self._playing is not None:
                self._cut = True
                self._playing.stop()
            for clip in self._queue:
                clip.stop()
            self._changed.notify()

    async def close(self) -> None:
        """End the thread. A loudspeaker that hangs is left to the end of the process."""
        self.stop()
        with self._changed:
            if self._media is not None:
                self._media.stop()
            self._ending = True
            self._changed.notify()
        if self._thread.is_alive():
            await self._loop.run_in_executor(None, self._thread.join, _STOP_S)

    def _run(self) -> None:
        self._try()
        while (sound := self._next()) is not None:
            if isinstance(sound, Media):
                self._mix(sound)
            else:
                self._play(sound)
        self._output.shut()

    def _next(self) -> Clip | Media | None:
        """Wait for something to play; meanwhile rest an idle loudspeaker, and try a broken one."""
        idle_since = time.monotonic()
        while True:
            with self._changed:
                if not self._queue and not self._ending and self._background is None:
                    self._changed.wait(self._pause(idle_since))
                if (background := self._background) is not None:
                    return background
                if self._ending and not self._queue:
                    return None
                if self._queue:
                    self._playing = clip = self._queue.popleft()
                    self._cut = False
                    return clip
            if self._fault is not None:
                self._try()
            elif self._output.rest_s is not None:
                self._settle()
            elif time.monotonic() - idle_since >= _LINGER_S:
                self._output.close()

    def _pause(self, idle_since: float) -> float | None:
        if self._fault is not None:
            return _RETRY_S[min(self._failures, len(_RETRY_S)) - 1]
        if (rest_s := self._output.rest_s) is not None:
            return rest_s
        left = idle_since + _LINGER_S - time.monotonic()
        return left if left > 0 else None

    @property
    def _background(self) -> Media | None:
        return self._media if self._media is not None and self._media.sounds else None

    def _mix(self, media: Media) -> None:
        """Play the background until it is over or rests, and what is spoken meanwhile over it."""
        leaving: deque[tuple[float, Clip]] = deque()
        try:
            mixer = Mixer(self._output, media, self._ducking)
            while self._speaks_over(mixer) or leaving or self._background is media:
                if mixer.step():
                    leaving.append((self._output.heard_at, self._spoken()))
                while leaving and (leaving[0][1].stopped or leaving[0][0] <= time.monotonic()):
                    leaving.popleft()[1].settle()
                media.tell()
                if media.is_over and not leaving and self._playing is None:
                    break
            self._worked()
        except _FAULTS as err:
            media.stop("failed")
            spoken = [self._spoken()] if self._playing is not None else []
            for clip in (*(each for _, each in leaving), *spoken):
                clip.stop("failed")
                clip.settle()
            self._output.close()
            self._failed(err)
        media.tell()
        with self._changed:
            if self._media is media and media.is_over:
                self._media = None

    def _speaks_over(self, mixer: Mixer) -> bool:
        """Return whether a clip is over the background, after putting the next one there."""
        with self._changed:
            if self._playing is None and self._queue:
                self._playing = self._queue.popleft()
                self._cut = False
                mixer.speak(self._playing)
            return self._playing is not None

    def _spoken(self) -> Clip:
        with self._changed:
            clip, self._playing = self._playing, None
        if clip is None:
            raise RuntimeError("nothing was spoken")
        return clip

    def _settle(self) -> None:
        try:
            self._output.settle()
        except _FAULTS as err:
            self._output.close()
            self._failed(err)

    def _try(self) -> None:
        try:
            self._output.open(self._rate, 1)
            self._output.close()
        except _FAULTS as err:
            self._failed(err)
        else:
            self._worked()

    def _play(self, clip: Clip) -> None:
        try:
            if not clip.stopped:
                self._rate = clip.rate
                self._output.open(clip.rate, clip.channels)
                self._output.play(clip)
                if clip.awaited and not clip.stopped:
                    self._output.drain(clip)
            with self._changed:
                self._playing = None
                cut = self._cut
            if cut:
                self._output.close()
            self._worked()
        except _FAULTS as err:
            with self._changed:
                self._playing = None
            clip.stop("failed")
            self._output.close()
            self._failed(err)
        clip.settle()

    def _worked(self) -> None:
        self._failures = 0
        if self._fault is not None:
            self._fault = None
            self._tell(lambda: self._problems.end(*_PROBLEMS))

    def _failed(self, err: Exception) -> None:
        self._failures += 1
        fault = err if isinstance(err, DeviceError) else DeviceError("speaker_failed", str(err))
        known, self._fault = self._fault, fault
        if known is not None and known.code != fault.code:
            self._tell(lambda: self._problems.end(known.code))
        self._tell(lambda: self._problems.begin(fault.code, fault.detail))

    def _tell(self, call: Callable[[], None]) -> None:
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(call)
