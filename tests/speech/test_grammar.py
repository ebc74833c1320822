"""Templates and names become a grammar; what cannot be said costs only itself."""

from __future__ import annotations

import asyncio
import dataclasses
import itertools
import subprocess
from typing import Any

import pytest

from earshot_speech.grammar import automaton
from earshot_speech.grammar import compile as compile_module
from earshot_speech.grammar import pronounce as pronounce_module
from earshot_speech.grammar.automaton import Dfa, Ending, Nfa, TooLargeError, determinise
from earshot_speech.grammar.compile import Dropped, Grammar, compile_grammar, wake_tails
from earshot_speech.grammar.expand import Expander, UnusableError, Words
from earshot_speech.grammar.numbers import spoken
from earshot_speech.grammar.pronounce import pronounce, tails
from earshot_speech.recognition.engine import Engine
from earshot_speech.recognition.pool import Pool
from earshot_wire.vocabulary import Name, Rule, Vocabulary, WordList

from .home import HOME


@pytest.fixture(scope="module")
def grammar() -> Grammar:
    return compile_grammar(HOME)


def dfa_of(*templates: str, slots: dict[str, Words] | None = None) -> Dfa:
    nfa = Nfa()
    expander = Expander(nfa, slots or {}, {"the": "[(the|my)]"})
    for template in templates:
        expander.add(template)
    return determinise(nfa)


@pytest.mark.parametrize(
    ("text", "ending"),
    [
        ("turn on the kitchen light", Ending.TERMINAL),
        ("turn off the bedroom light", Ending.TERMINAL),
        ("lock the front door", Ending.TERMINAL),
        ("open the garage door", Ending.TERMINAL),
        ("turn on movie night", Ending.TERMINAL),
        ("run good night", Ending.TERMINAL),
        ("what time is it", Ending.TERMINAL),
        ("pause", Ending.EXTENDABLE),
        ("turn off the lights", Ending.EXTENDABLE),
        ("set a timer for five minutes", Ending.EXTENDABLE),
        ("turn on the reading lamp", Ending.EXTENDABLE),
        ("turn on the reading lamp in the office", Ending.TERMINAL),
        ("turn on the", Ending.INCOMPLETE),
        ("turn on the front door", Ending.INCOMPLETE),
        ("the kitchen light turn on", Ending.INCOMPLETE),
        ("", Ending.INCOMPLETE),
    ],
)
def test_everyday_commands_end_where_they_end(grammar: Grammar, text: str, ending: Ending) -> None:
    """A command that could go on costs a third of a second more."""
    assert grammar.ending(text) is ending


def test_pieces_of_a_word_are_one_word() -> None:
    dfa = dfa_of("light[s] on", "(five|ten)( |-)minute[s]", "[un]lock")
    for text in ("light on", "lights on", "five minutes", "ten minute", "unlock", "lock"):
        assert dfa.accepts(text), text
    assert not dfa.accepts("light s on")


def test_orders_optionals_and_ranges() -> None:
    dfa = dfa_of("turn (on;{name}) [please]", "to {1..3:n} %", slots={"name": Words(("a b", "c"))})
    for text in ("turn on a b", "turn c on please", "to two percent"):
        assert dfa.accepts(text), text
    assert not dfa.accepts("to four percent")


def test_the_automaton_is_minimal() -> None:
    assert len(dfa_of("(a|b) (c|d) e", "b c e").arcs) == 4


@pytest.mark.parametrize(
    ("template", "reason"),
    [
        ("play {song}", "open_list"),
        ("do <what>", "unknown_rule"),
        ("turn (on", "not_a_template"),
        ("{0..100000:n}", "range"),
        ("<loop>", "rules_too_deep"),
        ("[ ]", "nothing_to_say"),
        ("({0..999:n} {0..999:n};{0..999:n};{0..999:n}) " * 9, "too_large"),
    ],
)
def test_a_template_that_cannot_be_spoken_says_why(template: str, reason: str) -> None:
    expander = Expander(Nfa(), {}, {"loop": "x <loop>"})
    with pytest.raises(UnusableError) as error:
        expander.add(template)
    assert error.value.reason == reason


