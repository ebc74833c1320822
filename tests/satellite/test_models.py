"""Which words there are, own models, and broken files: a clear error that names the file."""

from __future__ import annotations

import hashlib
import json
import shutil
import tomllib
from pathlib import Path

import pytest

from earshot_satellite.wake.models import (
    MICRO_PACKAGE,
    ModelError,
    builtin_words,
    find_word,
    package_folder,
)


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """Copy a model that somebody trained himself."""
    folder = package_folder(MICRO_PACKAGE)
    assert folder is not None
    shutil.copy(folder / "models/hey_jarvis.tflite", tmp_path / "hey_jarvis.tflite")
    description = json.loads((folder / "models/hey_jarvis.json").read_text())
    (tmp_path / "my word.json").write_text(json.dumps(description | {"wake_word": "My word"}))
    return tmp_path / "my word.json"


def test_the_four_words_of_both_families_are_there() -> None:
    words = builtin_words()
    for name in ("hey_jarvis", "okay_nabu", "alexa", "hey_mycroft"):
        assert words[name].micro
        assert words[name].head
    assert words["hey_jarvis"].phrase == "Hey Jarvis"
    assert words["hey_rhasspy"].micro is None


def test_an_own_model_is_named_by_its_path(own: Path) -> None:
    word = find_word(str(own))
    assert (word.id, word.phrase, word.head) == ("my_word", "My word", None)
    assert word.micro
    assert word.micro.path == own.parent / "hey_jarvis.tflite"


def test_a_tflite_alone_is_an_openwakeword_model(own: Path) -> None:
    word = find_word(str(own.parent / "hey_jarvis.tflite"))
    assert (word.micro, word.head) == (None, own.parent / "hey_jarvis.tflite")


def test_an_unknown_word_lists_those_there_are() -> None:
    with pytest.raises(ModelError, match="hey_jarvis"):
        find_word("hey_travis")


@pytest.mark.parametrize("name", ["models/x.json", "../x.tflite", "", "Hey Jarvis", "/etc/passwd"])
def test_names_that_are_no_model(name: str) -> None:
    with pytest.raises(ModelError):
        find_word(name)


@pytest.mark.parametrize(
    "change",
    [
        {"model": "../hey_jarvis.tflite"},
        {"model": "/etc/passwd"},
        {"model": 1},
        {"wake_word": ""},
        {"wake_word": None},
        {"wake_word": "hey\u0007jarvis"},
        {"micro": None},
        {"micro": {"probability_cutoff": 2, "sliding_window_size": 5}},
        {"micro": {"probability_cutoff": "nan", "sliding_window_size": 5}},
        {"micro": {"probability_cutoff": 0.9, "sliding_window_size": 10**9}},
        {"micro": {"probability_cutoff": 0.9, "sliding_window_size": 5, "feature_step_size": 20}},
    ],
)
def test_a_wrong_description_is_refused_by_name(own: Path, change: dict[str, object]) -> None:
    own.write_text(json.dumps(json.loads(own.read_text()) | change))
    with pytest.raises(ModelError) as caught:
        find_word(str(own))
    assert caught.value.path == own


@pytest.mark.parametrize("content", [b"", b"[]", b"null", b"{", b"\xff\xfe", b" " * 70_000])
def test_garbage_instead_of_a_description(own: Path, content: bytes) -> None:
    own.write_bytes(content)
    with pytest.raises(ModelError):
        find_word(str(own))


MANIFEST = Path(__file__).parents[2] / "models/wake.toml"


@pytest.mark.parametrize(
    "section",
    [it for it in tomllib.loads(MANIFEST.read_text()).items() if it[0] != "download"],
    ids=lambda it: it[0],
)
def test_the_manifest_lists_the_files_that_are_used(section: tuple[str, dict[str, object]]) -> None:
    _, listed = section
    package = str(listed["package"]).split()[0].replace("-", "_")
    folder = package_folder(package)
    assert folder is not None
    digests = {
        file.stem: hashlib.sha256(file.read_bytes()).hexdigest()
        for file in (folder / "models").glob("*.tflite")
    }
    sha256 = listed["sha256"]
    assert isinstance(sha256, dict)
    assert sha256.items() <= digests.items()
    assert listed["licence"]
