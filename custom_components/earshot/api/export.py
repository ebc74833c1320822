"""An export: a zip made while it is sent, of which never more than one capture is in memory."""

import io
import json
import zipfile
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field, replace
from typing import Any, Final, Self, override

import probatio as vol
from homeassistant.helpers.json import JSONEncoder
from homeassistant.util import dt as dt_util
from homeassistant.util import slugify

from ..audit import AuditError, Verb
from ..policy.access import Act
from ..vault import Capture, VaultError
from ..vault.views import MAX_PAGE, Query, Selection
from . import fields
from .ask import Ask
from .errors import ApiError, RefusedError
from .rooms import sort_rooms

MAX_CAPTURES: Final = 1_000
MAX_BYTES: Final = 1024**3
FIELDS: Final = vol.Schema(
    fields.SPAN | {vol.Optional("ids"): fields.set_of(fields.capture_id, fields.MAX_IDS)}
)
_SUFFIX: Final = {"audio/flac": "flac", "audio/wav": "wav"}
_READ_ME: Final = (
    "What Earshot kept, exported on {when}.\n"
    "These copies are yours now: when Earshot deletes its own, these stay.\n"
    "index.json tells the same to programs.\n\n"
)


@dataclass
class Export:
    """Captures on their way out. Each has its line in the log before its first byte."""

    ask: Ask
    ids: list[str]
    _index: list[dict[str, Any]] = field(default_factory=list, repr=False)

    @classmethod
    async def async_of(cls, ask: Ask, wanted: dict[str, Any]) -> Self:
        """Find what may be exported.

        Raises `ApiError`: something that was named may not be, or it is more than one export holds.
        """
        ask.demand_person()
        if (ids := wanted.get("ids")) is not None:
            return cls(ask, [(await ask.capture(Act.EXPORT, it)).id for it in sorted(ids)])
        rooms = sort_rooms(ask, Act.EXPORT, wanted.get("rooms"))
        for room_id, verdict in rooms.refused.items():
            if not rooms.allowed or "rooms" in wanted:
                ask.refuse(verdict, room_id)
        span = {key: wanted.get(key) for key in ("since", "until", "outcomes")}
        vault = await ask.vault()
        counts = await vault.async_count(Selection(rooms=rooms.allowed, **span, pinned=True))
        if (
            sum(it.captures for it in counts.values()) > MAX_CAPTURES
            or sum(it.bytes for it in counts.values()) > MAX_BYTES
        ):
            raise ApiError("export_too_large", most=str(MAX_CAPTURES))
        query: Query | None = Query(rooms=rooms.allowed, **span, limit=MAX_PAGE)
        found: list[str] = []
        while query is not None and len(found) <= MAX_CAPTURES:
            page = await vault.async_page(query, ask.house.reading())
            found += (it.id for it in page.items if ask.verdict_of(Act.EXPORT, it).allowed)
            query = replace(query, cursor=page.cursor) if page.cursor else None
        return cls(ask, found)

    async def pieces(self) -> AsyncGenerator[bytes]:
        """Yield the zip. What cannot be exported after all is in the index, with the reason."""
        pipe = _Pipe()
        with zipfile.ZipFile(pipe, "w") as archive:
            for capture_id in self.ids:
                try:
                    capture = await self._opened(capture_id)
                except AuditError:
                    # No line, no listen: neither of this one nor of those after it.
                    self._index.append({"id": capture_id, "left_out": "audit_failed"})
                    break
                except (RefusedError, VaultError) as err:
                    self._index.append({"id": capture_id, "left_out": err.code})
                    continue
                self._add(archive, capture)
                yield pipe.take()
            self._finish(archive)
        yield pipe.take()

    async def _opened(self, capture_id: str) -> Capture:
        """Return a capture after a line says that it was exported; the rules are asked anew."""
        found = await self.ask.capture(Act.EXPORT, capture_id)
        vault = await self.ask.vault()
        capture = await vault.async_read(capture_id, self.ask.house.reading(), self.ask.private)
        await self.ask.write(Verb.EXPORTED, found.room_id, capture_id)
        return capture

    def _add(self, archive: zipfile.ZipFile, capture: Capture) -> None:
        room = self.ask.room_name(capture.room_id)
        name = f"{capture.started:%Y-%m-%dT%H-%M-%SZ}_{slugify(room)}_{capture.id[:8]}"
        entry: dict[str, Any] = {
            "id": capture.id,
            "room": room,
            "started": capture.started.isoformat(),
            "outcome": capture.outcome,
            "transcript": capture.transcript,
            "audio": None,
        }
        if capture.audio is not None:
            entry["audio"] = f"{name}.{_SUFFIX.get(capture.audio_type or '', 'bin')}"
            archive.writestr(entry["audio"], capture.audio)
        if capture.record is not None:
            _write_json(archive, f"{name}.json", capture.record)
        self._index.append(entry)

    def _finish(self, archive: zipfile.ZipFile) -> None:
        _write_json(archive, "index.json", self._index)
        lines = [
            f"{it['id']}: left out ({it['left_out']})"
            if "left_out" in it
            else f"{it['started']}  {it['room']}  {it['outcome']}"
            f"  {it['transcript'] or '(no words kept)'}  {it['audio'] or '(no audio kept)'}"
            for it in self._index
        ]
        text = _READ_ME.format(when=dt_util.now().isoformat(timespec="seconds"))
        archive.writestr("index.txt", text + "\n".join(lines) + "\n", zipfile.ZIP_DEFLATED)


class _Pipe(io.RawIOBase):
    """What the zip is written to: what is in it is taken out piece by piece."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []

    @override
    def writable(self) -> bool:
        return True

    @override
    def write(self, data: Any) -> int:
        self._pieces.append(bytes(data))
        return len(data)

    def take(self) -> bytes:
        """Return what was written since."""
        taken, self._pieces = b"".join(self._pieces), []
        return taken


def _write_json(archive: zipfile.ZipFile, name: str, data: Any) -> None:
    text = json.dumps(data, cls=JSONEncoder, indent=1, ensure_ascii=False)
    archive.writestr(name, text, zipfile.ZIP_DEFLATED)
