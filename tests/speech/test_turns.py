"""Whole utterances through a real service: what was said, and when it is over."""

from __future__ import annotations

import asyncio

import pytest

from earshot_wire.speech import Result

from .client import RATE, Samples, recognise, room, silence, speech
from .conftest import Service

AFTER = silence(4_500)


SPOKEN = 1.0
FAST = 8.0
"""Faster than anything is decoded: what is the end is a matter of the audio, not of the machine."""


def ask(
    service: Service,
    *parts: Samples,
    wake_phrase: str = "",
    max_s: float = 15.0,
    pace: float = FAST,
) -> Result:
    heard = room(*parts)
    return asyncio.run(
        recognise(service.port, heard, wake_phrase=wake_phrase, max_s=max_s, pace=pace)
    )


@pytest.mark.parametrize("voice", ["slt", "rms", "awb", "kal16"])
def test_a_finished_command_ends_as_soon_as_it_is_decoded(service: Service, voice: str) -> None:
    """How soon that is, the bench tells: a machine with much else to do decodes later."""
    result = ask(service, silence(300), speech("turn on the kitchen light", voice), AFTER)
    assert (result.kind, result.text) == ("command", "turn on the kitchen light")
    assert result.ending == "terminal"


def test_a_command_that_may_go_on_waits_longer(service: Service) -> None:
    result = ask(service, silence(300), speech("turn off the lights", "rms"), AFTER)
    assert (result.text, result.ending) == ("turn off the lights", "extendable")
    assert result.heard_ms - result.speech_end_ms >= 600


def test_a_pause_in_an_incomplete_sentence_is_not_cut(service: Service) -> None:
    """Nobody stops after "turn on"."""
    parts = speech("turn on", "rms"), silence(400), speech("the kitchen light", "rms")
    result = ask(service, silence(300), *parts, AFTER)
    assert (result.text, result.ending) == ("turn on the kitchen light", "terminal")


def test_a_pause_in_a_sentence_that_could_be_over_is_not_cut(service: Service) -> None:
    """ "Set a timer for five minutes" may go on: "and thirty seconds"."""
    first = speech("set a timer for five minutes", "rms")
    result = ask(service, silence(300), first, silence(400), speech("thirty seconds", "rms"), AFTER)
    assert result.text == "set a timer for five minutes thirty seconds"


@pytest.mark.parametrize("pace", [SPOKEN, FAST])
def test_what_follows_a_terminal_pause_of_400_ms_is_another_utterance(
    service: Service, pace: float
) -> None:
    """The class decides, not what follows, even where that came before the decoding was done."""
    said = speech("turn on the kitchen light", "rms")
    result = ask(service, silence(300), said, silence(400), said, AFTER, pace=pace)
    assert (result.text, result.ending) == ("turn on the kitchen light", "terminal")
    assert result.speech_end_ms < 300 + 1000 * len(said) // RATE + 200


@pytest.mark.parametrize("kept_ms", [120, 250, 400])
def test_the_tail_of_the_wake_word_is_not_part_of_the_command(
    service: Service, kept_ms: int
) -> None:
    """The audio begins in the wake word, and the command follows without a pause."""
    whole = speech("hey jarvis turn on the kitchen light", "rms")
    wake = len(speech("hey jarvis", "rms")) - RATE // 20
    cut = whole[wake - kept_ms * RATE // 1000 :]
    result = ask(service, cut, AFTER, wake_phrase="hey jarvis")
    assert result.text == "turn on the kitchen light"


def test_silence_after_the_wake_word_is_no_speech(service: Service) -> None:
    tail = speech("hey jarvis", "rms")[-RATE * 3 // 10 :]
    result = ask(service, tail, AFTER, wake_phrase="hey jarvis")
    assert (result.kind, result.text) == ("no_speech", "")
    assert 3_000 <= result.heard_ms <= 4_500


@pytest.mark.parametrize(
    "sentence",
    [
        "did you see the game last night",
        "we should call your mother on sunday",
        "she opened the letter and started to cry",
    ],
)
def test_other_speech_is_no_command(service: Service, sentence: str) -> None:
    result = ask(service, silence(300), speech(sentence, "rms"), AFTER)
    assert (result.kind, result.text) == ("not_command", "")


@pytest.mark.parametrize(
    ("broken_off", "voice"),
    [
        ("switch off the bedroom", "slt"),
        ("turn off the bedroom", "awb"),
        ("set the kitchen light to", "rms"),
        ("activate movie", "awb"),
        ("turn on the kitchen", "kal16"),
    ],
)
def test_a_command_that_breaks_off_is_not_completed(
    service: Service, broken_off: str, voice: str
) -> None:
    """Each was obeyed, with its last words found in the quiet after it: "lamp", "two"."""
    result = ask(service, silence(300), speech(broken_off, voice), AFTER)
    assert (result.kind, result.text, result.ending) == ("not_command", "", "incomplete")


def test_a_command_longer_than_the_limit_ends_at_it(service: Service) -> None:
    parts = [speech("did you see the game last night", "rms")] * 3
    result = ask(service, *parts, AFTER, max_s=3.0)
    assert result.ending == "limit"
    assert 3_000 <= result.heard_ms <= 4_000


def test_a_client_that_stops_gets_what_was_said(service: Service) -> None:
    audio = room(silence(300), speech("lock the front door", "rms"))
    result = asyncio.run(recognise(service.port, audio, stop=True, pace=4.0))
    assert (result.text, result.ending) == ("lock the front door", "stopped")


def test_a_louder_room(service: Service) -> None:
    audio = room(silence(500), speech("turn on the kitchen light", "rms"), AFTER, noise_db=-48)
    result = asyncio.run(recognise(service.port, audio, pace=FAST))
    assert (result.text, result.ending) == ("turn on the kitchen light", "terminal")


def test_two_rooms_at_once(service: Service) -> None:
    async def both() -> list[Result]:
        said = [speech("turn on the kitchen light", "rms"), speech("lock the front door", "kal16")]
        return await asyncio.gather(
            *(recognise(service.port, room(silence(300), part, AFTER), pace=FAST) for part in said)
        )

    texts = [result.text for result in asyncio.run(both())]
    assert texts == ["turn on the kitchen light", "lock the front door"]


def test_nothing_of_what_was_said_is_logged(service: Service) -> None:
    service.new_lines()
    ask(service, silence(300), speech("turn on the kitchen light", "rms"), AFTER)
    log = "\n".join(service.new_lines()).lower()
    assert "kitchen" not in log
