"""The model manager: nothing counts before its checksum was compared and it was tried."""

from __future__ import annotations

import hashlib
import json
import shutil
import urllib.error
import urllib.request
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from earshot_satellite.checked_files import InstallError, OnlyThere
from earshot_satellite.cli import main
from earshot_satellite.settings import WakeSettings
from earshot_satellite.wake.install import (
    Known,
    install_from,
    install_known,
    manifest,
    may_fetch,
    remove,
)
from earshot_satellite.wake.models import MICRO_PACKAGE, find_word, known_words, package_folder
from earshot_satellite.words import Choice, Words

HOSTS = frozenset({"github.com"})


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Install into a folder of the test's own."""
    monkeypatch.setenv("EARSHOT_WAKE", str(tmp_path / "wake"))
    return tmp_path / "wake"


@pytest.fixture
def files(tmp_path: Path) -> Path:
    """Have a word to install: another one under the name of "halt"."""
    package = package_folder(MICRO_PACKAGE)
    assert package
    given = tmp_path / "given"
    given.mkdir()
    shutil.copy(package / "models/alexa.tflite", given / "halt.tflite")
    told = json.loads((package / "models/alexa.json").read_text())
    (given / "halt.json").write_text(
        json.dumps(told | {"wake_word": "Halt", "model": "halt.tflite"})
    )
    return given


def silent(*_: object) -> None:
    """Show nobody how far it is."""


def digest(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


def test_an_installed_word_can_be_chosen_and_removed(files: Path, folder: Path) -> None:
    word = install_from("halt", files, digest(files / "halt.tflite"))
    assert word.phrase == "Halt"
    assert find_word("halt").micro
    words = Words(WakeSettings(), None)
    assert "halt" in {each.id for each in words.offered}
    assert words.choose(Choice(("hey_jarvis", "halt")))
    assert sorted(it.name for it in folder.iterdir()) == ["halt.json", "halt.tflite"]
    remove("halt")
    assert list(folder.iterdir()) == []
    assert "halt" not in known_words()


def test_a_wrong_checksum_leaves_what_was_there(files: Path, folder: Path) -> None:
    good = digest(files / "halt.tflite")
    install_from("halt", files, good)
    (files / "halt.tflite").write_bytes(b"something else")
    with pytest.raises(InstallError, match="checksum"):
        install_from("halt", files, good)
    assert digest(folder / "halt.tflite") == good
    assert sorted(it.name for it in folder.iterdir()) == ["halt.json", "halt.tflite"]


@pytest.mark.parametrize(
    ("name", "says"),
    [("../halt", "id"), ("Halt", "id"), ("", "id"), ("a/b", "id"), ("no_such", "missing")],
)
def test_a_name_that_could_be_a_path_is_refused(files: Path, name: str, says: str) -> None:
    with pytest.raises(InstallError, match=says):
        install_from(name, files, "0" * 64)
    if name != "no_such":
        with pytest.raises(InstallError, match=says):
            remove(name)


def test_what_is_no_model_is_not_installed_whatever_its_checksum(files: Path, folder: Path) -> None:
    model = files / "halt.tflite"
    model.write_bytes(b"\x1c\0\0\0TFL3" + bytes(500))
    with pytest.raises(InstallError, match="not a model that can be used"):
        install_from("halt", files, digest(model))
    model.write_bytes(bytes(5 * 1024 * 1024))
    with pytest.raises(InstallError, match="larger than"):
        install_from("halt", files, digest(model))
    assert list(folder.iterdir()) == []


def test_what_the_manifest_cannot_vouch_for_is_not_downloaded() -> None:
    known = manifest()
    assert set(known.licences) >= {"microwakeword", "openwakeword"}
    assert known.licences["openwakeword"].startswith("CC BY-NC-SA")
    for word in known.words.values():
        assert may_fetch(word.source, known.hosts)
        if not word.verified:
            with pytest.raises(InstallError, match="no verified checksum"):
                install_known(word, known.hosts, silent)


def test_the_stop_word_can_be_fetched() -> None:
    assert manifest().words["stop"].verified


def test_no_network_is_told_with_the_remedy(folder: Path) -> None:
    """Nobody listens on this port of loopback."""
    word = Known("stop", "stop", "?", "https://localhost/", "0" * 64, "0" * 64)
    with pytest.raises(InstallError, match="--from FOLDER"):
        install_known(word, {"localhost"}, silent)
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize(
    "address",
    [
        "http://github.com/x", "ftp://github.com/x", "file:///etc/passwd", "https://evil.test/x",
        "https://github.com.evil.test/x", "https://github.com:8443/x", "https://u:p@github.com/x",
        "https://github.com:bad/x", "", "github.com/x",
    ],
)  # fmt: skip
def test_only_https_from_the_list(address: str) -> None:
    assert not may_fetch(address, HOSTS)
    request = urllib.request.Request("https://github.com/x")
    only_there = OnlyThere(lambda each: may_fetch(each, HOSTS))
    with pytest.raises(urllib.error.URLError):
        only_there.redirect_request(request, None, 302, "", {}, address)  # type: ignore[arg-type]
    with pytest.raises(InstallError, match="broken"):
        manifest(
            f'[download]\nhosts = ["github.com"]\n[download.words.x]\nsource = "{address}"\n'
            'phrase = ""\nlicence = ""\nsha256_config = ""\nsha256_model = ""\n'
        )


@given(st.text(max_size=200))
def test_a_broken_list_is_told(text: str) -> None:
    with pytest.raises(InstallError):
        manifest(text)


def test_what_is_in_the_list_must_be_what_the_list_promises(
    files: Path, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Both files, and nobody's own checksum in the place of the list's."""
    for suffix in (".tflite", ".json"):
        shutil.copy(files / f"halt{suffix}", files / f"stop{suffix}")
    assert main(["models", "install", "stop", "--from", str(files)]) == 3
    assert "checksum" in capsys.readouterr().err
    own = digest(files / "stop.tflite")
    assert main(["models", "install", "stop", "--from", str(files), "--sha256", own]) == 3
    assert "another name" in capsys.readouterr().err
    assert list(folder.glob("*")) == []


def test_the_command(files: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["models", "install", "mine", "--from", str(files)]) == 3
    assert "--sha256" in capsys.readouterr().err
    sha256 = digest(files / "halt.tflite")
    assert main(["models", "install", "halt", "--from", str(files), "--sha256", sha256]) == 0
    capsys.readouterr()
    assert main(["models", "list"]) == 0
    told = capsys.readouterr().out
    assert "halt             installed" in told
    assert "openWakeWord: CC BY-NC-SA 4.0" in told
    assert main(["models", "remove", "halt"]) == 0
    assert main(["models", "remove", "hey_jarvis"]) == 3
    assert "cannot be removed" in capsys.readouterr().err
