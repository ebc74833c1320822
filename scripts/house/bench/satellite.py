"""The satellite by itself: CPU, memory, how soon it listens, what a command loses on its way."""

from __future__ import annotations

import asyncio
import json
import math
import os
import statistics
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from custom_components.earshot.wire.code import SATELLITE
from custom_components.earshot.wire.greeting import SetWakeWords
from custom_components.earshot.wire.identity import Trust, make_identity
from custom_components.earshot.wire.limits import PAIRING_PORT_AFTER
from custom_components.earshot.wire.pairing import pair
from custom_components.earshot.wire.tls import pairing_client
from custom_components.earshot.wire.tuning import SetTuning

from ..audio import AUDIBLE, RATE, Samples, find, write_wav
from ..ports import HOST
from ..process import ChildError
from ..programs import ROOM_BIN
from ..sound import SoundServer
from ..voice import VOICES, Spoken, Voices
from ..workspace import workspace
from .figures import percentile
from .owner_fuzz import as_owner, while_pairing
from .satellite_fuzz import fuzz
from .satellite_home import Command, Home
from .satellite_subject import Studio, Subject, subject

_WORDS_3 = ("hey_jarvis", "okay_nabu", "alexa")
_STARTS = 5
_TURNS = 20
_COMMAND = "turn on the kitchen light in the hall"
_HEARD_S = 5.0
_FUZZ_S = 30.0
_DAY = Path(__file__).with_name("satellite_day.py")
_DAY_S = 1800.0

TARGETS: Mapping[str, float] = {
    "cpu_s_per_h_speech_1": 45,
    "cpu_s_per_h_speech_3": 55,
    "cpu_s_per_h_silence": 35,
    "pss_mib": 80,
    "pss_mib_stage_two_off": 64,
    "pss_mib_muted": 40,
    "start_to_listening_s": 1,
    "unmute_to_listening_s": 1,
    "wake_to_audio_ms_p50": 200,
    "wake_to_audio_ms_p95": 350,
    "samples_lost": 0,
    "day_rss_growth_mib": 1,
    "fuzz_faults": 0,
}
"""At most so much."""


PAIR: Mapping[str, float] = {
    "cpu_s_per_h_speech_1": 358,
    "cpu_s_per_h_speech_3": 381,
    "cpu_s_per_h_silence": 331,
    "pss_mib": 80,
    "pss_mib_stage_two_off": 78,
}
"""What wyoming-satellite 1.4.1 with wyoming-openwakeword 2.1.0 took on such a machine (2026-11-23,
both processes on one core, arecord not counted; memory as resident size). The index only has
versions of 2023, 1.0.0 and 1.8.2, which need an environment each, an older numpy and another start
than their own: they are not measured here. `docs/hardware.md` has what they took once."""


async def bench(minute_s: float, hours: int) -> dict[str, Any]:
    """Measure everything, printing it; CPU over `minute_s` each, a day of so many hours."""
    with workspace() as folder:
        (folder / "sound").mkdir()
        sound = SoundServer(folder / "sound")
        await sound.start()
        studio = Studio(folder, sound, Voices(folder / "voices"))
        try:
            await studio.compile()
            figures = await _figures(studio, minute_s, hours)
        finally:
            await sound.stop()
    _print(figures)
    return figures


async def _figures(studio: Studio, minute_s: float, hours: int) -> dict[str, Any]:
    talk = await studio.speech(minute_s + 20)
    # Neighbours make every CPU second longer: figures of a busy machine are upper bounds.
    figures: dict[str, Any] = {"load_average": round(os.getloadavg()[0], 1)}
    async with subject(studio, "One") as one, _home(one) as home:
        _step("how soon it listens, and what a command loses")
        figures |= await _starts(one)
        await home.link()
        figures |= await _turns(studio, one, home)
        _step(f"CPU with one word: {minute_s:.0f} s of talk, {minute_s:.0f} s of quiet")
        figures["cpu_s_per_h_speech_1"] = round(await one.cpu(minute_s, talk), 1)
        figures["cpu_s_per_h_silence"] = round(await one.cpu(minute_s), 1)
        figures["unmute_to_listening_s"] = await _unmutes(home)
        await home.mute(muted=True, nonce="aa")
        figures["pss_mib_muted"] = round(one.pss(), 1)
        _step(f"nonsense at its port, from its home and while pairing, {_FUZZ_S:.0f} s each")
        figures |= await _fuzz(studio, one, _FUZZ_S)
    async with subject(studio, "Three", _WORDS_3) as three, _home(three) as home:
        _step(f"CPU with three words: {minute_s:.0f} s of talk")
        await three.start()
        await home.link()
        figures["cpu_s_per_h_speech_3"] = round(await three.cpu(minute_s, talk), 1)
        await _say_word(studio, three, home)
        figures["pss_mib"] = round(three.pss(), 1)
    async with subject(studio, "Plain", stage_two=False) as plain, _home(plain) as home:
        _step("memory without the second stage")
        await plain.start()
        await home.link()
        await _say_word(studio, plain, home)
        figures["pss_mib_stage_two_off"] = round(plain.pss(), 1)
    _step(f"{hours} hours of sound, faster than they are")
    return figures | await _day(studio, talk, hours)


