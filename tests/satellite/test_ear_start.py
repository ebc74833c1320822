"""An ear that the system cannot start is an error like any other, so that it is tried again."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from earshot_satellite.ear.process import EarError, EarProcess
from earshot_satellite.ear.settings import EarSettings


async def test_a_failed_start_of_the_process_is_an_ear_error(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """It was an OSError, which ended the keeper: the ear was never started again."""
    monkeypatch.setattr(sys, "executable", str(tmp_path / "missing"))
    ear = EarProcess(EarSettings(device=None, words=("hey_jarvis",)))
    with pytest.raises(EarError) as caught:
        await ear.start()
    assert caught.value.code == "ear_failed"
    assert (await ear.stop()).gone
