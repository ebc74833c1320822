"""Searching the files of every place."""

from collections.abc import Callable, Mapping
from typing import Final

from . import home
from .disk import Limits, Search, StoppedError, Tree, walk
from .finding import Finding
from .matcher import Matcher
from .model import Kind, Why
from .places import WITHOUT_IDS, Folders, Key, place_of

PLACES: Final = (
    Key.VAULT_DATABASE,
    Key.VAULT_LOG,
    Key.VAULT_SOUND,
    Key.VAULT_UNFINISHED,
    Key.VAULT_AUDIT,
    Key.VAULT_OTHER,
    Key.TEMPORARY_FILES,
    Key.TTS_FILES,
    Key.DEBUG_RECORDINGS,
    Key.TRACE_FILES,
    Key.LISTS,
    Key.STORAGE,
    Key.LOG_FILES,
    Key.RECORDER,
    Key.BACKUPS,
    Key.OTHER_FILES,
)
"""In the order in which they are searched: the large ones last."""

_OF_SOUND: Final = frozenset({Key.TTS_FILES, Key.DEBUG_RECORDINGS})


def search(
    folders: Folders,
    wanted: Mapping[bytes, Kind],
    limits: Limits,
    findings: dict[Key, Finding],
    reached: Callable[[Key], None],
) -> None:
    """Search place after place, and add what was found in each; for a thread."""
    try:
        tree = walk(
            home.roots(folders),
            lambda path: place_of(path, folders),
            limits,
            wanted=home.may_be_ours,
        )
    except StoppedError as stopped:
        findings |= {key: Finding(why=stopped.why) for key in PLACES}
        return
    matcher = Matcher(wanted)
    without_ids = Matcher({needle: kind for needle, kind in wanted.items() if kind != Kind.IDS})
    for key in PLACES:
        reached(key)
        found = Search(without_ids if key in WITHOUT_IDS else matcher, limits)
        findings[key] = _of_place(key, tree, found)


def _of_place(key: Key, tree: Tree[Key], search: Search) -> Finding:
    finding = search.finding
    finding.why = tree.failed.get(key)
    try:
        for path in tree.files[key]:
            search.file(path)
    except StoppedError as stopped:
        finding.why = stopped.why
    if finding.why is None and key in _OF_SOUND and tree.files[key]:
        finding.why = Why.SOUND
    return finding