def _home(measured: Subject) -> Home:
    return Home(measured.room.port, measured.trust)


async def _starts(one: Subject) -> dict[str, Any]:
    taken = []
    for number in range(_STARTS):
        if number:
            await one.child.stop()
        taken.append(await one.start())
    return {"start_to_listening_s": round(statistics.median(taken), 2)}


async def _unmutes(home: Home) -> float:
    taken = []
    for number in range(_STARTS):
        await home.mute(muted=True, nonce=f"{number}a")
        taken.append(await home.mute(muted=False, nonce=f"{number}b"))
    return round(statistics.median(taken), 2)


async def _say_word(studio: Studio, measured: Subject, home: Home) -> None:
    """Have it used once: what is loaded late is loaded then."""
    spoken = await studio.voices.order(_COMMAND, "rms")
    number = len(home.commands)
    await measured.say(spoken.samples)
    command = await home.command(number, _HEARD_S)
    if command is not None:
        home.finish(command)
    await asyncio.sleep(1)


async def _turns(studio: Studio, one: Subject, home: Home) -> dict[str, Any]:
    """Say orders with and without a pause; see when their audio comes, and all of it."""
    await one.in_microphone.start()
    delays: list[float] = []
    lost: list[int] = []
    missed = 0
    for turn in range(_TURNS):
        pause_s = (0.0, 0.3)[turn % 2]
        spoken = await studio.voices.order(
            _COMMAND, VOICES[turn // 2 % len(VOICES)], pause_s=pause_s
        )
        heard = await _turn(one, home, spoken)
        if heard is None:
            missed += 1
            continue
        delays.append(heard[0])
        lost.append(heard[1])
    await one.in_microphone.stop()
    return {
        "wake_to_audio_ms_p50": _rounded(percentile(delays, 0.5)),
        "wake_to_audio_ms_p95": _rounded(percentile(delays, 0.95)),
        "samples_lost": sum(lost),
        "turns": _TURNS,
        "turns_missed": missed,
    }


async def _turn(one: Subject, home: Home, spoken: Spoken) -> tuple[float, int] | None:
    """Say one order; return ms from the wake word's last sample to the wire, and samples lost."""
    number, began = len(home.commands), time.time() - 0.05
    await one.say(spoken.samples)
    command = await home.command(number, _HEARD_S)
    await asyncio.sleep(0.5)
    if command is None or command.first_audio is None:
        return None
    home.finish(command)
    begin = one.in_microphone.first_sound(began)
    if begin is None:
        raise ChildError("nothing was heard in the microphone")
    loud = np.flatnonzero(np.abs(spoken.samples.astype(np.int32)) > AUDIBLE)
    wake_end = begin + (spoken.wake_end - int(loud[0])) / RATE
    await asyncio.sleep(2.0)
    return 1000 * (command.first_audio - wake_end), _lost(one, command, began, spoken)


def _lost(one: Subject, command: Command, began: float, spoken: Spoken) -> int:
    """Return how many samples of a command are missing, doubled or changed.

    The microphone's own recording is what there was; the command must be a whole piece of it that
    begins before the command's first sample.
    """
    recorded, _ = one.in_microphone.since(began)
    got = np.frombuffer(command.pcm, dtype="<i2")
    at = _place(got, recorded)
    if at is None:
        return len(got)
    changed = int(np.count_nonzero(recorded[at : at + len(got)] != got[: len(recorded) - at]))
    first, _ = find(spoken.samples, recorded)
    return changed + max(0, at - (first + spoken.command_start))


def _place(needle: Samples, hay: Samples) -> int | None:
    """Return where the needle's head is in the hay, to the sample."""
    raw, head = hay.tobytes(), needle[: RATE // 10].tobytes()
    at = raw.find(head)
    while at >= 0 and at % 2:
        at = raw.find(head, at + 1)
    return at // 2 if at >= 0 else None


async def _fuzz(studio: Studio, one: Subject, seconds: float) -> dict[str, Any]:
    """Tell a muted one nonsense from all sides; it must say nothing, not grow, and still obey."""
    before, pid = one.pss(), one.child.pid
    strangers = await fuzz(one.room.port, seconds)
    growth = one.pss() - before
    links = await asyncio.to_thread(as_owner, one.room.port, one.trust, seconds)
    tries, trust = await _fuzz_pairing(one, seconds)
    one.trust = trust
    async with _home(one) as home:
        await home.link()
        # Muted, as before: an ear that it was told to open is no growth.
        await home.mute(muted=True, nonce="ed")
        owner_growth = one.pss() - before
        # It was told other words and another gain, rightly.
        home.send(SetWakeWords(words=("hey_jarvis",)))
        home.send(SetTuning(gain_db=0.0, noise_suppression=0))
        await home.mute(muted=False, nonce="ee")
        await _say_word(studio, one, home)
        obeys = bool(home.commands)
    log = one.child.log.read_text(errors="replace")
    return {
        "fuzz_connections": strangers,
        "fuzz_owner_links": links,
        "fuzz_pairing_tries": tries,
        "fuzz_faults": log.count("Traceback") + (one.child.pid != pid) + (not obeys),
        "fuzz_pss_growth_mib": round(growth, 1),
        "fuzz_owner_pss_growth_mib": round(owner_growth, 1),
    }


async def _fuzz_pairing(one: Subject, seconds: float) -> tuple[int, Trust]:
    """Return how many tries were heard, and what a home has that pairs after all of them."""
    port = one.room.port + PAIRING_PORT_AFTER
    async with one.room.shown_code() as code:
        tries = await asyncio.to_thread(while_pairing, port, seconds)
        reader, writer = await asyncio.open_connection(
            HOST, port, ssl=pairing_client(), server_hostname=""
        )
        try:
            trust = await pair(
                *(reader, writer), identity=make_identity(), code=code, role=SATELLITE, keep=_keep
            )
        finally:
            writer.close()
    return tries, trust


async def _keep(_: Trust) -> None:
    """Write nothing down."""


async def _day(studio: Studio, talk: Samples, hours: int) -> dict[str, Any]:
    word = np.concatenate([await studio.voices.say("hey jarvis", "rms"), talk[:RATE]])
    files = [studio.folder / "talk.wav", studio.folder / "word.wav"]
    for file, sound in zip(files, (talk, word), strict=True):
        write_wav(file, sound)
    process = await asyncio.create_subprocess_exec(
        *(str(ROOM_BIN / "python"), str(_DAY), *map(str, files), str(hours)),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        env={**os.environ, "OPENBLAS_NUM_THREADS": "1", "MALLOC_ARENA_MAX": "1"},
    )
    async with asyncio.timeout(_DAY_S):
        out, _ = await process.communicate()
    if process.returncode:
        raise ChildError(f"the day ended with status {process.returncode}")
    told: dict[str, Any] = json.loads(out)
    growth = told["rss_mib_last_hour"] - told["rss_mib_first_hour"]
    return {
        "day_hours": told["hours"],
        "day_rss_growth_mib": round(growth, 2),
        "day_rss_mib_highest": told["rss_mib_highest"],
        "day_words": told["words"],
        "day_detections": told["detections"],
        "day_times_real_time": round(told["hours"] * 3600 / told["seconds"]),
    }


def _step(what: str) -> None:
    print(f"... {what}", flush=True)


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 1)


def _print(figures: Mapping[str, Any]) -> None:
    print(f"\n  {'':<28} {'measured':>9} {'at most':>9} {'the pair':>9}")
    for key, value in figures.items():
        target = TARGETS.get(key)
        mark = "" if target is None else "ok" if _meets(value, target) else "OVER"
        shown = "-" if value is None else value
        wanted, pair = "" if target is None else target, PAIR.get(key, "")
        print(f"  {key:<28} {shown:>9} {wanted:>9} {pair:>9} {mark}")
    print(
        "\nThe pair: wyoming-satellite 1.4.1 with wyoming-openwakeword 2.1.0, as measured on such"
        " a machine on 2026-11-23; not measured now."
    )
    print("The voices are synthetic: this shows cost and wiring, not accuracy.")


def _meets(value: float | None, target: float) -> bool:
    return value is not None and math.isfinite(value) and value <= target
