"""Settings that cannot be used are told by name, before anything starts."""

from __future__ import annotations

from pathlib import Path

import pytest

from earshot_speech.settings import Link, SettingsError, load


def test_a_file(tmp_path: Path) -> None:
    file = tmp_path / "speech.toml"
    file.write_text('[link]\nport = 10400\n[recognition]\nsensitivity = 1\n[voice]\nname = "x"\n')
    settings = load(file)
    assert settings.link == Link(port=10_400)
    assert settings.recognition.sensitivity == 1.0
    assert settings.voice.name == "x"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[link]\nprot = 1\n", "prot"),
        ("[lnik]\n", "lnik"),
        ("link = 3\n", "[link]"),
        ("[link]\nport = 'x'\n", "link.port"),
        ("[link]\nport = true\n", "link.port"),
        ("[link]\nport = 70000\n", "70000"),
        ("[voice]\nengine = 'nobody'\n", "nobody"),
        ("[recognition]\nsensitivity = 2.0\n", "sensitivity"),
        ("not toml", "TOML"),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, text: str, told: str) -> None:
    file = tmp_path / "speech.toml"
    file.write_text(text)
    with pytest.raises(SettingsError) as error:
        load(file)
    assert told in str(error.value)


def test_the_network_only_when_paired_or_allowed() -> None:
    assert Link().address(paired=False) == "127.0.0.1"
    assert Link().address(paired=True) == ""
    assert Link(open=True).address(paired=False) == ""
    assert Link(host="127.0.0.1", open=True).address(paired=True) == "127.0.0.1"
