"""How a word sounds, in the phones of the acoustic model (ARPAbet without stress).

The dictionary of the recogniser knows 134,000 words; espeak-ng says the rest, and its IPA is
carried over phone by phone.
"""

from __future__ import annotations

import re
import secrets
import subprocess
import time
import unicodedata
from collections.abc import Iterable
from importlib import resources
from pathlib import Path

import pocketsphinx  # type: ignore[import-untyped]

from .numbers import spoken

Pronunciation = tuple[str, ...]

MAX_VARIANTS = 4
ESPEAK_DEADLINE_S = 10.0
"""For all the words of a grammar; a hundred take a tenth of a second."""

ESPEAK_BATCH = 250

_OWN: dict[str, tuple[Pronunciation, ...]] = {
    # The dictionary has only AO; speakers with AA were heard as "on" in 7 of 73 recordings.
    "off": (("AO", "F"), ("AA", "F")),
}

_TABLE = resources.files(__package__) / "ipa.txt"
_IPA: dict[str, tuple[str, ...]] = {
    sign: tuple(phones.split())
    for sign, _, phones in (
        line.partition("\t") for line in _TABLE.read_text(encoding="utf-8").splitlines()[1:]
    )
}
_IPA_LONGEST = max(map(len, _IPA))
_TOKEN = re.compile(r"\d+|[^\W\d_]+(?:'[^\W\d_]+)*|[&+%]")
_SIGNS = {"&": "and", "+": "plus", "%": "percent"}


class UnspeakableError(Exception):
    """A word that no pronunciation was found for."""


def pronounce(words: Iterable[str]) -> dict[str, tuple[Pronunciation, ...]]:
    """Return the ways each word can be said, at most `MAX_VARIANTS`.

    A word is what has no space in it: "light", "tv", "2", "wi-fi", "r2d2". One that cannot be said
    is missing from the result.
    """
    wanted = {word: _spoken_parts(word) for word in set(words)}
    parts = {part for parts in wanted.values() for part in parts}
    known = _look_up(parts)
    known |= _ask_espeak(sorted(parts - known.keys()))
    said: dict[str, tuple[Pronunciation, ...]] = {}
    for word, word_parts in wanted.items():
        if word_parts and all(part in known for part in word_parts):
            said[word] = _join([known[part] for part in word_parts])
    return said


def _spoken_parts(word: str) -> list[str]:
    """Return what to look up for a word; nothing when it has other letters than Latin ones."""
    parts: list[str] = []
    for piece in _TOKEN.findall(word.replace("\u2019", "'")):
        if piece.isdecimal() and piece.isascii():
            parts += spoken(int(piece)).split() if len(piece) <= 12 else []
        elif all(sign in "&+%'" or "LATIN" in unicodedata.name(sign, "") for sign in piece):
            parts.append(_SIGNS.get(piece, piece.lower()))
        else:
            return []
    return parts


def _join(parts: list[tuple[Pronunciation, ...]]) -> tuple[Pronunciation, ...]:
    joined: list[Pronunciation] = [()]
    for variants in parts:
        joined = [before + variant for before in joined for variant in variants][:MAX_VARIANTS]
    return tuple(dict.fromkeys(joined))


def _look_up(words: set[str]) -> dict[str, tuple[Pronunciation, ...]]:
    found: dict[str, list[Pronunciation]] = {}
    path = Path(pocketsphinx.get_model_path("en-us/cmudict-en-us.dict"))
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            entry, _, phones = line.partition(" ")
            word = entry.partition("(")[0]
            if word in words:
                found.setdefault(word, []).append(tuple(phones.split()))
    known = {word: tuple(variants[:MAX_VARIANTS]) for word, variants in found.items()}
    return known | {word: _OWN[word] for word in words & _OWN.keys()}


def _ask_espeak(words: list[str]) -> dict[str, tuple[Pronunciation, ...]]:
    """Ask for a batch at a time, all within one deadline; what is left then cannot be said."""
    until = time.monotonic() + ESPEAK_DEADLINE_S
    known: dict[str, tuple[Pronunciation, ...]] = {}
    for start in range(0, len(words), ESPEAK_BATCH):
        batch = words[start : start + ESPEAK_BATCH]
        lines = _espeak(batch, until)
        said = dict(zip(batch, lines, strict=True)) if len(lines) == len(batch) else {}
        for word, line in (said or _told_apart(batch, until)).items():
            if phones := _to_arpabet(line):
                known[word] = (phones,)
    return known


def _told_apart(words: list[str], until: float) -> dict[str, str]:
    """Ask again, with a number before each word, when espeak-ng split or swallowed one of them.

    None of the words sounds like the number: theirs are spelled out before, and it is chance.
    """
    number = str(secrets.randbelow(900) + 100)
    lines = _espeak([sign for word in words for sign in (number, word)] + [number], until)
    said: list[list[str]] = []
    for line in lines:
        if line == lines[0]:
            said.append([])
        else:
            said[-1].append(line)
    if len(said) != len(words) + 1:
        return {}
    return {word: heard[0] for word, heard in zip(words, said, strict=False) if len(heard) == 1}


def _espeak(words: list[str], until: float) -> list[str]:
    """Return what is said, a line for a word. Nothing when it takes too long, or fails.

    Names go through standard input: a command line can be read by everybody on the machine.
    """
    left_s = until - time.monotonic()
    if left_s <= 0:
        return []
    try:
        said = subprocess.run(
            ["espeak-ng", "-q", "--ipa", "-v", "en-us", "--stdin"],
            input="\n\n".join(words),
            capture_output=True,
            text=True,
            timeout=left_s,
            check=True,
        ).stdout
    except (OSError, subprocess.SubprocessError, UnicodeError):
        return []
    return [line.strip() for line in said.splitlines() if line.strip()]


def _to_arpabet(ipa: str) -> Pronunciation:
    """Return the phones, or nothing when the voice changed language or a sign is unknown."""
    if "(" in ipa:
        ipa = re.sub(r"\([a-z-]+\)", "", ipa)
    ipa = unicodedata.normalize("NFC", re.sub(r"[ˈˌ‿ _ʲ\u0303\u0329\u200d-]", "", ipa))
    phones: list[str] = []
    while ipa:
        for length in range(min(_IPA_LONGEST, len(ipa)), 0, -1):
            if ipa[:length] in _IPA:
                phones += _IPA[ipa[:length]]
                ipa = ipa[length:]
                break
        else:
            if ipa[0] not in "ːˑ":
                return ()
            ipa = ipa[1:]
    return tuple(phones)


def tails(pronunciation: Pronunciation) -> tuple[Pronunciation, ...]:
    """Return every ending of a pronunciation, the whole first: what is left of a cut wake word."""
    return tuple(pronunciation[start:] for start in range(len(pronunciation)))
