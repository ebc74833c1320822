"""Searching the files of every place."""

from collections.abc import Callable, Mapping
from typing import Final

from . import home, rows
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
    Key.VAULT_BACKUP,
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

_WITH_ROWS: Final = frozenset({Key.RECORDER, Key.OTHER_FILES})
"""Not the vault: a reader would keep it from emptying its log, and its rows are sealed."""

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
        findings[key] = _of_place(key, tree, without_ids if key in WITHOUT_IDS else matcher, limits)


def _of_place(key: Key, tree: Tree[Key], matcher: Matcher, limits: Limits) -> Finding:
    search = Search(matcher, limits)
    finding = search.finding
    finding.why = tree.failed.get(key)
    try:
        for path in tree.files[key]:
            search.file(path)
            if key in _WITH_ROWS and rows.is_database(path):
                finding += rows.search(path, matcher, limits)
    except StoppedError as stopped:
        finding.why = stopped.why
    if finding.why is None and key in _OF_SOUND and tree.files[key]:
        finding.why = Why.SOUND
    return finding
