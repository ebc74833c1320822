"""From what was said to the bytes to look for."""

import json
import re
from collections.abc import Collection, Iterable
from hashlib import sha1
from typing import Final

from .model import Kind, Needles

MIN_PHRASE: Final = 4
"""Characters. A shorter transcript ("off") is in every file, and tells nothing."""

MIN_WORD: Final = 6
"""Characters of a word that is looked for on its own."""

_WORD = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")  # noqa: RUF001 - recognisers write this apostrophe


def patterns(needles: Needles, common: Collection[str]) -> dict[bytes, Kind]:
    """Return the byte strings to look for, and what each is a trace of.

    Of a transcript: the whole of it, and its rare words, because what was told to a list or a
    script is kept there without the rest of the sentence. `common` are the words that are no
    trace of anybody, in small letters: those of all commands, and the names in this house.
    """
    found: dict[bytes, Kind] = {}
    for text in needles.words:
        for phrase in (*_whole(text), *_rare(text, common)):
            found |= dict.fromkeys(_spellings(phrase), Kind.WORDS)
        found[_cached_as(text)] = Kind.WORDS
    found |= dict.fromkeys((each.encode() for each in needles.ids if each), Kind.IDS)
    return found | dict.fromkeys(filter(None, needles.fingerprints), Kind.FINGERPRINTS)


def words_of(texts: Iterable[str]) -> set[str]:
    """Return the words of some texts in small letters."""
    return {word.lower() for text in texts for word in _WORD.findall(text)}


def _cached_as(text: str) -> bytes:
    """Return the beginning of the name under which Home Assistant caches a text it has spoken."""
    return sha1(text.encode(errors="replace"), usedforsecurity=False).hexdigest().encode()


def _whole(text: str) -> Iterable[str]:
    phrase = text.strip().strip(".!?")
    return (phrase,) if len(phrase) >= MIN_PHRASE else ()


def _rare(text: str, common: Collection[str]) -> Iterable[str]:
    return (
        word for word in _WORD.findall(text) if len(word) >= MIN_WORD and word.lower() not in common
    )


def _spellings(phrase: str) -> Iterable[bytes]:
    """Yield the text as it is, in small letters and with a capital, and each as JSON writes it.

    Lists and answers begin with a capital.
    """
    for text in {phrase, phrase.lower(), phrase[:1].upper() + phrase[1:]}:
        for written in (text, json.dumps(text)[1:-1], json.dumps(text, ensure_ascii=False)[1:-1]):
            yield written.encode(errors="surrogatepass")
