"""The awake sound on a real loudspeaker that the microphone hears at -20 dB."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hearing_tools import Samples, say, scene, write_wav
from room import Home, SatelliteProcess

from earshot_wire.turn import Heard, Listen, TurnAudio, TurnEnd

AWAKE_HZ, RATE = 1_320, 22_050


def chimes(played: list[int]) -> bool:
    """Tell whether the awake sound's tone is in what the loudspeaker played."""
    frame = RATE // 20
    count = len(played) // frame
    sound = np.array(played[: count * frame], np.float64).reshape(count, frame)
    tone = np.exp(-2j * np.pi * AWAKE_HZ / RATE * np.arange(frame))
    of_tone = 2 * np.abs(sound @ tone) ** 2 / frame
    energy = (sound**2).sum(axis=1)
    return bool(((energy > 1e6) & (of_tone > 0.6 * energy)).any())


async def order(
    home: Home, satellite: SatelliteProcess, file: Path, said: Samples
) -> tuple[Samples, bool]:
    """Say it; return the command that came and whether the room chimed."""
    satellite.sound.echo(20)
    got = bytearray()
    with satellite.sound.recording() as played:
        playing = asyncio.create_task(
            asyncio.to_thread(satellite.sound.play, write_wav(file, said))
        )
        wake = await home.next("earshot-wake")
        turn = wake.data["turn"]
        home.send(Listen(turn=turn))
        while not playing.done():
            event: Any = await home.next("audio-chunk")
            got += TurnAudio.from_event(event).pcm
        home.send(Heard(turn=turn))
        home.send(TurnEnd(turn=turn, outcome="understood"))
        await asyncio.sleep(0.3)
    return np.frombuffer(bytes(got), np.int16), chimes(played)


@pytest.mark.parametrize(("pause_s", "sounds"), [(1.2, True), (0.0, False)])
async def test_it_sounds_only_where_nobody_speaks_on_and_takes_nothing_from_the_command(
    home: Home, satellite: SatelliteProcess, tmp_path: Path, pause_s: float, sounds: bool
) -> None:
    """Whoever pauses hears it; whoever does not is not talked into, and no word is lost to it."""
    word, command = say("hey jarvis"), say("turn on the kitchen light in the hall")
    said = scene(0.5, word, pause_s, command, 0.5)
    got, sounded = await order(home, satellite, tmp_path / "said.wav", said)
    assert sounded is sounds
    match = np.correlate(got.astype(np.float64), command.astype(np.float64), "valid")
    assert match.max() > 0.95 * float(command.astype(np.float64) @ command.astype(np.float64))
