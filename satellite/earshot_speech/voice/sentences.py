"""Cutting a reply into sentences, so that the first is heard while the next is made."""

from __future__ import annotations

import re

MAX_SENTENCE = 300
"""Characters. A longer sentence is cut at a comma or a space."""

_ABBREVIATIONS = frozenset(
    ("mr.", "mrs.", "ms.", "dr.", "st.", "vs.", "etc.", "e.g.", "i.e.", "approx.", "no.", "jr.")
)
_END = re.compile(r"[.!?…]+[\"'”\u2019)\]]*\s+|\n+")


def sentences(text: str) -> list[str]:
    """Return the sentences of a text, none of them empty or longer than `MAX_SENTENCE`."""
    parts: list[str] = []
    start = 0
    for match in _END.finditer(text):
        candidate = text[start : match.end()].strip()
        last = candidate.rsplit(None, 1)[-1].lower() if candidate else ""
        initial = len(last) == 2 and last[0].isalpha() and last[1] == "."
        if "\n" not in match.group() and (last in _ABBREVIATIONS or initial):
            continue
        parts.append(candidate)
        start = match.end()
    parts.append(text[start:].strip())
    return [piece for part in parts for piece in _shortened(part) if _has_words(piece)]


def _shortened(sentence: str) -> list[str]:
    pieces = []
    while len(sentence) > MAX_SENTENCE:
        cut = max(sentence.rfind(sign, 0, MAX_SENTENCE) for sign in (", ", "; ", ": "))
        cut = cut + 1 if cut > 0 else sentence.rfind(" ", 0, MAX_SENTENCE)
        cut = cut if cut > 0 else MAX_SENTENCE
        pieces.append(sentence[:cut].strip())
        sentence = sentence[cut:].strip()
    return [*pieces, sentence]


def _has_words(text: str) -> bool:
    return any(character.isalnum() for character in text)
