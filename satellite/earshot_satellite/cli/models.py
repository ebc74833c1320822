"""`earshot-satellite models`."""

from __future__ import annotations

import argparse
from pathlib import Path

from ..checked_files import InstallError
from ..settings import Settings
from ..wake.install import install_from, install_known, installed, manifest, remove
from ..wake.models import WakeWord, builtin_words
from .command import fail
from .fetching import shown


def options(parser: argparse.ArgumentParser) -> None:
    """Take what to do, and with which word."""
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    actions.add_parser("list", help="what there is, what is installed and what is known")
    install = actions.add_parser("install", help="install a wake word")
    install.add_argument("id")
    install.add_argument(
        "--from", dest="source", type=Path, metavar="FOLDER", help="take its files from there"
    )
    install.add_argument("--sha256", metavar="DIGEST", help="of its .tflite, with --from")
    actions.add_parser("remove", help="delete an installed wake word").add_argument("id")


def main(_: Settings, asked: argparse.Namespace) -> int:
    """List, install or remove; the satellite is never asked and need not run."""
    try:
        match asked.action:
            case "list":
                _list()
            case "install":
                _install(asked.id, asked.source, asked.sha256)
            case _:
                remove(asked.id)
                print(f"removed: {asked.id}")
    except InstallError as err:
        return fail(str(err))
    return 0


def _list() -> None:
    known = manifest()
    here = installed()
    for word in builtin_words().values():
        print(f"{word.id:<16} comes with Earshot   {_licence(word, known.licences)}")
    for word in here.values():
        entry = known.words.get(word.id)
        print(f"{word.id:<16} installed            {entry.licence if entry else 'your own'}")
    for entry in known.words.values():
        if entry.id not in here:
            print(f"{entry.id:<16} not installed        {entry.licence}; from {entry.source}")


def _licence(word: WakeWord, licences: dict[str, str]) -> str:
    families = [("microWakeWord", word.micro), ("openWakeWord", word.head)]
    return "; ".join(f"{name}: {licences[name.lower()]}" for name, has in families if has)


def _install(name: str, source: Path | None, sha256: str | None) -> None:
    known = manifest()
    entry = known.words.get(name)
    if source is not None:
        promised = sha256 or (entry.sha256_model if entry else "")
        if not promised:
            raise InstallError("--from needs --sha256: the checksum that the source publishes")
        word = install_from(name, source, promised.lower())
    elif entry is None:
        raise InstallError(
            f"{name} is not known; known: {', '.join(known.words)}."
            " Your own: use --from FOLDER --sha256 DIGEST"
        )
    else:
        print(f"{entry.id}: licence {entry.licence}; from {entry.source}")
        with shown() as progress:
            word = install_known(entry, known.hosts, progress)
    print(f'installed: {name}, "{word.phrase}". Restart the satellite, then choose it.')
