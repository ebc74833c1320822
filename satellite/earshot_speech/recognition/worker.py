"""A process that decodes. PocketSphinx holds Python's lock, so it cannot share one with a server.

It reads requests on standard input and answers each on standard output, as Wyoming events:
`grammar` loads one, `words` and `phones` decode the payload; a process that was started as the
`rival` knows `rival` only. It ends when standard input does, and keeps nothing of what it decoded.
"""

from __future__ import annotations

import contextlib
import dataclasses
import signal
import sys
from typing import Any, BinaryIO

from wyoming.event import Event, read_event, write_event

from earshot_satellite.hygiene import forbid_dumps

from ..grammar.automaton import Dfa
from .decoder import Decoder, Piece
from .rival import Rival


def main() -> None:
    """Answer until standard input ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    forbid_dumps()
    with contextlib.suppress(BrokenPipeError):
        serve(sys.stdin.buffer, sys.stdout.buffer, rival=sys.argv[1:] == ["rival"])


def serve(requests: BinaryIO, answers: BinaryIO, *, rival: bool = False) -> None:
    """Answer requests one after the other."""
    decoder = Rival() if rival else Decoder()
    write_event(Event("ready"), answers)
    while (request := read_event(requests)) is not None:
        if isinstance(decoder, Rival):
            answer = _pieces(decoder.decode(request.payload or b""))
        else:
            answer = _answer(decoder, request)
        write_event(answer, answers)


def _answer(decoder: Decoder, request: Event) -> Event:
    data = request.data
    if request.type == "grammar":
        decoder.add(data["key"], *_grammar(data))
        return Event("loaded")
    if request.type == "words" and not decoder.has(data["key"]):
        return Event("unknown")
    pcm = request.payload or b""
    if request.type == "phones":
        return _pieces(decoder.phones(pcm))
    return _pieces(decoder.decode(data["key"], pcm))


def _pieces(pieces: list[Piece]) -> Event:
    return Event("pieces", {"pieces": [dataclasses.astuple(piece) for piece in pieces]})


def _grammar(data: dict[str, Any]) -> tuple[Any, ...]:
    dfa = Dfa(tuple(data["arcs"]), frozenset(data["finals"]))
    said = {word: tuple(map(tuple, variants)) for word, variants in data["said"].items()}
    return dfa, said, tuple(map(tuple, data["wake"]))


if __name__ == "__main__":
    main()
