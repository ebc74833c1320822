"""Which sentences Earshot answers itself, as any engine may write them down."""

from pathlib import Path

import pytest
import yaml
from hassil import parse_sentence
from hassil.sample import sample_sentence

from custom_components.earshot.voice.numbers import number_of
from custom_components.earshot.voice.spoken_sentences import (
    SENTENCES,
    Command,
    Spoken,
    understand,
)

GRAMMAR = Path(__file__).parents[2] / "satellite/earshot_speech/templates/en.yaml"


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Delete what I just said.", Spoken.DELETE_LAST),
        ("DELETE THAT!", Spoken.DELETE_LAST),
        ("delete  that", Spoken.DELETE_LAST),
        ("Please forget what I said", Spoken.DELETE_LAST),
        ("Can you erase my last command, please?", Spoken.DELETE_LAST),
        ("Delete everything I said today.", Spoken.DELETE_TODAY),
        ("delete all that we said today", Spoken.DELETE_TODAY),
        ("erase today\u2019s recordings", Spoken.DELETE_TODAY),
        ("What did you hear?", Spoken.WHAT_HEARD),
        ("tell me what you just heard", Spoken.WHAT_HEARD),
        ("Are you recording me?", Spoken.RECORDING),
        ("are you listening", Spoken.RECORDING),
        ("That wasn't for you.", Spoken.NOT_FOR_YOU),
        ("That wasn\u2019t for you", Spoken.NOT_FOR_YOU),
        ("that was not meant for you", Spoken.NOT_FOR_YOU),
        ("I wasn't talking to you!", Spoken.NOT_FOR_YOU),
        ("turn guest mode on", Spoken.GUEST_ON),
        ("Guest mode.", Spoken.GUEST_ON),
        ("Turn off guest mode.", Spoken.GUEST_OFF),
        ("guest mode off", Spoken.GUEST_OFF),
        ("Who can hear this room?", Spoken.WHO_CAN_HEAR),
        ("who may listen to my recordings", Spoken.WHO_CAN_HEAR),
        ("Has anyone listened?", Spoken.WHO_LISTENED),
        ("who has listened to us", Spoken.WHO_LISTENED),
        ("stop listening", Spoken.STOP_LISTENING),
    ],
)
def test_understood(text: str, kind: Spoken) -> None:
    assert understand(text) == Command(kind)


@pytest.mark.parametrize(
    ("text", "minutes"),
    [
        ("stop listening for ten minutes", 10),
        ("Stop listening for 10 minutes.", 10),
        ("Stop listening for one minute", 1),
        ("stop listening for twenty-five minutes", 25),
        ("stop listening for one hundred and twenty minutes", 120),
        ("stop listening for an hour", 60),
        ("stop listening for half an hour", 30),
        ("stop listening for two and a half hours", 150),
        ("please don't listen for 3 hours", 180),
        ("mute yourself for five minutes", 5),
        ("stop listening for 9000 minutes", 9_000),
        ("stop listening for a few minutes", None),
    ],
)
def test_for_a_time(text: str, minutes: int | None) -> None:
    assert understand(text) == Command(Spoken.STOP_LISTENING, timed=True, minutes=minutes)


def test_guest_mode_for_some_hours() -> None:
    assert understand("Guest mode on for three hours") == Command(
        Spoken.GUEST_ON, timed=True, minutes=180
    )


@pytest.mark.parametrize(
    "text",
    [
        "",
        "delete",
        "delete that from the shopping list",
        "forget it",
        "forget that",
        "what did you hear about the weather",
        "are you recording the football game",
        "add that wasn't for you to the shopping list",
        "turn on the kitchen light",
        "start listening",
        "unmute yourself",
        "keep what I just said",
        "x" * 10_000,
        "stop listening for ten minutes " * 50,
    ],
)
def test_left_to_the_agent(text: str) -> None:
    assert understand(text) is None


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("one", 1),
        ("ninety nine", 99),
        ("nineteen", 19),
        ("a hundred and five", 105),
        ("seven hundred twenty", 720),
        ("0", None),
        ("zero", None),
        ("twenty twenty", None),
        ("nineteen one", None),
        ("five five", None),
        ("ten one", None),
        ("hundred", None),
        ("12345", None),
        ("-5", 5),
        ("²", None),
        ("", None),
    ],
)
def test_numbers(text: str, number: float | None) -> None:
    assert number_of(text) == number


def test_every_template_is_one_kind_only() -> None:
    for kind, sentences in SENTENCES.items():
        for template in sentences:
            for said in sample_sentence(parse_sentence(template.replace("{amount}", "seven"))):
                command = understand(said)
                assert command is not None, said
                assert command.kind is kind, said


def test_what_our_own_recogniser_can_hear_is_understood() -> None:
    """A sentence that is heard and then not understood is worse than one that is not heard."""
    blocks = yaml.safe_load(GRAMMAR.read_text(encoding="utf-8"))["blocks"]
    heard = set()
    for template in next(it["sentences"] for it in blocks if it.get("answered_by") == "earshot"):
        plain = template.replace("{timer_minutes}", "seven").replace("{timer_hours}", "two")
        for said in sample_sentence(parse_sentence(plain)):
            command = understand(said)
            assert command is not None, said
            assert command.timed == (command.minutes is not None), said
            heard.add(command.kind)
    assert heard == set(Spoken)
