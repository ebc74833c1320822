"""Nonsense at the satellite's port, by the thousand: it must go on, say nothing and not grow."""

from __future__ import annotations

import asyncio
import contextlib
import json
import random
import time

from ..ports import HOST

_CHUNK_S = 1.0
_VALID = (
    {"type": "earshot-hello", "data": {"version": 1, "owner": "fuzz"}},
    {"type": "earshot-listen", "data": {"turn": "0123456789abcdef", "max_s": 15.0}},
    {"type": "earshot-set-mute", "data": {"muted": False, "nonce": "1"}},
    {"type": "earshot-announce", "data": {"turn": "0123456789abcdef"}},
    {"type": "audio-start", "data": {"turn": "0123456789abcdef", "rate": 22050}},
    {"type": "earshot-set-wake-words", "data": {"words": ["hey_jarvis"]}},
    {"type": "earshot-store-phrase", "data": {"id": "x", "rate": 16000}, "payload_length": 64},
    {"type": "run-satellite"},
    {"type": "describe"},
    {"type": "ping", "data": {"text": "x"}},
)
_ODD: tuple[object, ...] = (
    *(None, -1, 1e309, "", "x" * 5000, [], {}, [[[]]] * 50, True, 2**70, "\x00", "../../etc"),
)


async def fuzz(port: int, seconds: float, seed: int = 1) -> int:
    """Send mutated messages for so long; return how many connections took some."""
    chance = random.Random(seed)  # noqa: S311 - nothing secret
    until = time.monotonic() + seconds
    connections = 0
    while time.monotonic() < until:
        with contextlib.suppress(OSError, TimeoutError):
            async with asyncio.timeout(_CHUNK_S):
                # From everywhere: one address would soon be turned away unheard.
                own = f"127.{chance.randint(1, 254)}.{chance.randint(0, 255)}.2"
                reader, writer = await asyncio.open_connection(HOST, port, local_addr=(own, 0))
                connections += 1
                try:
                    for _ in range(chance.randint(1, 8)):
                        writer.write(_nonsense(chance))
                        await writer.drain()
                    await reader.read(65_536)
                finally:
                    writer.transport.abort()
    return connections


def _nonsense(chance: random.Random) -> bytes:
    match chance.randrange(4):
        case 0:
            return chance.randbytes(chance.randint(1, 4096))
        case 1:
            return json.dumps(_bent(chance)).encode() + b"\n" + chance.randbytes(64)
        case 2:
            raw = bytearray(json.dumps(_bent(chance)).encode() + b"\n")
            for _ in range(chance.randint(1, 8)):
                raw[chance.randrange(len(raw))] = chance.randrange(256)
            return bytes(raw)
        case _:
            # A TLS hello that goes wrong after its head.
            return b"\x16\x03\x01" + chance.randbytes(chance.randint(2, 600))


def _bent(chance: random.Random) -> dict[str, object]:
    """Return a message with something in it that should not be."""
    message: dict[str, object] = json.loads(json.dumps(chance.choice(_VALID)))
    odd = chance.choice(_ODD)
    place = chance.choice(["type", "data", "data_length", "payload_length", "field", "nothing"])
    data = message.get("data")
    if place == "field" and isinstance(data, dict) and data:
        data[chance.choice(list(data))] = odd
    elif place != "nothing":
        message[place] = odd
    return message
