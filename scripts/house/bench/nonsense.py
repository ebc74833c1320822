"""What a broken program would send that speaks our messages: hypothesis makes it.

Kinds and fields are ours, so that it gets past the first look; values are wrong, of the wrong kind,
too large, or right at the wrong time.
"""

from __future__ import annotations

import json
from dataclasses import fields
from typing import Any

from hypothesis import strategies as st

from custom_components.earshot.wire import (
    consent,
    greeting,
    media,
    microphone,
    phrases,
    timers,
    tuning,
    turn,
    witness,
)
from custom_components.earshot.wire.limits import PAIRING_LIMITS, ROOM_LIMITS, VERSION
from custom_components.earshot.wire.message import Message
from custom_components.earshot.wire.pairing import PairHello, PairKept, PairProof, Unpair

TURNS = ("a" * 16, "b" * 16, "c" * 16)
_OF_HOME = {
    each.__name__
    for each in (consent, greeting, media, microphone, phrases, timers, tuning, turn, witness)
}
_PAIRING = (PairHello, PairProof, PairKept)
_SIZES = (
    1,
    2,
    3,
    320,
    2_048,
    2_048,
    8_192,
    8_192,
    65_536,
    ROOM_LIMITS.payload,
    ROOM_LIMITS.payload + 1,
)
_NAMES = ("tea", "pizza", "not_understood", "failed", "one", "two", "three")
_RIGHT: dict[str, tuple[Any, ...]] = {
    "turn": TURNS,
    "stream": TURNS,
    "after": (*TURNS, ""),
    "id": _NAMES,
    "phrase": _NAMES,
    "nonce": ("ab", "cd"),
    "rate": (8_000, 16_000, 22_050, 48_000),
    "width": (2,),
    "channels": (1, 2),
    "max_s": (1.0, 15.0),
    "why": ("follow_up", "conversation", "question", "asked"),
    "reason": ("other_room", "not_ready", "muted"),
    "outcome": ("understood", "not_understood", "false_wake", "failed", "announced", "cancelled"),
    "level": (0.0, 0.1, 1.0),
    "muted": (True, False),
    "paused": (True, False),
    "active": (True, False),
    "left_ms": (0, 1, 500, 60_000),
    "gain_db": (-20.0, 0.0, 30.0),
    "noise_suppression": (0, 4),
    "words": (["hey_jarvis"], ["alexa", "okay_nabu"]),
    "sensitivities": ({}, {"alexa": "high"}),
    "chain": ("c" * 32, "d" * 32),
    "seq": (1, 2, 3, 2**40),
    "head": ("e" * 64,),
    "result": ("begun", "nothing"),
    "changes": (0, 2),
    "version": (VERSION,),
    "proof": ("0" * 64,),
}
_odd: st.SearchStrategy[Any] = st.recursive(
    st.none()
    | st.booleans()
    | st.sampled_from((-(2**63), -1, 0, 0.5, 2**31, 2**70, float("inf"), float("nan")))
    | st.sampled_from(("", "x", "../../etc/passwd", "\x00", "\u202e", "x" * 5_000))
    | st.text(max_size=40),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=9), inner),
    max_leaves=12,
)


def _value(name: str) -> st.SearchStrategy[Any]:
    """Return mostly what may stand there, and sometimes anything."""
    right = st.sampled_from(_RIGHT[name]) if name in _RIGHT else _odd
    return st.integers(0, 19).flatmap(lambda draw: right if draw else _odd)


def _message(kind: type[Message]) -> st.SearchStrategy[bytes]:
    names = [item.name for item in fields(kind) if str(item.type) != "bytes"]
    sizes = st.sampled_from(_SIZES) if len(names) < len(fields(kind)) else st.just(0)
    data = st.fixed_dictionaries({name: _value(name) for name in names})
    return st.builds(_event, st.just(kind.KIND), data, sizes, st.integers(0, 200))


def _event(kind: str, data: dict[str, Any], payload: int, odd: int) -> bytes:
    header: dict[str, Any] = {"type": kind, "data": data}
    if payload:
        header["payload_length"] = payload
    match odd:
        case 0:
            header["payload_length"] = -1
        case 1:
            header["data_length"] = 2**40
        case 2:
            header["data"] = [data]
        case 3:
            header["type"] = data
    line = json.dumps(header).encode(errors="surrogatepass")
    return line[: 64 * 1024] + b"\n" + b"\x01\x30" * (payload // 2) + b"\x01" * (payload % 2)


def _kinds(base: type[Message]) -> list[type[Message]]:
    return [kind for each in base.__subclasses__() for kind in (each, *_kinds(each))]


_broken = st.one_of(
    st.binary(min_size=1, max_size=600),
    st.just(b"{" * 4_000 + b"\n"),
    st.just(b"x" * (ROOM_LIMITS.header + 1)),
    st.just(b'{"type": "ping"}\n' * 2_000),
)

of_owner: st.SearchStrategy[list[bytes]] = st.lists(
    st.one_of(
        *(
            _message(kind)
            for kind in _kinds(Message)
            # One that is right would end the link for good.
            if kind.__module__ in _OF_HOME and kind is not Unpair
        )
    )
    | _broken,
    min_size=1,
    max_size=40,
)
"""One link's worth, the greeting left out."""

of_pairing: st.SearchStrategy[list[bytes]] = st.lists(
    st.one_of(
        *(_message(kind) for kind in _PAIRING),
        st.builds(
            lambda nonce, size: _event(
                PairHello.KIND, {"version": VERSION, "nonce": nonce}, size, odd=9
            ),
            st.just("0" * 64),
            st.sampled_from((1, 300, PAIRING_LIMITS.payload)),
        ),
        st.just(_event(PairProof.KIND, {"proof": "0" * 64}, 0, odd=9)),
        _broken,
    ),
    min_size=1,
    max_size=5,
)
"""One try to pair."""
