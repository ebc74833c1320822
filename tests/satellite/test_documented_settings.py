"""The settings that docs/ shows are all there are, with the defaults they have."""

from __future__ import annotations

import tomllib
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any

import pytest

import earshot_satellite.settings as satellite
import earshot_speech.settings as speech

DOCS = Path(__file__).parents[2] / "docs"


def _plain(settings: Any) -> Any:
    if is_dataclass(settings):
        return {item.name: _plain(getattr(settings, item.name)) for item in fields(settings)}
    return list(settings) if isinstance(settings, tuple) else settings


@pytest.mark.parametrize(
    ("file", "defaults"),
    [("satellite.toml", satellite.Settings()), ("speech.toml", speech.Settings())],
)
def test_the_documented_settings_are_the_defaults(file: str, defaults: Any) -> None:
    assert tomllib.loads((DOCS / file).read_text()) == _plain(defaults)


def test_the_documented_file_of_the_satellite_loads() -> None:
    assert satellite.load(DOCS / "satellite.toml", {}) == satellite.Settings()


def test_the_documented_file_of_the_speech_service_loads() -> None:
    assert speech.load(DOCS / "speech.toml") == speech.Settings()
