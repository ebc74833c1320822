"""Which wake words home may choose from, and which are chosen."""

from __future__ import annotations

import logging

from earshot_wire.greeting import WakeWord

from .ear.settings import MAX_WORDS
from .wake.models import ModelError, builtin_words, find_word

_LOGGER = logging.getLogger(__name__)


class Words:
    """Ids towards home; towards the ear what the settings say, an id or a file."""

    def __init__(self, settings: tuple[str, ...]) -> None:
        self.settings = settings
        self._known = {word.id: (word.phrase, word.id) for word in builtin_words().values()}
        self._ids: dict[str, str] = {}
        for said in settings:
            try:
                word = find_word(said)
            except ModelError as err:
                # The ear says it too, with a remedy, as a problem that home shows.
                _LOGGER.debug("%s", err)
                continue
            self._known[word.id] = (word.phrase, said)
            self._ids[said] = word.id

    @property
    def offered(self) -> tuple[WakeWord, ...]:
        """All that may be chosen."""
        return tuple(
            WakeWord(id=name, phrase=phrase.lower()[:64])
            for name, (phrase, _) in list(self._known.items())[:64]
        )

    def ids(self, said: tuple[str, ...]) -> tuple[str, ...]:
        """Return the ids of what the ear was asked for; what is unknown is left out."""
        return tuple(self._ids.get(each, each) for each in said if self._is_known(each))

    def choose(self, names: tuple[str, ...]) -> tuple[str, ...] | None:
        """Return what to ask the ear for, or None when that cannot be chosen."""
        if not 0 < len(names) <= MAX_WORDS or not all(name in self._known for name in names):
            return None
        return tuple(self._known[name][1] for name in dict.fromkeys(names))

    def _is_known(self, said: str) -> bool:
        return said in self._known or said in self._ids
