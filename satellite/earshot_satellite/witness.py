"""What this satellite remembers of Home Assistant's log of listening: heads, only ever added.

`witness.log` in the state folder is a row of records, each on the disk before the next is taken:
chain (16 bytes), number of the line (8), head (32), and the CRC-32 of these, all big endian.
"""

from __future__ import annotations

import os
import struct
import threading
import zlib
from pathlib import Path

from earshot_wire.witness import MAX_CHAINS, MAX_HEADS, Witness, WitnessHeads, pack

from .durable import write_durable

FILE = "witness.log"

_RECORD = struct.Struct(">16sQ32s")
_CHECK = struct.Struct(">I")
_SIZE = _RECORD.size + _CHECK.size
_MORE = 1_000
"""So many heads over the limit, the file is written anew: not at each one."""

Head = tuple[int, bytes]


class WitnessFile:
    """The heads, on disk. Its methods block, and may be called from any thread."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / FILE
        self._using = threading.Lock()
        self._last: dict[bytes, int] | None = None
        """Of each chain the last line heard of; the chain heard of last is the last."""

        self._count = 0

    def add(self, told: Witness) -> None:
        """Remember a head. Raises `OSError`; then it is not remembered.

        A line at or before the last one of its chain was told before: what was said then stays.
        """
        chain = bytes.fromhex(told.chain)
        with self._using:
            last = self._load()
            if told.seq <= last.get(chain, 0):
                return
            if self._count >= MAX_HEADS + _MORE or (chain not in last and len(last) >= MAX_CHAINS):
                self._write_anew(chain)
            try:
                if not self._count:
                    self._write([])
                self._append(chain, told.seq, bytes.fromhex(told.head))
            except OSError:
                # What there is now is not known: half a record is left out at the next look.
                self._last = None
                raise
            last = self._load()
            last.pop(chain, None)
            last[chain] = told.seq
            self._count += 1

    def tell(self, nonce: str) -> list[WitnessHeads]:
        """Return all that is remembered, a message for each chain. Raises `OSError`."""
        with self._using:
            heads = _by_chain(self._records()[-MAX_HEADS:])
        if not heads:
            return [WitnessHeads(nonce=nonce, chain="", left=0, heads=b"")]
        return [
            WitnessHeads(
                nonce=nonce, chain=chain.hex(), left=len(heads) - number, heads=pack(heads[chain])
            )
            for number, chain in enumerate(heads, 1)
        ]

    def _load(self) -> dict[bytes, int]:
        if self._last is None:
            records = self._records()
            if self._size() != len(records) * _SIZE:
                # A crash left half a record, or something is damaged: the rest is kept.
                self._write(records)
            self._last = {}
            for chain, seq, _ in records:
                self._last.pop(chain, None)
                self._last[chain] = seq
            self._count = len(records)
        return self._last

    def _write_anew(self, chain: bytes) -> None:
        """Keep the last heads, and of as many chains as may be beside this one."""
        known = [it for it in self._load() if it != chain][-(MAX_CHAINS - 1) :]
        self._write([it for it in self._records() if it[0] in {chain, *known}][-MAX_HEADS:])
        self._last = None

    def _records(self) -> list[tuple[bytes, int, bytes]]:
        try:
            raw = self._file.read_bytes()
        except FileNotFoundError:
            return []
        whole = (raw[at : at + _SIZE] for at in range(0, len(raw) - _SIZE + 1, _SIZE))
        return [
            _RECORD.unpack_from(each)
            for each in whole
            if _CHECK.unpack_from(each, _RECORD.size)[0] == zlib.crc32(each[: _RECORD.size])
        ]

    def _size(self) -> int:
        try:
            return self._file.stat().st_size
        except FileNotFoundError:
            return 0

    def _append(self, chain: bytes, seq: int, head: bytes) -> None:
        handle = os.open(self._file, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
        try:
            record = _packed(chain, seq, head)
            if os.write(handle, record) != len(record):
                raise OSError(None, "the disk is full")
            os.fsync(handle)
        finally:
            os.close(handle)

    def _write(self, records: list[tuple[bytes, int, bytes]]) -> None:
        write_durable(self._file, b"".join(_packed(*record) for record in records))


def _packed(chain: bytes, seq: int, head: bytes) -> bytes:
    record = _RECORD.pack(chain, seq, head)
    return record + _CHECK.pack(zlib.crc32(record))


def _by_chain(records: list[tuple[bytes, int, bytes]]) -> dict[bytes, list[Head]]:
    chains: dict[bytes, list[Head]] = {}
    for chain, seq, head in records:
        chains.setdefault(chain, []).append((seq, head))
    return dict(list(chains.items())[-MAX_CHAINS:])
