"""Every place where a trace of a deleted command could be, whose it is, and what to do about it."""

from dataclasses import dataclass
from enum import StrEnum
from pathlib import PurePath
from typing import Final

from ..const import BACKUP_FOLDER
from .model import Keeper, Place, State, Why


class Key(StrEnum):
    """The places, in the order in which they are looked at and told: large ones last."""

    VAULT_DATABASE = "vault_database"
    VAULT_LOG = "vault_log"
    VAULT_SOUND = "vault_sound"
    VAULT_UNFINISHED = "vault_unfinished"
    VAULT_AUDIT = "vault_audit"
    VAULT_OTHER = "vault_other"
    VAULT_BACKUP = "vault_backup"
    TEMPORARY_FILES = "temporary_files"
    EXPORTS = "exports"
    PIPELINE_RUNS = "pipeline_runs"
    CHAT_LOGS = "chat_logs"
    RECOGNISED_TEXTS = "recognised_texts"
    TIMERS = "timers"
    TTS_MEMORY = "tts_memory"
    TRACE_MEMORY = "trace_memory"
    LOG_MEMORY = "log_memory"
    STATES = "states"
    TTS_FILES = "tts_files"
    DEBUG_RECORDINGS = "debug_recordings"
    TRACE_FILES = "trace_files"
    LISTS = "lists"
    STORAGE = "storage"
    LOG_FILES = "log_files"
    RECORDER = "recorder"
    BACKUPS = "backups"
    OTHER_FILES = "other_files"
    SATELLITES = "satellites"
    OTHER_ENGINES = "other_engines"
    BROWSERS = "browsers"
    SWAP_AND_FLASH = "swap_and_flash"
    OTHER_COPIES = "other_copies"
    OTHER_BACKUPS = "other_backups"


_OURS: Final = frozenset(
    {
        Key.VAULT_DATABASE,
        Key.VAULT_LOG,
        Key.VAULT_SOUND,
        Key.VAULT_UNFINISHED,
        Key.VAULT_AUDIT,
        Key.VAULT_OTHER,
        Key.VAULT_BACKUP,
        Key.EXPORTS,
        Key.SATELLITES,
    }
)
OUT_OF_REACH: Final = frozenset(
    {
        Key.SATELLITES,
        Key.OTHER_ENGINES,
        Key.BROWSERS,
        Key.SWAP_AND_FLASH,
        Key.OTHER_COPIES,
        Key.OTHER_BACKUPS,
    }
)
"""Named in every report, because nobody can look there from here."""

_OF_OTHERS: Final = (OUT_OF_REACH - _OURS) | {Key.OTHER_FILES, Key.TEMPORARY_FILES}

WITHOUT_IDS: Final = frozenset({Key.VAULT_AUDIT})
"""The audit says which capture was deleted: the id is there on purpose, and nothing else."""


@dataclass(frozen=True, kw_only=True)
class Folders:
    """Where this Home Assistant keeps what; all paths absolute."""

    config: PurePath
    vault: PurePath
    speech_cache: PurePath
    debug_recordings: PurePath | None = None
    recorder: PurePath | None = None
    log: PurePath | None = None


def kept_by(key: Key) -> Keeper:
    """Return whose place it is."""
    if key in _OURS:
        return Keeper.EARSHOT
    return Keeper.OTHER if key in _OF_OTHERS else Keeper.HOME_ASSISTANT


def out_of_reach(key: Key) -> Place:
    """Return what is said of a place that nobody can look into."""
    return Place(
        key=key,
        state=State.UNCHECKED,
        kept_by=kept_by(key),
        remedy=key,
        why=Why.OUT_OF_REACH,
    )


_BY_BEGINNING: Final = (
    (f"{BACKUP_FOLDER}/", Key.VAULT_BACKUP),
    ("backups/", Key.BACKUPS),
    ("tmp_backups/", Key.BACKUPS),
    ("home-assistant_v2.db", Key.RECORDER),
    ("home-assistant.log", Key.LOG_FILES),
    (".shopping_list.json", Key.LISTS),
    (".storage/local_todo.", Key.LISTS),
    (".storage/trace.", Key.TRACE_FILES),
    (".storage/", Key.STORAGE),
    ("", Key.OTHER_FILES),
)
"""How paths below the configuration folder begin; the first that fits counts."""


def place_of(path: PurePath, folders: Folders) -> Key:
    """Return which place a file belongs to. Every file belongs to one, known or not."""
    if path.is_relative_to(folders.vault):
        return _in_vault(path.relative_to(folders.vault))
    for folder, key in (
        (folders.speech_cache, Key.TTS_FILES),
        (folders.debug_recordings, Key.DEBUG_RECORDINGS),
    ):
        if folder is not None and path.is_relative_to(folder):
            return key
    for file, key in ((folders.recorder, Key.RECORDER), (folders.log, Key.LOG_FILES)):
        if file is not None and path.parent == file.parent and path.name.startswith(file.name):
            return key
    if not path.is_relative_to(folders.config):
        return Key.TEMPORARY_FILES
    below = path.relative_to(folders.config).as_posix()
    return next(key for beginning, key in _BY_BEGINNING if below.startswith(beginning))


def _in_vault(path: PurePath) -> Key:
    name = path.name
    if name.endswith(".part"):
        return Key.VAULT_UNFINISHED
    if name.endswith(("-wal", "-shm", "-journal")):
        return Key.VAULT_LOG
    top = path.parts[0] if path.parts else ""
    if top == "audio":
        return Key.VAULT_SOUND
    if top.startswith("audit"):
        return Key.VAULT_AUDIT
    return Key.VAULT_DATABASE if name.endswith((".db", ".key")) else Key.VAULT_OTHER
