"""What a crash, a copy or a lost file left behind, put right at the start."""

from dataclasses import dataclass

from .blobs import Blobs
from .crypto import Purpose
from .keys import Keys
from .records import Part, Records

_KEYS_OF = {Part.AUDIO: Purpose.AUDIO_KEY, Part.WORDS: Purpose.WORDS_KEY}


@dataclass(frozen=True, kw_only=True)
class Found:
    """What cannot be put right."""

    broken: dict[str, Part]
    """Parts that have lost their key or their blob."""

    without_row: int
    """Captures of which there were keys and no row."""


def reconcile(records: Records, keys: Keys, blobs: Blobs) -> Found:
    """Remove keys and blobs that belong to nothing; return the parts that lack theirs.

    A sixteenth of the ids at a time, so that a large vault needs no more memory than a small one.
    """
    blobs.remove(blobs.strange())
    broken: dict[str, Part] = {}
    without_row: set[str] = set()
    for beginning in "0123456789abcdef":
        captures = records.parts(beginning)
        there = blobs.all(beginning)
        keyed = keys.all(beginning)
        with_audio = {it for it, owed in captures.items() if Part.AUDIO in owed.parts}
        soundless = with_audio - there
        blobs.remove(there - with_audio)
        owed_keys = {
            (it, purpose)
            for it, owed in captures.items()
            for purpose in (*(_KEYS_OF[part] for part in owed.parts), *owed.notes)
        }
        without_row |= {it for it, _ in keyed} - captures.keys()
        if unowned := keyed - owed_keys:
            keys.drop(unowned)
        for capture_id, owed in captures.items():
            lost = Part.WORDS if owed.wordless else Part(0)
            for part in owed.parts:
                if (capture_id, _KEYS_OF[part]) not in keyed:
                    lost |= part
            if capture_id in soundless:
                lost |= Part.AUDIO
            if lost:
                broken[capture_id] = lost
    return Found(broken=broken, without_row=len(without_row))
