"""Every sentence that the grammar can hear is one that Home Assistant understands.

A sentence that is heard and then not understood is worse than one that is not heard. Those that
Earshot answers itself are asked for in `tests/policy/test_spoken_sentences.py`.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest
from hassil import Intents, recognize_all
from hassil.intents import TextSlotList
from home_assistant_intents import get_intents

from earshot_speech.grammar.automaton import Dfa, Nfa, determinise
from earshot_speech.grammar.expand import Expander
from earshot_speech.grammar.slots import name_slots, shared_slots
from earshot_speech.grammar.templates import Block, load

from .home import HOME

SAMPLES = 30
TEMPLATES = load("en")


def sentences_of(dfa: Dfa, count: int) -> Iterator[str]:
    """Random walks, the same every time."""
    chance = random.Random(1)
    for _ in range(count):
        state, words = 0, []
        while state not in dfa.finals or (dfa.arcs[state] and chance.random() < 0.5):
            word = chance.choice(sorted(dfa.arcs[state]))
            words.append(word)
            state = dfa.arcs[state][word]
        yield " ".join(words)


@cache
def intents(only: str = "") -> Intents:
    """Return Home Assistant's intents, or one of them."""
    data = get_intents("en")
    assert data is not None
    chosen = {only: data["intents"][only]} if only else data["intents"]
    return Intents.from_dict({**data, "intents": chosen})


def intent_of(sentence: str, guess: str) -> str:
    """Return an intent that understands the sentence; the guess is tried first, as it is quick."""
    results = (
        result
        for known in dict.fromkeys((guess, ""))
        for result in recognize_all(
            sentence, intents(known), slot_lists=slot_lists(), intent_context={"area": "Kitchen"}
        )
    )
    return next((result.intent.name for result in results), "")


@cache
def slot_lists() -> dict[str, Any]:
    """As Home Assistant makes them of its registries."""
    return {
        "name": TextSlotList.from_tuples(
            (name.name, name.name, {"domain": name.domain}) for name in HOME.names
        ),
        "area": TextSlotList.from_tuples((area, area, {}) for area in HOME.areas),
        "floor": TextSlotList.from_tuples((floor, floor, {}) for floor in HOME.floors),
    }


def cases() -> Iterator[Any]:
    for number, block in enumerate(TEMPLATES.blocks):
        if block.answered_by:
            continue
        for template in block.templates:
            yield pytest.param(block, template, id=f"{number}: {template}")


@pytest.mark.parametrize(("block", "template"), cases())
def test_understood(block: Block, template: str) -> None:
    nfa = Nfa()
    slots = shared_slots(TEMPLATES, HOME)
    slots |= name_slots(HOME, block.domains) if block.domains else {}
    Expander(nfa, slots, TEMPLATES.rules).add(template)
    lost, guess = [], ""
    for sentence in dict.fromkeys(sentences_of(determinise(nfa), SAMPLES)):
        found = intent_of(sentence, guess)
        guess = found or guess
        if not found:
            lost.append(sentence)
    assert lost == []
