"""What is nearly a command is none, and what is one stays one: the decoders and bars alone."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from earshot_speech.grammar.automaton import Ending
from earshot_speech.grammar.compile import Grammar, compile_grammar
from earshot_speech.recognition.decoder import Decoder
from earshot_speech.recognition.reject import fit, is_command
from earshot_speech.recognition.rival import Rival
from earshot_speech.recognition.sound import loud_frames, prepare
from speechbench.corpus import HOME

from .client import RATE, Samples, room, silence, speech

QUIET = silence(200)


@cache
def decoders() -> tuple[Grammar, Decoder, Rival]:
    """Load them once for the tests here."""
    grammar, decoder = compile_grammar(HOME), Decoder()
    decoder.add("home", grammar.dfa, grammar.pronunciations)
    return grammar, decoder, Rival()


def understood(said: str, voice: str, before: Samples = QUIET, noise_db: float = -65.0) -> str:
    """Return what is obeyed after the quiet that ends most commands, or nothing."""
    grammar, decoder, rival = decoders()
    pcm = prepare(room(before, speech(said, voice), silence(250), noise_db=noise_db))
    words = decoder.decode("home", pcm)
    text = " ".join(piece.word for piece in words if piece.word)
    found = fit(
        *(words, decoder.phones(pcm), rival.decode(pcm)), loud_frames(pcm), grammar.pronunciations
    )
    good = found is not None and is_command(found)
    return text if good and grammar.ending(text) is not Ending.INCOMPLETE else ""


@pytest.mark.parametrize(
    ("said", "voice"),
    [
        ("turn on your phone", "slt"),
        ("turn on the charm and he will forgive you", "slt"),
        ("turn off the", "slt"),
        ("who turned off the heater in here", "rms"),
        ("switch it off", "rms"),
        ("set the thermostat to", "rms"),
    ],
)
def test_what_is_nearly_a_command_is_none(said: str, voice: str) -> None:
    """Each was obeyed in this home: a fan or the heater was switched."""
    assert understood(said, voice) == ""


@pytest.mark.parametrize(
    ("said", "voice"),
    [
        ("turn on the hall light", "rms"),
        ("turn off the hall light", "slt"),
        ("lock the front door", "kal16"),
        ("set a timer for five minutes", "rms"),
        ("never mind", "slt"),
        ("set the thermostat to two", "rms"),
        ("turn the heater off", "rms"),
        ("unlock the back door", "kal16"),
    ],
)
def test_a_command_still_is_one(said: str, voice: str) -> None:
    assert understood(said, voice) == said


@pytest.mark.parametrize(
    ("said", "voice"),
    [("turn on the hall light", "rms"), ("set a timer for five minutes", "slt")],
)
def test_a_bump_and_the_noise_of_a_room_cost_no_command(said: str, voice: str) -> None:
    """Somebody puts a cup down, or the microphone clicks as it is switched on."""
    time = np.arange(RATE // 5) / RATE
    bump = np.random.default_rng(3).normal(0, 12_000, time.size) * np.exp(-time / 0.06)
    before = np.concatenate((QUIET, bump.clip(-32_000, 32_000).astype(np.int16), silence(300)))
    assert understood(said, voice, before, noise_db=-40) == said


def test_a_faint_last_word_is_not_left_out() -> None:
    """ "It" at the end of a question that somebody asked was as faint as the noise of the room."""
    _, decoder, _ = decoders()
    said = speech("what time is it", "rms").copy()
    said[-RATE * 3 // 20 :] //= 16
    pcm = prepare(room(QUIET, said, silence(250), noise_db=-38))
    assert [piece.word for piece in decoder.decode("home", pcm) if piece.word][-1] == "it"


def test_the_rival_tells_no_words() -> None:
    """It is no dictation by the back door: nothing of what it made of a sentence leaves it."""
    _, _, rival = decoders()
    pieces = rival.decode(prepare(speech("did you see the game last night", "rms")))
    assert pieces
    assert {piece.word for piece in pieces} == {""}
