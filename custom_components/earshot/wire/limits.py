"""The bounds of a link: how much may arrive and how long may be waited."""

from __future__ import annotations

from dataclasses import dataclass

VERSION = 1
"""Of our messages. A peer that speaks another one is refused with `version`."""

ROOM_PORT = 10700
SPEECH_PORT = 10310
PAIRING_PORT_AFTER = 1
"""The pairing port is the next one after the port of the link, and open only meanwhile."""

PING_INTERVAL_S = 2.0
"""Home sends a ping this often on the link of a room; the satellite answers each."""

PEER_SILENCE_S = 5.0
"""A peer that sent nothing for so long is gone: it is two pings and a half late."""

GREETING_S = 5.0
"""A connection that has not said hello by then is closed."""

WRITE_S = 5.0
"""A peer that does not take a message for so long is gone."""

MAX_TURN_S = 15.0
"""The longest utterance. Home Assistant's own limit for a spoken command (2026.11) is the same."""

PRE_ROLL_MS = 400
"""Command audio begins at most this long before the wake word was detected."""

RECEIPT_INTERVAL_S = 10.0
"""A muted satellite verifies its microphone and says so this often."""

OPEN_INTERVAL_S = 20.0
"""One that is meant to hear does it this often: each look costs 15 ms of a core."""

RECEIPT_VALID_S = 30.0
"""An older receipt says nothing any more."""


@dataclass(frozen=True)
class Limits:
    """The largest parts of one event, in bytes."""

    header: int
    data: int
    payload: int


ROOM_LIMITS = Limits(header=4 * 1024, data=64 * 1024, payload=512 * 1024)
"""A stored phrase of 11 s (22,050 Hz, 16 bit, mono) is the largest payload of a room link."""

SPEECH_LIMITS = Limits(header=4 * 1024, data=64 * 1024, payload=1024 * 1024)
"""A vocabulary is the largest payload of the speech link."""

PAIRING_LIMITS = Limits(header=1024, data=1024, payload=1024)
"""A certificate is the largest payload of a pairing."""

GAIN_LEAST_DB, GAIN_MOST_DB = -20.0, 30.0
SUPPRESSION_MOST = 4
"""Not beside its messages: the process that hears imports it, and nothing that has a network."""
