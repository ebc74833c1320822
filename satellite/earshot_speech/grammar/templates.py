"""The service's own sentence templates, written for what Home Assistant's intents understand."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

import yaml


@dataclass(frozen=True)
class Block:
    """Templates about the same kind of things."""

    domains: tuple[str, ...]
    """Domains that `{name}` stands for; empty when the templates have no name."""

    requires: tuple[str, ...]
    """Domains of which the home must have one for these templates to be of use."""

    templates: tuple[str, ...]

    answered_by: str = ""
    """Who understands them, when it is not Home Assistant's own intents."""


@dataclass(frozen=True)
class Templates:
    """A template file."""

    rules: dict[str, str]
    lists: dict[str, tuple[str, ...]]
    ranges: dict[str, tuple[int, int, int]]
    """First, last and step of lists of numbers."""

    blocks: tuple[Block, ...]


@cache
def load(language: str = "en") -> Templates:
    """Return the templates of a language; raises ValueError when there are none."""
    file = resources.files("earshot_speech") / "templates" / f"{language}.yaml"
    if language != "en" or not file.is_file():
        raise ValueError(f"no templates for the language {language!r}")
    data: dict[str, Any] = yaml.safe_load(file.read_text(encoding="utf-8"))
    return Templates(
        rules=dict(data["rules"]),
        lists={name: tuple(values) for name, values in data["lists"].items()},
        ranges={name: (r["from"], r["to"], r.get("step", 1)) for name, r in data["ranges"].items()},
        blocks=tuple(
            Block(
                domains=tuple(block.get("names", ())),
                requires=tuple(block.get("requires", ())),
                templates=tuple(block["sentences"]),
                answered_by=block.get("answered_by", ""),
            )
            for block in data["blocks"]
        ),
    )
