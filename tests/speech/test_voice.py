"""Voices: sentences, espeak-ng, and Piper with a tiny voice of our own."""

from __future__ import annotations

import asyncio
import hashlib
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from earshot_satellite.checked_files import InstallError
from earshot_speech.cli import main
from earshot_speech.settings import Voice
from earshot_speech.voice.choose import choose
from earshot_speech.voice.espeak import Espeak
from earshot_speech.voice.install import Known, install_from, install_known, manifest
from earshot_speech.voice.installed import installed
from earshot_speech.voice.piper import Piper
from earshot_speech.voice.sentences import MAX_SENTENCE, sentences
from earshot_speech.voice.speaker import Sound, Speaker, VoiceError
from plugins.downloads import source

from .tiny_voice import write_voice


@pytest.fixture
def voices(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("EARSHOT_VOICES", str(tmp_path / "voices"))
    return tmp_path / "voices"


def said_by(speaker: Speaker, text: str) -> list[Sound]:
    async def speak() -> list[Sound]:
        return [sound async for sound in speaker.say(text)]

    return asyncio.run(speak())


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("The light is on.", ["The light is on."]),
        ("It is nine. Good night!", ["It is nine.", "Good night!"]),
        ("It is 21.5 degrees. Dr. Who is in.", ["It is 21.5 degrees.", "Dr. Who is in."]),
        ("one\ntwo", ["one", "two"]),
        ("... !", []),
        ("", []),
    ],
)
def test_sentences(text: str, parts: list[str]) -> None:
    assert sentences(text) == parts


def test_no_sentence_is_too_long() -> None:
    parts = sentences("word, " * 400 + "x" * 700)
    assert all(0 < len(part) <= MAX_SENTENCE for part in parts)
    assert "".join(parts).count("word") == 400


def test_espeak_speaks() -> None:
    sounds = said_by(Espeak(), "The kitchen light is on.")
    assert {sound.rate for sound in sounds} == {22_050}
    assert 0.8 < sum(len(sound.pcm) for sound in sounds) / 44_100 < 4.0


