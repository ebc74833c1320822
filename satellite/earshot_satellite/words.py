"""Which wake words home may choose from, which are chosen, and how readily each is heard."""

from __future__ import annotations

import difflib
import logging
from collections.abc import Mapping
from dataclasses import dataclass, field

from earshot_wire.greeting import WakeWord

from .ear.settings import MAX_WORDS
from .settings import WakeSettings
from .wake.cascade import Sensitivity
from .wake.models import ModelError, find_word, known_words

_LOGGER = logging.getLogger(__name__)


@dataclass(frozen=True)
class Choice:
    """What home chose, by id."""

    words: tuple[str, ...]
    sensitivities: Mapping[str, Sensitivity] = field(default_factory=dict)


def mistyped(settings: WakeSettings) -> list[str]:
    """Return a line, with the remedy, for each name in the settings that is no wake word here.

    Files of own models are not looked at: one that is broken or not there yet is a problem that is
    told while the other words are heard. So is it when there is not one word that has no file.
    """
    if not (known := known_words()):
        return []
    said = {
        "words": settings.words,
        "stop_word": (settings.stop_word,),
        "word_sensitivity": settings.word_sensitivity,
    }
    return [
        f"[wake] {key}: {name} is no wake word here{_meant(name, known)}"
        for key, names in said.items()
        for name in names
        if name and name[0] not in "/~" and name not in known
    ]


def _meant(name: str, known: Mapping[str, object]) -> str:
    # Imported on use: it has what downloading needs.
    from .wake.install import manifest  # noqa: PLC0415

    if name in manifest().words:
        return f"; to install it: earshot-satellite models install {name}"
    close = difflib.get_close_matches(name, known, n=1)
    meant = f"; did you mean {close[0]}?" if close else ";"
    return f"{meant} there are: {', '.join(known)}"


class Words:
    """Ids towards home; towards the ear what the settings say, an id or a file."""

    def __init__(self, settings: WakeSettings, chosen: Choice | None) -> None:
        self._settings = settings
        self._known = {word.id: (word.phrase, word.id) for word in known_words().values()}
        self._ids: dict[str, str] = {}
        for said in settings.words:
            try:
                word = find_word(said)
            except ModelError as err:
                # The ear says it too, with a remedy, as a problem that home shows.
                _LOGGER.debug("%s", err)
                continue
            self._known[word.id] = (word.phrase, said)
            self._ids[said] = word.id
        self._chosen: tuple[str, ...] | None = None
        self._sensitivities: dict[str, Sensitivity] = {}
        self.gone: tuple[str, ...] = ()
        """What home chose and is no wake word here any more."""
        if chosen is not None:
            self._take_up(chosen)

    @property
    def active(self) -> tuple[str, ...]:
        """What the ear is asked for."""
        if self._chosen is None:
            return self._settings.words
        return tuple(self._known[name][1] for name in self._chosen)

    @property
    def active_ids(self) -> tuple[str, ...]:
        """The ids of that; what is unknown is left out."""
        ids = (self._ids.get(said, said) for said in self.active)
        return tuple(name for name in ids if name in self._known)

    @property
    def sensitivities(self) -> dict[str, Sensitivity]:
        """How readily each of `active` is heard, by what the ear is asked for."""
        return {said: self._sensitivity(self._ids.get(said, said)) for said in self.active}

    @property
    def offered(self) -> tuple[WakeWord, ...]:
        """All that may be chosen."""
        return tuple(
            WakeWord(id=name, phrase=phrase.lower()[:64], sensitivity=self._sensitivity(name))
            for name, (phrase, _) in list(self._known.items())[:64]
        )

    @property
    def choice(self) -> Choice:
        """What home chose so far."""
        return Choice(self._chosen or self.active_ids, self._sensitivities)

    def choose(self, choice: Choice) -> bool:
        """Take what home chose; False, and nothing is changed, when that cannot be.

        Words whose sensitivity is not named keep theirs.
        """
        names = tuple(dict.fromkeys(choice.words))
        if not 0 < len(names) <= MAX_WORDS or not all(
            name in self._known for name in (*names, *choice.sensitivities)
        ):
            return False
        self._chosen = names
        self._sensitivities |= choice.sensitivities
        self.gone = ()
        return True

    def _take_up(self, kept: Choice) -> None:
        """Hear what is left of an earlier choice; where nothing is, what the settings name."""
        here = {name for name in (*kept.words, *kept.sensitivities) if name in self._known}
        self.choose(
            Choice(
                tuple(name for name in kept.words if name in here),
                {name: how for name, how in kept.sensitivities.items() if name in here},
            )
        )
        self.gone = tuple(name for name in kept.words if name not in here)

    def _sensitivity(self, name: str) -> Sensitivity:
        if (chosen := self._sensitivities.get(name)) is not None:
            return chosen
        said = self._known[name][1] if name in self._known else name
        return Sensitivity(self._settings.word_sensitivity.get(said, self._settings.sensitivity))
