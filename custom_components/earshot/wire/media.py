"""Music and the like in a room, and how loud its loudspeaker is.

Home decodes; the satellite opens no connection of its own. It tells how much was heard, and home
sends no more than a few seconds beyond that, so a mute never waits behind megabytes of music.
"""

from __future__ import annotations

from dataclasses import dataclass

from .message import Message, choice, flag, payload, real, turn_id, whole

MEDIA_LEAD_S = 3.0
"""So much a home may send before it was heard."""

_MAX_CHUNK = 64 * 1024


@dataclass(frozen=True, kw_only=True)
class MediaStart(Message, kind="earshot-media-start"):
    """Home to satellite: begin a stream, in place of an older one."""

    stream: str = turn_id()
    """Random, as a turn's id."""

    rate: int = whole(8_000, 48_000)
    width: int = choice(2, default=2)
    channels: int = choice(1, 2, default=2)


@dataclass(frozen=True, kw_only=True)
class MediaAudio(Message, kind="earshot-media-audio"):
    """Home to satellite: the next piece of a stream."""

    stream: str = turn_id()
    pcm: bytes = payload(_MAX_CHUNK, multiple_of=2)


@dataclass(frozen=True, kw_only=True)
class MediaEnd(Message, kind="earshot-media-end"):
    """Home to satellite: that was all; what was sent is still heard."""

    stream: str = turn_id()


@dataclass(frozen=True, kw_only=True)
class MediaPause(Message, kind="earshot-media-pause"):
    """Home to satellite: hold a stream, or go on with it."""

    stream: str = turn_id()
    paused: bool = flag()


@dataclass(frozen=True, kw_only=True)
class MediaStop(Message, kind="earshot-media-stop"):
    """Home to satellite: be silent, and forget what was sent."""

    stream: str = turn_id()


@dataclass(frozen=True, kw_only=True)
class MediaState(Message, kind="earshot-media-state"):
    """Satellite to home: how a stream stands; each half second while it is heard."""

    stream: str = turn_id()
    state: str = choice("playing", "paused", "ended", "stopped", "failed")
    """The last three are the end of it: `stopped` by somebody in the room, or as home asked."""

    played_ms: int = whole(0, 2**40, default=0)


@dataclass(frozen=True, kw_only=True)
class SetVolume(Message, kind="earshot-set-volume"):
    """Home to satellite: the loudspeaker's volume, kept over restarts; answered by `Volume`.

    The tone of `Invite` and timers stay audible however low it is.
    """

    level: float = real(0.0, 1.0)
    muted: bool = flag()


@dataclass(frozen=True, kw_only=True)
class Volume(Message, kind="earshot-volume"):
    """Satellite to home: after `Welcome`, and when it changes, also by hand."""

    level: float = real(0.0, 1.0)
    muted: bool = flag()