def test_the_users_own_sentences() -> None:
    vocabulary = dataclasses.replace(
        HOME,
        sentences=(
            "party (time|mode) [in <area>]",
            "play {song} loud",
            "make it {mood}",
            "broken (sentence",
            "dim <the> {name}",
        ),
        lists=(WordList(name="mood", values=("cosy", "very bright[ly]")),),
        rules=(Rule(name="party", template="fun"),),
    )
    grammar = compile_grammar(vocabulary)
    for text in ("party time", "party mode in the kitchen", "make it cosy", "dim kitchen light"):
        assert grammar.dfa.accepts(text), text
    assert set(grammar.dropped) == {
        Dropped("play {song} loud", "open_list"),
        Dropped("broken (sentence", "not_a_template"),
    }


def test_a_name_that_cannot_be_said_costs_only_itself() -> None:
    names = (
        Name(name="台所", domain="light"),
        Name(name="☀☀☀", domain="light"),
        Name(name="Nanoleaf", domain="light"),
    )
    grammar = compile_grammar(Vocabulary(language="en", names=names))
    assert grammar.dfa.accepts("turn on nanoleaf")
    assert {dropped.what for dropped in grammar.dropped} == {"台所", "☀☀☀"}


def test_a_sentence_that_multiplies_costs_only_itself() -> None:
    """What is at fault is the user's one sentence of some 300 characters, and it is told."""
    blows_up = " ".join(["[red|blue]"] * 14 + ["red"] + ["(red|blue)"] * 14)
    sentences = (blows_up, "open sesame", "play {song}")
    grammar = compile_grammar(dataclasses.replace(HOME, sentences=sentences))
    for text in ("open sesame", "turn on the kitchen light"):
        assert grammar.dfa.accepts(text), text
    assert set(grammar.dropped) == {
        Dropped(blows_up, "too_large"),
        Dropped("play {song}", "open_list"),
    }


