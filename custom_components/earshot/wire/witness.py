"""Witnesses of the log: each satellite keeps where Home Assistant's log of listening stood.

A head stands for its line and all lines before it. A satellite only ever adds what it is told, so
whoever rewrites the log later does not fit what it remembers.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from .message import Message, payload, text, whole

MAX_HEADS = 10_000
"""So many a satellite keeps; the oldest make room."""

MAX_CHAINS = 16
"""Of so many chains; the one it heard of longest ago makes room."""

_CHAIN = re.compile(r"[0-9a-f]{32}")
_HEAD = struct.Struct(">Q32s")
_MAX_SEQ = 2**53


@dataclass(frozen=True, kw_only=True)
class Witness(Message, kind="earshot-witness"):
    """Home to satellite: remember that the log stands here."""

    chain: str = text(32, pattern=_CHAIN)
    """Which chain of keys; a new one begins when the log does."""

    seq: int = whole(1, _MAX_SEQ)
    head: str = text(64, pattern=re.compile(r"[0-9a-f]{64}"))


@dataclass(frozen=True, kw_only=True)
class AskWitness(Message, kind="earshot-ask-witness"):
    """Home to satellite: tell all that you remember."""

    nonce: str = text(32, pattern=re.compile(r"[0-9a-f]{1,32}"))


@dataclass(frozen=True, kw_only=True)
class WitnessHeads(Message, kind="earshot-witness-heads"):
    """Satellite to home: what it remembers of one chain; one message for each."""

    nonce: str = text(32, pattern=re.compile(r"[0-9a-f]{1,32}"))
    chain: str = text(32, pattern=re.compile(r"([0-9a-f]{32})?"))
    """Empty when it remembers nothing at all."""

    left: int = whole(0, MAX_CHAINS)
    """How many of these messages follow."""

    heads: bytes = payload(MAX_HEADS * _HEAD.size, multiple_of=_HEAD.size, may_be_empty=True)
    """For each: the number of the line (8 bytes, big endian) and the head (32 bytes)."""

    def unpacked(self) -> Iterator[tuple[int, bytes]]:
        """Return number and head of each."""
        return _HEAD.iter_unpack(self.heads)


def pack(heads: Iterable[tuple[int, bytes]]) -> bytes:
    """Return numbers and heads as `WitnessHeads` carries them."""
    return b"".join(_HEAD.pack(seq, head) for seq, head in heads)
