"""What a broken program would send that speaks our messages: hypothesis makes it.

Kinds and fields are ours, so that it gets past the first look; values are wrong, of the wrong kind,
too large, or right at the wrong time.
"""

from __future__ import annotations

import json
from dataclasses import fields
from typing import Any

from hypothesis import strategies as st

from custom_components.earshot.wire import (  # noqa: F401 - known are the kinds of what is imported
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
_PAIRING = (PairHello, PairProof, PairKept)
_TEXTS = (
    *TURNS,
    *("hey_jarvis", "alexa", "hey_nobody", "low", "high", "asked", "question", "follow_up"),
    *("not_understood", "failed", "understood", "false_wake", "announced", "begun", "ended"),
    *("", "x", "0" * 32, "f" * 64, "e" * 65, "../../etc/passwd", "\x00", "\u202e", "x" * 5_000),
)
_NUMBERS = (-(2**63), -1, 0, 1, 2, 16, 250, 16_000, 22_050, 44_100, 48_000, 600_000, 2**31, 2**70)
_REALS = (-1e9, -20.0, -0.1, 0.0, 0.3, 1.0, 6.5, 15.0, 1e9, float("inf"), float("nan"))
_SIZES = (0, 1, 2, 3, 320, 2_048, 8_192, 65_536, ROOM_LIMITS.payload, ROOM_LIMITS.payload + 1)

_text = st.sampled_from(_TEXTS) | st.text(max_size=40)
_number = st.sampled_from(_NUMBERS) | st.integers(0, 3_000)
_real = st.sampled_from(_REALS)
_any: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | _number | _real | _text,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_text, inner, max_size=4),
    max_leaves=12,
)
_FITTING: dict[str, st.SearchStrategy[Any]] = {
    "str": _text,
    "int": _number,
    "float": _real | _number,
    "bool": st.booleans(),
}


def _value(kind: str) -> st.SearchStrategy[Any]:
    """Return mostly what is of that kind, and sometimes anything."""
    fitting = _FITTING.get(kind, st.lists(_text | st.dictionaries(_text, _any, max_size=4)))
    return st.one_of(fitting, fitting, fitting, _any)


def _message(kind: type[Message]) -> st.SearchStrategy[bytes]:
    data = {item.name: _value(str(item.type)) for item in fields(kind) if str(item.type) != "bytes"}
    if "version" in data:
        data["version"] |= st.just(VERSION)
    return st.builds(
        _event,
        st.just(kind.KIND),
        st.fixed_dictionaries({}, optional=data) | st.fixed_dictionaries(data),
        st.sampled_from(_SIZES) if len(data) < len(fields(kind)) else st.just(0),
        st.integers(0, 40),
    )


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
            if kind is not Unpair and kind not in _PAIRING
        )
    )
    | _broken,
    min_size=1,
    max_size=12,
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
