"""Nonsense from those whom a satellite listens to: its own home, and whoever tries to pair.

A home is trusted, but a broken one must not break the room; blocking, in a thread of its own.
"""

from __future__ import annotations

import contextlib
import itertools
import random
import socket
import ssl
import time
from collections.abc import Callable

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from custom_components.earshot.wire.framing import encode_event
from custom_components.earshot.wire.greeting import Hello
from custom_components.earshot.wire.identity import Trust
from custom_components.earshot.wire.limits import VERSION
from custom_components.earshot.wire.tls import paired_client, pairing_client

from ..ports import HOST
from .nonsense import of_owner, of_pairing

_CONNECT_S = 5.0
_READ_S = 0.01
_HELLO = encode_event(Hello(version=VERSION, owner="fuzz").event())


class _OverError(BaseException):
    """The time is over. Hypothesis looks into other exceptions."""


def as_owner(port: int, trust: Trust, seconds: float) -> int:
    """Be a broken home for so long; return how many links it was let in with."""
    context = paired_client(trust)
    return _until(seconds, of_owner, lambda lines: _talk(port, context, [_HELLO, *lines], HOST))


def while_pairing(port: int, seconds: float) -> int:
    """Be all kinds of broken homes that try to pair; return how many tries were heard."""
    context, chance = pairing_client(), random.Random(1)  # noqa: S311 - nothing secret

    def talk(lines: list[bytes]) -> bool:
        # From everywhere: one address would soon be turned away unheard.
        own = f"127.{chance.randrange(1, 255)}.{chance.randrange(256)}.{chance.randrange(1, 255)}"
        return _talk(port, context, lines, own)

    return _until(seconds, of_pairing, talk)


def _until(
    seconds: float, lines: st.SearchStrategy[list[bytes]], talk: Callable[[list[bytes]], bool]
) -> int:
    until = time.monotonic() + seconds
    heard = 0

    # Without one, hypothesis tells that of an end by the clock as if it were a find.
    @seed(1)
    @settings(
        max_examples=1_000_000,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(lines)
    def attack(said: list[bytes]) -> None:
        nonlocal heard
        if time.monotonic() > until:
            raise _OverError
        heard += talk(said)

    with contextlib.suppress(_OverError):
        attack()
    return heard


def _talk(port: int, context: ssl.SSLContext, lines: list[bytes], own: str) -> bool:
    """Say it all over one connection; return whether there was one."""
    try:
        plain = socket.create_connection((HOST, port), _CONNECT_S, (own, 0))
    except OSError:
        return False
    with plain, contextlib.suppress(OSError), context.wrap_socket(plain) as link:
        for number, line in zip(itertools.count(), lines):
            link.settimeout(_CONNECT_S)
            link.sendall(line)
            # Sometimes it does not read at all.
            if len(lines) % 5 or not number:
                link.settimeout(_READ_S)
                with contextlib.suppress(TimeoutError):
                    link.recv(65_536)
        return True
    return False