def test_the_log_has_no_word_of_a_sentence_that_is_left_out(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """How many there are is enough: which they are, Repairs tells those who may know."""
    blows_up = " ".join(["[secret|blue]"] * 14 + ["secret"] + ["(secret|blue)"] * 14)
    caplog.set_level("DEBUG")
    asyncio.run(Engine(Pool()).learn(dataclasses.replace(HOME, sentences=(blows_up,))))
    assert "1 of your own sentences" in caplog.text
    assert "secret" not in caplog.text


def test_of_sentences_that_are_too_many_the_small_ones_stay(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Each would do alone; together there is no room for them."""
    monkeypatch.setattr(automaton, "MAX_STATES", 1_000)
    monkeypatch.setattr(compile_module, "MAX_STATES", 1_000)
    monkeypatch.setattr(automaton.determinise, "__defaults__", (1_000,))
    words = [*("red", "blue", "green", "white", "pink", "black", "gold", "brown"),
             *("grey", "lime", "olive", "sand", "navy", "mint", "peach", "plum")]  # fmt: skip
    large = [
        " ".join([f"[{one}|{other}]"] * 6 + [one] + [f"({one}|{other})"] * 6)
        for one, other in zip(words[::2], words[1::2], strict=True)
    ]
    sentences = (*large, "open sesame")
    grammar = compile_grammar(Vocabulary(language="en", sentences=sentences))
    assert grammar.dfa.accepts("open sesame")
    assert grammar.dfa.accepts("what time is it")
    assert 0 < len(grammar.dropped) < len(large)
    assert {dropped.reason for dropped in grammar.dropped} == {"too_large"}
    assert len(grammar.dfa.arcs) <= 1_000


def test_a_home_that_is_too_large_by_itself_is_told_so(monkeypatch: pytest.MonkeyPatch) -> None:
    """There is nothing of the user's sentences to leave out then."""
    monkeypatch.setattr(automaton.determinise, "__defaults__", (50,))
    with pytest.raises(TooLargeError):
        compile_grammar(dataclasses.replace(HOME, sentences=("open sesame",)))


SWALLOWED = tuple("".join(signs) for signs in itertools.product("\ua730\ua731", repeat=6))
"""Letters by their names; espeak-ng says nothing for them."""


@pytest.fixture
def espeak_calls(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    calls: list[str] = []

    def run(*arguments: Any, **options: Any) -> subprocess.CompletedProcess[str]:
        calls.append(options["input"])
        return real(*arguments, **options)

    real = subprocess.run
    monkeypatch.setattr(pronounce_module.subprocess, "run", run)
    return calls


def test_words_that_nothing_is_said_for_are_asked_in_batches(espeak_calls: list[str]) -> None:
    """A shopping list of them took half a minute to compile; the words beside them are not lost."""
    names = [f"nanoleaf{letter}" for letter in "abcdefgh"]
    apart = pronounce(names)
    assert set(apart) == set(names)
    espeak_calls.clear()
    assert pronounce([*names, *SWALLOWED]) == apart
    assert len(espeak_calls) == 2


def test_what_there_is_no_time_to_ask_for_is_left_out_and_told(
    monkeypatch: pytest.MonkeyPatch, espeak_calls: list[str]
) -> None:
    monkeypatch.setattr(pronounce_module, "ESPEAK_DEADLINE_S", 0.0)
    names = (Name(name="Nanoleaf", domain="light"), Name(name="Lamp", domain="light"))
    grammar = compile_grammar(Vocabulary(language="en", names=names))
    assert grammar.dfa.accepts("turn on lamp")
    assert grammar.dropped == (Dropped("Nanoleaf", "unspeakable"),)
    assert not espeak_calls


def test_no_word_is_asked_for_twice(espeak_calls: list[str]) -> None:
    """Once where the name is looked at is enough."""
    names = (Name(name="Nanoleaf", domain="light"),)
    assert compile_grammar(Vocabulary(language="en", names=names)).pronunciations["nanoleaf"]
    assert len(espeak_calls) == 1


def test_names_keep_the_spelling_that_home_assistant_compares() -> None:
    names = tuple(Name(name=text, domain="light") for text in ("TV 2", "Wi-Fi LED", "Bob's Lamp"))
    grammar = compile_grammar(Vocabulary(language="en", names=names))
    for text in ("turn on tv 2", "turn on the wi-fi led", "turn on bob's lamp"):
        assert grammar.dfa.accepts(text), text
    assert grammar.pronunciations["2"] == (("T", "UW"),)


def test_a_hundred_entities_compile() -> None:
    rooms = [f"Room {number}" for number in range(1, 21)]
    kinds = (("Lamp", "light"), ("Fan", "fan"), ("Blind", "cover"), ("Speaker", "media_player"),
             ("Outlet", "switch"))  # fmt: skip
    names = tuple(
        Name(name=f"{room} {kind}", domain=domain, area=room)
        for room in rooms
        for kind, domain in kinds
    )
    grammar = compile_grammar(Vocabulary(language="en", names=names, areas=tuple(rooms)))
    assert grammar.dfa.accepts("turn on the room 17 fan")
    assert len(grammar.dfa.arcs) < 2_000


def test_off_can_be_said_as_many_americans_do() -> None:
    """The dictionary lacks it; without it "off" was heard as "on"."""
    assert ("AA", "F") in pronounce(["off"])["off"]


def test_words_that_no_dictionary_has() -> None:
    said = pronounce(["sonos", "r2d2", "台"])
    assert said["sonos"] == (("S", "OW", "N", "OW", "Z"),)
    assert said["r2d2"][0][:1] == ("AA",)
    assert "台" not in said


def test_numbers() -> None:
    assert [spoken(0), spoken(21), spoken(100)] == ["zero", "twenty one", "one hundred"]


def test_what_is_left_of_a_wake_word() -> None:
    assert tails(("A", "B", "C")) == (("A", "B", "C"), ("B", "C"), ("C",))
    assert wake_tails("hey jarvis")[0][0] == "HH"
    assert wake_tails("台所") == ()
