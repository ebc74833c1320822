"""When an utterance is over, decided from plain data."""

from __future__ import annotations

from dataclasses import replace

import pytest

from earshot_speech.grammar.automaton import Ending
from earshot_speech.recognition.decoder import Piece
from earshot_speech.recognition.endpoint import Step, Turn, Verdict, decide
from earshot_speech.recognition.reject import Fit, fit, is_command, is_sure
from earshot_speech.recognition.sound import Speech, find_speech, levels, loud_frames

from .client import room, silence, speech

VERDICT = Verdict(
    text="turn on the kitchen light",
    ending=Ending.TERMINAL,
    sure=True,
    decoded_ms=1_600,
    speech_ms=1_500,
)


SAID = {
    "stop": (("S", "T", "AA", "P"),),
    "heater": (("HH", "IY", "T", "ER"),),
    "open": (("OW", "P", "AH", "N"),),
    "the": (("DH", "AH"),),
    "to": (("T", "UW"), ("T", "AH")),
    "two": (("T", "UW"),),
    "what": (("W", "AH", "T"),),
}


def turn(heard_ms: int, verdict: Verdict | None = VERDICT, end_ms: int = 1_500) -> Turn:
    return Turn(
        heard_ms=heard_ms,
        speech=Speech(300, end_ms),
        verdict=verdict,
        limit_ms=15_000,
        after_wake=False,
    )


@pytest.mark.parametrize(
    ("ending", "last", "first"),
    [
        (Ending.TERMINAL, 240, 250),
        (Ending.EXTENDABLE, 590, 600),
        (Ending.INCOMPLETE, 1_190, 1_200),
    ],
)
def test_quiet_of_each_class(ending: Ending, last: int, first: int) -> None:
    verdict = replace(VERDICT, ending=ending, decoded_ms=1_750)
    assert decide(turn(1_500 + last, verdict)) is Step.LISTEN
    assert decide(turn(1_500 + first, verdict)) is Step.END


def test_a_command_that_was_heard_badly_is_not_obeyed_in_a_hurry() -> None:
    verdict = replace(VERDICT, sure=False, decoded_ms=1_750)
    assert decide(turn(2_000, verdict)) is Step.LISTEN
    assert decide(turn(2_100, verdict)) is Step.END


@pytest.mark.parametrize("change", [{"sure": False}, {"ending": Ending.INCOMPLETE, "text": ""}])
def test_what_was_heard_badly_with_little_quiet_is_looked_at_again(
    change: dict[str, object],
) -> None:
    early = replace(VERDICT, decoded_ms=1_580, **change)  # type: ignore[arg-type]
    assert decide(turn(1_740, early)) is Step.LISTEN
    assert decide(turn(1_750, early)) is Step.HOLD
    assert decide(turn(2_900, early)) is Step.HOLD
    again = replace(early, decoded_ms=1_750)
    assert decide(turn(1_800, again)) is Step.LISTEN


def test_a_sure_command_is_not_looked_at_again() -> None:
    assert decide(turn(1_750, replace(VERDICT, decoded_ms=1_580))) is Step.END


def test_the_decoding_begins_before_the_quiet_has_lasted() -> None:
    assert decide(turn(1_570, None)) is Step.LISTEN
    assert decide(turn(1_580, None)) is Step.DECODE


@pytest.mark.parametrize("old", [None, replace(VERDICT, decoded_ms=1_200)])
def test_a_quiet_that_may_end_it_waits_for_its_verdict(old: Verdict | None) -> None:
    """Speech that began while a slow machine decoded used to become part of the utterance."""
    assert decide(turn(1_740, old)) is Step.DECODE
    assert decide(turn(1_750, old)) is Step.HOLD
    assert decide(turn(1_750, VERDICT)) is Step.END


def test_a_verdict_that_came_and_ends_nothing_holds_nothing_up() -> None:
    for ending in (Ending.EXTENDABLE, Ending.INCOMPLETE):
        known = replace(VERDICT, ending=ending, decoded_ms=1_750)
        assert decide(turn(1_750, known)) is Step.LISTEN


def test_speech_after_the_verdict_makes_it_old() -> None:
    assert decide(turn(2_320, end_ms=2_250)) is Step.LISTEN
    assert decide(turn(2_350, end_ms=2_250)) is Step.DECODE


def test_the_limit_ends_everything() -> None:
    assert decide(turn(15_000, None, end_ms=14_990)) is Step.END


def test_the_wake_word_alone_is_no_speech() -> None:
    tail = replace(turn(2_000, None), speech=Speech(0, 400), after_wake=True)
    assert decide(tail) is Step.LISTEN
    assert decide(replace(tail, heard_ms=3_950)) is Step.END
    longer = replace(VERDICT, text="", ending=Ending.INCOMPLETE, only_wake=True)
    assert decide(replace(tail, speech=Speech(0, 600), verdict=longer)) is Step.LISTEN


