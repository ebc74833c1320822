"""The key of a pairing comes from a process of its own, and what goes wrong with that is told."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from earshot_satellite.link import new_key
from earshot_satellite.link.new_key import NewKeyError, make_key
from earshot_wire.identity import Trust, make_identity
from earshot_wire.tls import paired_client, paired_server


async def test_the_key_is_one_that_a_link_can_be_made_with() -> None:
    made = await make_key()
    other = make_identity()
    paired_server(Trust(made, other.certificate))
    paired_client(Trust(other, made.certificate))
    assert made != await make_key()


@pytest.mark.parametrize(
    ("program", "told"),
    [
        ("#!/bin/sh\nexit 3\n", "status 3"),
        ("#!/bin/sh\necho nonsense\n", "status 0"),
        ("#!/bin/sh\nexec sleep 60\n", "try again"),
        ("#!/nowhere\n", "free some memory"),
    ],
)
async def test_without_a_key_there_is_a_reason(
    program: str, told: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    python = tmp_path / "python"
    python.write_text(program)
    python.chmod(0o700)
    monkeypatch.setattr(sys, "executable", str(python))
    monkeypatch.setattr(new_key, "_MAKING_S", 0.5)
    with pytest.raises(NewKeyError, match=told):
        await make_key()


def test_the_satellite_can_ask_for_one_without_loading_what_makes_it() -> None:
    code = "import sys, earshot_satellite.link.new_key; print(*sys.modules)"
    told = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=30
    )
    assert "cryptography" not in told.stdout.split()
