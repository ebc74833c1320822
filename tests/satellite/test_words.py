"""Which words are listened for, how readily, and that home's choice is kept."""

from __future__ import annotations

from pathlib import Path

import pytest

from earshot_satellite.settings import WakeSettings
from earshot_satellite.state import StateFolder
from earshot_satellite.wake.cascade import Sensitivity
from earshot_satellite.words import Choice, Words

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
