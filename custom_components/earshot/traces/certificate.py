"""What was found after each deletion, kept without a word of what was deleted."""

import json
import secrets
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final, Self

from ..vault import files
from .model import Report

CERTIFICATES: Final = "certificates.json"
_KEPT: Final = 200
_MAX_BYTES: Final = 4 * 1024 * 1024


@dataclass(frozen=True, kw_only=True)
class Certificate:
    """One deletion: how much it took, and what the check of every place said right after it."""

    id: str
    when: datetime
    captures: int
    report: Report

    @classmethod
    def new(cls, when: datetime, captures: int, report: Report) -> Self:
        """Make one, with an id of its own."""
        return cls(id=secrets.token_hex(8), when=when, captures=captures, report=report)

    def as_dict(self) -> dict[str, Any]:
        """Return it for JSON."""
        return {
            "id": self.id,
            "when": self.when.isoformat(),
            "captures": self.captures,
            "report": self.report.as_dict(),
        }

    @classmethod
    def from_dict(cls, raw: dict[str, Any]) -> Self:
        """Return what `as_dict` made; raises `KeyError`, `TypeError` and `ValueError`."""
        return cls(
            id=str(raw["id"]),
            when=datetime.fromisoformat(raw["when"]),
            captures=int(raw["captures"]),
            report=Report.from_dict(raw["report"]),
        )


@dataclass(frozen=True)
class Certificates:
    """The newest certificates, in the vault's folder. For one thread at a time."""

    folder: Path

    def all(self) -> tuple[Certificate, ...]:
        """Return them, the oldest first; those that cannot be read are left out."""
        found = []
        for raw in self._read():
            try:
                found.append(Certificate.from_dict(raw))
            except KeyError, TypeError, ValueError:
                continue
        return tuple(found)

    def add(self, certificate: Certificate) -> None:
        """Keep one more, and let go of the oldest; raises `OSError`."""
        kept = [each.as_dict() for each in (*self.all(), certificate)][-_KEPT:]
        files.write(self.folder / CERTIFICATES, json.dumps(kept).encode())

    def _read(self) -> list[dict[str, Any]]:
        try:
            with (self.folder / CERTIFICATES).open("rb") as file:
                raw = json.loads(file.read(_MAX_BYTES))
        except OSError, ValueError:
            return []
        return raw if isinstance(raw, list) else []