def test_the_text_is_not_on_a_command_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every user of the machine can read command lines."""
    fake = tmp_path / "espeak-ng"
    fake.write_text(
        f'#!{sys.executable}\nimport sys\nopen("{tmp_path}/argv", "w").write(repr(sys.argv))\n'
    )
    fake.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(VoiceError):
        said_by(Espeak(), "secret words")
    assert "secret" not in (tmp_path / "argv").read_text()


def test_without_espeak_the_remedy_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(VoiceError, match="apt install espeak-ng"):
        Espeak()


def test_a_piper_voice_speaks(tmp_path: Path) -> None:
    """The real piper-tts and onnxruntime."""
    sounds = said_by(Piper(write_voice(tmp_path, "tiny")), "The light is on.")
    assert {sound.rate for sound in sounds} == {16_000}
    assert sum(len(sound.pcm) for sound in sounds) > 3_200


def test_a_broken_piper_voice_is_an_error_not_a_crash(tmp_path: Path) -> None:
    model = write_voice(tmp_path, "tiny")
    model.write_bytes(model.read_bytes()[:100])
    with pytest.raises(VoiceError) as error:
        Piper(model)
    assert error.value.code == "voice_broken"


def test_an_installed_voice_is_taken_by_itself(voices: Path) -> None:
    assert choose(Voice()).about.name == "espeak-ng"
    voices.mkdir()
    write_voice(voices, "tiny")
    assert choose(Voice()).about.name == "tiny"
    assert choose(Voice(engine="espeak")).about.name == "espeak-ng"
    with pytest.raises(VoiceError, match="voices list"):
        choose(Voice(name="other"))


def test_what_nobody_named_never_keeps_the_service_from_speaking(
    voices: Path, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    """Two voices, a broken one: espeak-ng speaks, and the log says why."""
    voices.mkdir()
    write_voice(voices, "one").write_bytes(b"no voice")
    assert choose(Voice()).about.name == "espeak-ng"
    assert "one.onnx" in caplog.text
    write_voice(voices, "one")
    write_voice(voices, "two")
    assert choose(Voice()).about.name == "espeak-ng"
    assert "[voice] name" in caplog.text
    with pytest.raises(VoiceError, match="name one"):
        choose(Voice(engine="piper"))
    assert choose(Voice(name="two")).about.name == "two"


def test_a_file_that_is_no_voice_is_not_installed(voices: Path, tmp_path: Path) -> None:
    model = write_voice(tmp_path, "tiny")
    model.write_bytes(b"no voice" * 100)
    digest = hashlib.sha256(model.read_bytes()).hexdigest()
    with pytest.raises(InstallError, match="not a voice that can be used"):
        install_from("tiny", tmp_path, digest)
    assert list(voices.iterdir()) == []


def test_the_next_step_is_told(
    voices: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def install(name: str) -> str:
        digest = hashlib.sha256(write_voice(tmp_path, name).read_bytes()).hexdigest()
        words = ["voices", "install", name, "--from", str(tmp_path), "--sha256", digest]
        assert main(words) == 0
        return capsys.readouterr().out

    assert "restart earshot-speech" in install("one")
    assert '[voice] name = "two"' in install("two")
    monkeypatch.setitem(sys.modules, "piper", None)
    monkeypatch.setattr("earshot_speech.cli.tools.find_spec", lambda _: None)
    assert 'install "piper-tts' in install("three")


def test_a_voice_of_the_list_must_be_what_the_list_promises(voices: Path, tmp_path: Path) -> None:
    name = "en_US-bryce-medium"
    digest = hashlib.sha256(write_voice(tmp_path, name).read_bytes()).hexdigest()
    with pytest.raises(InstallError, match="another name"):
        install_from(name, tmp_path, digest)
    with pytest.raises(InstallError, match="checksum"):
        install_from(name, tmp_path, manifest()[name].sha256_model)


def test_install_compares_the_checksum(voices: Path, tmp_path: Path) -> None:
    model = write_voice(tmp_path, "tiny")
    digest = hashlib.sha256(model.read_bytes()).hexdigest()
    with pytest.raises(InstallError, match="checksum"):
        install_from("tiny", tmp_path, "0" * 64)
    assert installed() == {}
    assert list(voices.iterdir()) == []
    install_from("tiny", tmp_path, digest)
    assert list(installed()) == ["tiny"]
    assert main(["voices", "remove", "tiny"]) == 0
    assert installed() == {}


def test_a_folder_is_no_voice(voices: Path) -> None:
    (voices / "x.onnx").mkdir(parents=True)
    (voices / "x.onnx.json").write_text("{}")
    assert installed() == {}
    assert main(["voices", "remove", "x"]) == 2


@pytest.mark.parametrize("name", ["../tiny", "a/b", "", ".hidden", "x" * 80])
def test_a_name_cannot_lead_elsewhere(voices: Path, tmp_path: Path, name: str) -> None:
    with pytest.raises(InstallError, match="letters"):
        install_from(name, tmp_path, "0" * 64)


def test_without_a_network_the_remedy_is_named(
    voices: Path, unused_tcp_port_factory: Callable[[], int]
) -> None:
    voice = Known(
        name="tiny",
        description="",
        licence="",
        source=f"https://127.0.0.1:{unused_tcp_port_factory()}/",
        sha256_model="0" * 64,
        sha256_config="0" * 64,
    )
    with pytest.raises(InstallError, match="--from FOLDER"):
        install_known(voice, lambda *_: None)
    assert list(voices.iterdir()) == []


@pytest.mark.parametrize("wrong", ["", "sha256_model", "sha256_config"])
def test_a_voice_is_fetched_when_both_files_are_what_was_promised(
    voices: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, wrong: str
) -> None:
    model = write_voice(tmp_path, "tiny")
    files = {"model": model.read_bytes(), "config": Path(f"{model}.json").read_bytes()}
    digests = {f"sha256_{key}": hashlib.sha256(it).hexdigest() for key, it in files.items()}
    if wrong:
        digests[wrong] = "0" * 64
    with source(tmp_path, monkeypatch) as net:
        net.answers |= {"/tiny.onnx": files["model"], "/tiny.onnx.json": files["config"]}
        voice = Known("tiny", "", "", net.address, **digests)
        if wrong:
            with pytest.raises(InstallError, match="checksum"):
                install_known(voice, lambda *_: None)
            assert list(voices.iterdir()) == []
        else:
            install_known(voice, lambda *_: None)
            assert list(installed()) == ["tiny"]
            assert said_by(choose(Voice()), "It is on.")


def test_every_voice_of_the_list_can_be_fetched(
    voices: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert all(voice.verified and voice.licence for voice in manifest().values())
    assert main(["voices", "list"]) == 0
    told = capsys.readouterr().out
    assert all(voice.description in told for voice in manifest().values())


def test_a_voice_without_a_known_checksum_is_not_downloaded(voices: Path) -> None:
    voice = Known("tiny", "", "", "https://localhost/", sha256_model="", sha256_config="0" * 64)
    with pytest.raises(InstallError, match="--sha256"):
        install_known(voice, lambda *_: None)


def test_the_list_of_voices_takes_only_https() -> None:
    with pytest.raises(InstallError):
        manifest(
            '[x]\ndescription=""\nlicence=""\nsource="http://h/"\nsha256_model=""\nsha256_config=""'
        )
