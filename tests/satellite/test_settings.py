"""Settings: what does not fit is told in one line that names file, key and remedy."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from earshot_satellite.cli import main
from earshot_satellite.settings import SettingsError, load


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[link]\nprot = 1", "[link] prot is no setting; did you mean port?"),
        ("[links]\nport = 1", "[links] is no section; did you mean link?"),
        ("link = 1", "link must be a section: write [link]"),
        ('[link]\nport = "10700"', "[link] port must be a whole number from 1 to 65534"),
        ("[link]\nport = true", "[link] port must be a whole number"),
        ("[link]\nport = 70000", "[link] port must be a whole number from 1 to 65534"),
        ('[link]\nopen = "yes"', "[link] open must be true or false"),
        ("[speaker]\nvolume = 2", "[speaker] volume must be a number from 0 to 1"),
        ("[speaker]\nvolume = nan", "[speaker] volume must be a number from 0 to 1"),
        ("[wake]\nwords = []", "[wake] words must be a list of one to 8"),
        ('[wake]\nwords = ["../x"]', "[wake] words must be a list of one to 8"),
        ('[wake]\nsensitivity = "max"', "[wake] sensitivity must be one of: low, medium, high"),
        ('[wake]\nword_sensitivity = { alexa = "loud" }', "[wake] word_sensitivity must name wake"),
        ('[wake]\nstop_word = "../x"', "[wake] stop_word has characters that are not allowed"),
        ("[session]\nmax_utterance_s = 16", "max_utterance_s must be a number from 1 to 15"),
        ('[satellite]\nname = "a\\u0007b"', "[satellite] name must be at most 64 printable"),
        ("[link", "is not valid TOML"),
    ],
)
def test_a_fault_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str, says: str
) -> None:
    file = tmp_path / "satellite.toml"
    file.write_text(text)
    assert main(["run", "--config", str(file)]) == 2
    error = capsys.readouterr().err
    assert says in error
    assert error.count("\n") == 1
    assert "Traceback" not in error


def test_all_faults_are_told_at_once(tmp_path: Path) -> None:
    file = tmp_path / "satellite.toml"
    file.write_text("[link]\nport = 0\n[speaker]\nvolume = 9\n[what]\n")
    with pytest.raises(SettingsError) as caught:
        load(file, {})
    assert len(caught.value.faults) == 3
    assert all(str(file) in fault for fault in caught.value.faults)


def test_a_file_that_is_named_must_exist(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="no such file"):
        load(tmp_path / "none.toml", {})


def test_flags_win_over_the_file(tmp_path: Path) -> None:
    file = tmp_path / "satellite.toml"
    file.write_text('[link]\nport = 1\nopen = true\n[satellite]\nname = "File"\n')
    settings = load(file, {"link": {"port": 2, "host": "0.0.0.0"}})
    assert (settings.link.port, settings.link.host, settings.satellite.name) == (
        2,
        "0.0.0.0",
        "File",
    )


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
        max_leaves=5,
    ),
    st.sampled_from(["satellite.name", "link.port", "link.open", "speaker.volume", "wake.words"]),
)
def test_no_value_breaks_it(value: object, place: str) -> None:
    section, key = place.split(".")
    try:
        settings = load(None, {section: {key: value}})
    except SettingsError as err:
        told = err.faults[0]
    else:
        told = f"[{place.replace('.', '] ')} {hash(settings)}"
    assert place.replace(".", "] ") in told


def test_it_listens_on_every_address_unless_one_is_named() -> None:
    assert not load(None, {}).link.address
    assert load(None, {"link": {"host": "127.0.0.1"}}).link.address == "127.0.0.1"
