"""Which words are listened for, how readily, and that home's choice is kept."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from earshot_satellite.settings import WakeSettings
from earshot_satellite.state import StateFolder
from earshot_satellite.wake.cascade import Sensitivity
from earshot_satellite.words import Choice, Words, mistyped

SETTINGS = WakeSettings(
    words=("hey_jarvis", "alexa"), sensitivity="low", word_sensitivity={"alexa": "high"}
)


def told(words: Words) -> dict[str, str]:
    return {each.id: each.sensitivity for each in words.offered}


def test_the_settings_hold_until_home_chooses() -> None:
    words = Words(SETTINGS, None)
    assert words.active == words.active_ids == ("hey_jarvis", "alexa")
    assert words.sensitivities == {"hey_jarvis": Sensitivity.LOW, "alexa": Sensitivity.HIGH}
    assert told(words)["okay_nabu"] == "low"


def test_a_sensitivity_that_home_chose_holds_and_the_others_stay() -> None:
    words = Words(SETTINGS, None)
    assert words.choose(Choice(("alexa",), {"alexa": Sensitivity.MEDIUM}))
    assert words.choose(Choice(("alexa", "okay_nabu"), {"okay_nabu": Sensitivity.HIGH}))
    assert words.sensitivities == {"alexa": Sensitivity.MEDIUM, "okay_nabu": Sensitivity.HIGH}
    assert told(words)["hey_jarvis"] == "low"


@pytest.mark.parametrize(
    "choice",
    [
        Choice(()),
        Choice(("no_such_word",)),
        Choice(("alexa",), {"no_such_word": Sensitivity.LOW}),
        Choice(("/etc/passwd",)),
    ],
)
def test_what_cannot_be_chosen_changes_nothing(choice: Choice) -> None:
    words = Words(SETTINGS, None)
    assert not words.choose(choice)
    assert words.active == ("hey_jarvis", "alexa")


def test_what_is_left_of_a_choice_is_heard() -> None:
    """A word that home chose may be removed since; the room goes on with the others."""
    levels = {"alexa": Sensitivity.MEDIUM, "removed": Sensitivity.LOW}
    words = Words(SETTINGS, Choice(("removed", "alexa"), levels))
    assert words.gone == ("removed",)
    assert words.sensitivities == {"alexa": Sensitivity.MEDIUM}
    assert words.choose(Choice(("okay_nabu",)))
    assert words.gone == ()
    nothing_left = Words(SETTINGS, Choice(("removed",), {"alexa": Sensitivity.MEDIUM}))
    assert nothing_left.gone == ("removed",)
    assert nothing_left.active == ("hey_jarvis", "alexa")


def test_a_mistyped_name_is_told_with_the_names_there_are() -> None:
    settings = WakeSettings(
        words=("hey_jarvis", "hey_javis", "/models/own.tflite"),
        word_sensitivity={"nabu": "low", "~/own.tflite": "high"},
        stop_word="stop",
    )
    meant, to_install, others = mistyped(settings)
    assert meant.startswith("[wake] words: hey_javis ")
    assert "did you mean hey_jarvis?" in meant
    assert "models install stop" in to_install
    assert "alexa" in others
    assert mistyped(SETTINGS) == []


def test_it_does_not_start_with_a_mistyped_name(tmp_path: Path) -> None:
    """Else it would run and hear nothing, and somebody would talk to it for an evening."""
    file = tmp_path / "satellite.toml"
    file.write_text(f'[wake]\nwords = ["hey_javis"]\n[state]\nfolder = "{tmp_path}/state"\n')
    done = subprocess.run(
        [sys.executable, "-m", "earshot_satellite", "run", "--config", file],
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    # The status that a service is not started again with.
    assert done.returncode == 2
    assert "did you mean hey_jarvis?" in done.stderr
    assert not (tmp_path / "state").exists()


def test_a_choice_survives_a_restart_and_ends_with_other_settings(tmp_path: Path) -> None:
    folder = StateFolder(tmp_path)
    words = Words(SETTINGS, None)
    words.choose(Choice(("alexa",), {"alexa": Sensitivity.LOW}))
    folder.write_words(words.choice, SETTINGS.words)
    again = Words(SETTINGS, folder.words(SETTINGS.words))
    assert again.sensitivities == {"alexa": Sensitivity.LOW}
    assert folder.words(("okay_nabu",)) is None


@pytest.mark.parametrize(
    "levels", ['"x"', "[]", "null", '{"alexa": "loud"}', '{"alexa": 3}', '{"alexa": []}']
)
def test_nonsense_in_the_file_is_left_out(tmp_path: Path, levels: str) -> None:
    (tmp_path / "words.json").write_text(
        f'{{"active": ["alexa"], "settings": ["alexa"], "sensitivities": {levels}}}'
    )
    assert StateFolder(tmp_path).words(("alexa",)) == Choice(("alexa",), {})


def test_a_model_of_ones_own_has_its_sensitivity_by_its_path(tmp_path: Path) -> None:
    from earshot_satellite.wake.models import find_word

    head = find_word("alexa").head
    assert head
    own = tmp_path / "my_word.tflite"
    own.write_bytes(head.read_bytes())
    words = Words(WakeSettings(words=(str(own),), word_sensitivity={str(own): "high"}), None)
    assert words.active_ids == ("my_word",)
    assert words.sensitivities == {str(own): Sensitivity.HIGH}
    assert told(words)["my_word"] == "high"
