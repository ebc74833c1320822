"""The commands beside `run`: voices, speaking into a file, and trying recognition on a file."""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import sys
import wave
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from earshot_satellite.checked_files import InstallError
from earshot_satellite.cli.fetching import shown
from earshot_wire.message import MessageError
from earshot_wire.vocabulary import Vocabulary

from ..grammar.automaton import Ending
from ..recognition.engine import BUILT_IN, Engine, GrammarError
from ..recognition.pool import Pool
from ..recognition.sound import RATE, Samples, find_speech, levels
from ..settings import Voice
from ..voice.choose import choose
from ..voice.install import install_from, install_known, manifest, remove
from ..voice.installed import installed
from ..voice.piper import MISSING
from ..voice.sentences import sentences
from ..voice.speaker import Sound


class ToolError(Exception):
    """A command cannot be carried out; the message names the remedy."""


def add_tools(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the commands to the command line."""
    voices = commands.add_parser("voices", help="list, install and remove Piper voices")
    actions = voices.add_subparsers(required=True)
    actions.add_parser("list", help="what is installed and known").set_defaults(command=_list)
    install = actions.add_parser("install", help="install a voice")
    install.add_argument("name")
    install.add_argument("--from", dest="source", type=Path, help="folder with its two files")
    install.add_argument("--sha256", help="checksum of the model, with --from")
    install.set_defaults(command=_install)
    removal = actions.add_parser("remove", help="delete a voice")
    removal.add_argument("name")
    removal.set_defaults(command=_remove)
    say = commands.add_parser("say", help="speak a text into a WAV file")
    say.add_argument("text", help="- reads it from standard input")
    say.add_argument("--output", type=Path, required=True, help="WAV file to write")
    say.add_argument("--voice", default="", help="installed Piper voice")
    say.set_defaults(command=_say)
    hear = commands.add_parser("recognise", help="recognise a WAV file and show how sure it is")
    hear.add_argument("file", type=Path, help="16 kHz, 16 bit, mono")
    hear.add_argument("--vocabulary", type=Path, help="JSON of a home; else no names")
    hear.add_argument("--wake-phrase", default="", help="phrase the audio may begin with")
    hear.set_defaults(command=_recognise)


def _list(_: argparse.Namespace) -> int:
    here = installed()
    known = manifest()
    print("espeak-ng  robotic, needs no voice file")
    for name in sorted({*here, *known}):
        state = "installed" if name in here else "not installed"
        voice = known.get(name)
        about = f"  {voice.description}; licence: {voice.licence}" if voice else ""
        print(f"{name}  {state}{about}")
    return 0


def _install(options: argparse.Namespace) -> int:
    known = manifest()
    voice = known.get(options.name)
    if options.source is not None:
        promised = options.sha256 or (voice.sha256_model if voice else "")
        if not promised:
            raise InstallError("--from needs --sha256: the checksum that the source publishes")
        path = install_from(options.name, options.source, promised.lower())
    elif voice is None:
        raise InstallError(
            f"{options.name} is not known; known: {', '.join(sorted(known))}."
            " Another: use --from FOLDER --sha256 DIGEST"
        )
    else:
        print(f"{voice.name}: licence {voice.licence}; from {voice.source}")
        with shown() as progress:
            path = install_known(voice, progress)
    print(f"installed: {path}")
    print(_next_step(path.stem))
    return 0


def _next_step(name: str) -> str:
    """Return what it takes until the voice speaks."""
    if find_spec("piper") is None:
        return f"-> {MISSING}"
    if len(installed()) > 1:
        return f'-> several are installed: set [voice] name = "{name}" and restart earshot-speech'
    return "-> restart earshot-speech to use it"


def _remove(options: argparse.Namespace) -> int:
    remove(options.name)
    print(f"removed: {options.name}")
    return 0


def _say(options: argparse.Namespace) -> int:
    text = sys.stdin.read() if options.text == "-" else options.text
    speaker = choose(Voice(engine="piper" if options.voice else "auto", name=options.voice))

    async def speak() -> list[Sound]:
        return [sound for part in sentences(text) async for sound in speaker.say(part)]

    sounds = asyncio.run(speak())
    if not sounds:
        raise ToolError("there is nothing to say in this text")
    try:
        with options.output.open("wb") as raw, wave.open(raw, "wb") as file:
            file.setnchannels(1)
            file.setsampwidth(2)
            file.setframerate(sounds[0].rate)
            file.writeframes(b"".join(sound.pcm for sound in sounds))
    except OSError as err:
        raise ToolError(f"{options.output} cannot be written: {err.strerror}") from None
    return 0


def _recognise(options: argparse.Namespace) -> int:
    return asyncio.run(_understand(options))


async def _understand(options: argparse.Namespace) -> int:
    samples = _read(options.file)
    speech = find_speech(levels(samples))
    if speech is None:
        print("no speech")
        return 1
    vocabulary = _vocabulary(options.vocabulary)
    pool = Pool(workers=1)
    engine = Engine(pool)
    await pool.start()
    try:
        grammar = await engine.learn(vocabulary)
        search = await engine.search(vocabulary.sha256, options.wake_phrase)
        verdict = await engine.understand(search, samples, speech)
    except GrammarError as err:
        raise ToolError(f"the vocabulary cannot be compiled: {err.code}") from None
    finally:
        await pool.stop()
    for dropped in grammar.dropped:
        print(f"left out: {dropped.what} ({dropped.reason})")
    print(f"speech   {speech.start_ms} to {speech.end_ms} ms")
    print(f"heard    {verdict.heard or '-'}")
    if verdict.fit is not None:
        fit = verdict.fit
        print(f"scores   mean {fit.mean:.1f}, gained {fit.gained:.1f}, {fit.beside_ms} ms beside")
    kind = verdict.ending.value if verdict.ending is not Ending.INCOMPLETE else "no command"
    print(f"result   {kind}")
    return 0 if verdict.text else 1


def _read(path: Path) -> Samples:
    try:
        with wave.open(str(path), "rb") as file:
            form = (file.getframerate(), file.getsampwidth(), file.getnchannels())
            if form != (RATE, 2, 1):
                raise ToolError(f"{path}: must be 16 kHz, 16 bit, mono")
            samples: Samples = np.frombuffer(file.readframes(30 * RATE), dtype="<i2")
            return samples
    except (OSError, EOFError, wave.Error) as err:
        raise ToolError(f"{path}: no WAV file that can be read ({type(err).__name__})") from None


def _vocabulary(path: Path | None) -> Vocabulary:
    if path is None:
        return BUILT_IN
    try:
        raw = path.read_bytes()
        return Vocabulary.from_canonical(raw, hashlib.sha256(raw).hexdigest())
    except OSError as err:
        raise ToolError(f"{path}: cannot be read ({err.strerror})") from None
    except MessageError as err:
        raise ToolError(f"{path}: {err}") from None
