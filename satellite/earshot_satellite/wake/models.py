"""Which wake words there are, and the files behind each.

Nothing is loaded or imported from the model packages here: the body lists words without numpy.
"""

from __future__ import annotations

import importlib.util
import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .installed import folders

MICRO_PACKAGE = "pymicro_wakeword"
OPEN_PACKAGE = "pyopen_wakeword"

_SHARED = frozenset({"melspectrogram", "embedding_model"})
_ID = re.compile(r"[a-z0-9][a-z0-9_]{0,63}")
_MAX_CONFIG = 65_536


class ModelError(Exception):
    """A model file is missing, broken or of another kind; `path` names it."""

    def __init__(self, path: Path, why: str) -> None:
        super().__init__(f"{path}: {why}")
        self.path = path
        self.why = why


@dataclass(frozen=True)
class MicroModel:
    """A microWakeWord model: `cutoff` (0 to 1) and `window` (outputs averaged) are its makers'."""

    path: Path
    cutoff: float
    window: int


@dataclass(frozen=True)
class WakeWord:
    """A word and the models that know it; at least one of the two is there."""

    id: str
    phrase: str
    micro: MicroModel | None = None
    head: Path | None = None


def package_folder(package: str) -> Path | None:
    """Where an installed package lies, without importing it."""
    spec = importlib.util.find_spec(package)
    places = spec.submodule_search_locations if spec else None
    return Path(next(iter(places))) if places else None


def open_folder() -> Path:
    """Find openWakeWord's shared graphs. Raises ModelError when it is not installed."""
    folder = package_folder(OPEN_PACKAGE)
    if folder is None:
        raise ModelError(Path(OPEN_PACKAGE), "not installed; install pyopen-wakeword")
    return folder / "models"


def builtin_words() -> dict[str, WakeWord]:
    """Every word of the installed packages, by id."""
    words: dict[str, WakeWord] = {}
    micro, opened = package_folder(MICRO_PACKAGE), package_folder(OPEN_PACKAGE)
    heads = {
        path.stem: path
        for path in (opened.glob("models/*.tflite") if opened else ())
        if path.stem not in _SHARED
    }
    for config in sorted(micro.glob("models/*.json") if micro else ()):
        words[config.stem] = _micro_word(config, heads.pop(config.stem, None))
    for name, head in sorted(heads.items()):
        words[name] = WakeWord(name, name.replace("_", " ").title(), head=head)
    return words


def installed_words() -> dict[str, WakeWord]:
    """Every word that somebody installed, by id; files that are no model are left out."""
    words: dict[str, WakeWord] = {}
    for folder in folders():
        for model in sorted(folder.glob("*.tflite")):
            if not _ID.fullmatch(model.stem) or model.stem in words:
                continue
            config = model.with_suffix(".json")
            try:
                words[model.stem] = (
                    _micro_word(config, None)
                    if config.exists()
                    else WakeWord(model.stem, model.stem.replace("_", " ").title(), head=model)
                )
            except ModelError:
                continue
    return words


def known_words() -> dict[str, WakeWord]:
    """Every word that needs no path, by id; an installed one counts before a package's."""
    return builtin_words() | installed_words()


def find_word(name: str) -> WakeWord:
    """Find the word a setting means: an id of `known_words`, or the path of an own model.

    An own microWakeWord model is named by its `.json` (or the `.tflite` beside it), an own
    openWakeWord model by its `.tflite`. Raises ModelError.
    """
    if _ID.fullmatch(name):
        words = known_words()
        if name in words:
            return words[name]
        raise ModelError(Path(name), f"not a wake word; there are: {', '.join(words)}")
    path = Path(name).expanduser()
    if not path.is_absolute() or path.suffix not in {".json", ".tflite"}:
        raise ModelError(path, "not a wake word, nor the whole path of a .json or .tflite file")
    config = path.with_suffix(".json")
    if path.suffix == ".json" or config.exists():
        return _micro_word(config, None)
    return WakeWord(_own_id(path), path.stem.replace("_", " ").title(), head=path)


def _own_id(path: Path) -> str:
    name = re.sub(r"[^a-z0-9]+", "_", path.stem.lower()).strip("_")
    if not _ID.fullmatch(name):
        raise ModelError(path, "its name needs letters or digits")
    return name


def _micro_word(config: Path, head: Path | None) -> WakeWord:
    try:
        with config.open("rb") as file:
            raw = file.read(_MAX_CONFIG + 1)
        told: Any = json.loads(raw) if len(raw) <= _MAX_CONFIG else None
        micro = told["micro"]
        phrase, model = told["wake_word"], told["model"]
        cutoff, window = float(micro["probability_cutoff"]), int(micro["sliding_window_size"])
        step = int(micro.get("feature_step_size", 10))
    except OSError as err:
        raise ModelError(config, err.strerror or "cannot be read") from err
    except (ValueError, TypeError, KeyError, AttributeError) as err:
        raise ModelError(config, "not a microWakeWord description") from err
    if not isinstance(phrase, str) or not 0 < len(phrase) <= 100 or not phrase.isprintable():
        raise ModelError(config, "its wake_word is not a phrase")
    if not isinstance(model, str) or Path(model).name != model:
        raise ModelError(config, "its model is not the name of a file beside it")
    if step != 10 or not 0 < cutoff < 1 or not 1 <= window <= 100:
        raise ModelError(config, "its cutoff, window or feature step cannot be used")
    return WakeWord(
        _own_id(config), phrase, MicroModel(config.parent / model, cutoff, window), head
    )