@pytest.mark.parametrize("noise_db", [-65.0, -50.0, -40.0])
@pytest.mark.parametrize("text", ["turn the light off", "unlock the gates", "turn on the light"])
def test_speech_is_found_with_its_weak_endings(text: str, noise_db: float) -> None:
    said = speech(text, "rms")
    found = find_speech(levels(room(silence(600), said, silence(600), noise_db=noise_db)))
    assert found is not None
    assert abs(found.start_ms - 600) <= 100
    assert abs(found.end_ms - (600 + len(said) // 16)) <= 130


def test_a_room_without_speech_and_a_click_are_none() -> None:
    assert find_speech(levels(room(silence(3_000)))) is None
    click = silence(20)
    click[:160] = 8_000
    assert find_speech(levels(room(silence(1_000), click, silence(1_000)))) is None


def test_a_microphone_that_begins_with_digital_silence() -> None:
    """The floor of what came later counts, or its noise would be speech for ever."""
    import numpy as np

    heard = np.concatenate((silence(300), room(silence(4_000), noise_db=-50)))
    found = find_speech(levels(heard))
    assert found is None or found.end_ms < 1_000


@pytest.mark.parametrize("noise_db", [-65.0, -33.0])
def test_the_noise_of_a_louder_room_is_not_loud(noise_db: float) -> None:
    """In a room with 18 dB the noise beside the words counted as speech: nobody was obeyed."""
    said = speech("turn on the kitchen light", "rms")
    loud = loud_frames(room(silence(500), said, silence(500), noise_db=noise_db).tobytes())
    assert not any(loud[:45] + loud[-45:])
    assert sum(loud[50:-50]) > len(loud[50:-50]) / 3


def test_words_that_explain_the_sound_badly_are_no_command() -> None:
    phones = [Piece("", 0, 40, -1_000.0)]
    rival = [Piece("", 0, 40, -1_400.0)]
    loud = [True] * 40
    good = fit([Piece("stop", 0, 40, -1_200.0)], phones, rival, loud, SAID)
    bad = fit([Piece("stop", 0, 40, -2_400.0)], phones, rival, loud, SAID)
    assert good == Fit(mean=-5.0, gained=5.0, beside_ms=0, long_gained=5.0, phone_ms=100.0)
    assert is_command(good)
    assert bad is not None
    assert not is_command(bad)


def test_words_that_everyday_speech_beats_are_no_command() -> None:
    """They fit the sound as well as many a command does; only other words fit it better still."""
    phones, words = [Piece("", 0, 40, -1_000.0)], [Piece("stop", 0, 40, -1_800.0)]
    worse = fit(words, phones, [Piece("", 0, 40, -1_900.0)], [True] * 40, SAID)
    better = fit(words, phones, [Piece("", 0, 40, -1_500.0)], [True] * 40, SAID)
    assert worse is not None
    assert better is not None
    assert is_command(worse)
    assert not is_command(better)


def test_loud_speech_beside_the_words_is_no_command() -> None:
    phones = [Piece("", 0, 40, -1_000.0)]
    words = [Piece("stop", 0, 20, -500.0), Piece("", 20, 40, -500.0)]
    found = fit(words, phones, phones, [True] * 40, SAID)
    assert found is not None
    assert found.beside_ms == 200
    assert not is_command(found)


def test_a_long_command_with_a_little_more_said_is_none_either() -> None:
    phones = [Piece("", 0, 120, -3_000.0)]
    words = [Piece("stop", 0, 100, -2_500.0), Piece("", 100, 120, -500.0)]
    found = fit(words, phones, phones, [True] * 120, SAID)
    assert found is not None
    assert found.beside_ms == 200
    assert not is_command(found)


def test_the_tail_of_the_wake_word_is_not_beside_the_words() -> None:
    phones = [Piece("", 0, 40, -1_000.0)]
    words = [Piece("", 0, 20, -500.0, wake=True), Piece("stop", 20, 40, -500.0)]
    found = fit(words, phones, phones, [True] * 40, SAID)
    assert found is not None
    assert found.beside_ms == 0


@pytest.mark.parametrize(
    ("bump", "after", "is_one"),
    [(25, 20, True), (25, 10, False), (40, 20, False)],
    ids=["a bump", "with no quiet between", "too long for a bump"],
)
def test_a_bump_before_a_command_was_no_speech(bump: int, after: int, is_one: bool) -> None:
    """Of eight recorded commands two were lost to the click of the microphone before them."""
    first = bump + after
    phones = [Piece("", 0, first + 60, -3_000.0)]
    words = [Piece("", 0, first, -500.0), Piece("stop", first, first + 60, -1_500.0)]
    found = fit(words, phones, phones, [True] * bump + [False] * after + [True] * 60, SAID)
    assert found is not None
    assert is_command(found) is is_one


def test_what_is_said_after_a_command_is_no_bump() -> None:
    phones = [Piece("", 0, 120, -3_000.0)]
    words = [Piece("stop", 0, 60, -1_500.0), Piece("", 60, 120, -500.0)]
    found = fit(words, phones, phones, [True] * 60 + [False] * 30 + [True] * 30, SAID)
    assert found is not None
    assert not is_command(found)


def test_the_wake_word_is_no_bump_that_makes_up_for_speech() -> None:
    phones = [Piece("", 0, 140, -3_000.0)]
    words = [Piece("", 0, 25, -500.0, wake=True), Piece("", 25, 45, -100.0)]
    words += [Piece("stop", 45, 105, -1_500.0), Piece("", 105, 125, -500.0)]
    loud = [True] * 25 + [False] * 20 + [True] * 80
    found = fit(words, phones, phones, loud, SAID)
    assert found is not None
    assert found.beside_ms == 200


def spoken(*words: tuple[str, int, float], rival: float = -30.0) -> Fit:
    """Return the fit of words of so many frames and so much a frame; any phones have -20."""
    path, frames = [], 0
    for word, count, score in words:
        path.append(Piece(word, frames, frames + count, score * count))
        frames += count
    loud = [bool(piece.word) for piece in path for _ in range(piece.start, piece.end)]
    phones, everyday = (Piece("", 0, frames, each * frames) for each in (-20.0, rival))
    found = fit(path, [phones], [everyday], loud, SAID)
    assert found is not None
    return found


def test_a_long_word_that_everyday_speech_beats_clearly_was_another_one() -> None:
    """ "Switch it off" was "switch heater off", as the other words fitted so well."""
    good, bad = (
        spoken(("stop", 60, -20.0), ("heater", 20, score), rival=-25.0) for score in (-40.0, -55.0)
    )
    assert is_command(good)
    assert bad.mean + bad.gained > -22.0
    assert not is_command(bad)


def test_a_long_word_that_had_no_time_was_not_said() -> None:
    stop = ("stop", 60, -20.0)
    slow, fast = (spoken(stop, ("heater", frames, -40.0), rival=-25.0) for frames in (24, 17))
    assert slow.long_gained == fast.long_gained == -15.0
    assert is_command(slow)
    assert not is_command(fast)


def test_nobody_says_a_long_word_in_the_shortest_time_that_can_be_searched() -> None:
    """ "Turn up the" was "turn lamp pink": every phone of "lamp" had its three frames, no more."""
    stop = ("stop", 60, -20.0)
    assert is_command(spoken(stop, ("heater", 17, -20.0)))
    assert not is_command(spoken(stop, ("heater", 14, -20.0)))


def test_what_everyday_speech_comes_near_is_not_obeyed_in_a_hurry() -> None:
    near, far = (spoken(("stop", 60, -40.0), rival=rival) for rival in (-40.0, -46.0))
    assert near.mean == far.mean == -20.0
    assert is_command(near)
    assert (is_sure(near), is_sure(far)) == (False, True)


def test_a_short_word_may_be_said_carelessly() -> None:
    assert is_command(spoken(("the", 10, -55.0), ("heater", 70, -20.0), rival=-25.0))


def test_what_everyday_speech_finds_between_the_words_was_no_noise() -> None:
    """ "Who turned off the heater" was "turn off the heater", with the end of "turned" as noise.

    Around the command it is: rooms are not silent.
    """
    words = ("stop", 40, -25.0), ("heater", 40, -25.0)
    click = ("", 6, -95.0)
    assert is_command(spoken(click, *words, click))
    assert not is_command(spoken(words[0], click, words[1]))


def test_one_word_that_is_drawn_out_is_not_two() -> None:
    """ "Set the thermostat to", broken off, was "set the thermostat to two"."""
    first = ("heater", 70, -22.0)
    assert is_command(spoken(first, ("to", 12, -22.0), ("two", 22, -22.0)))
    assert not is_command(spoken(first, ("to", 6, -22.0), ("two", 19, -22.0)))


def test_what_opens_something_has_to_be_heard_better_at_any_sensitivity() -> None:
    stop, opened = (spoken((word, 40, -48.0), rival=-60.0) for word in ("stop", "open"))
    assert stop.mean == opened.mean == -28.0
    assert is_command(stop)
    assert not is_command(opened)
    assert not is_command(opened, 1.0)


def test_what_only_asks_may_be_heard_worse() -> None:
    """A wrong answer is said, and that is all. What is not heard at all is none even so."""
    stop, what, noise = (
        spoken((word, 40, score), rival=score + 5)
        for word, score in (("stop", -42.0), ("what", -42.0), ("what", -52.0))
    )
    assert stop.mean + stop.gained == what.mean + what.gained == -27.0
    assert not is_command(stop)
    assert is_command(what)
    assert not is_command(noise)
