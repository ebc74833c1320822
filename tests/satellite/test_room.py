"""All that a home can do with a satellite beside spoken commands, on real processes."""

from __future__ import annotations

import asyncio
import math
import random
import struct
import time
import wave
from pathlib import Path

from room import MICROPHONE, Home, SatelliteProcess, wait_for
from test_turn import loud_s, reply, wake

from earshot_wire import media, microphone, timers, tuning, turn

T, U, V = "a" * 16, "b" * 16, "c" * 16
RATE = 22_050


def tone(hertz: float, seconds: float, level: int = 6_000, rate: int = RATE) -> bytes:
    return b"".join(
        struct.pack("<h", int(level * math.sin(2 * math.pi * hertz * at / rate)))
        for at in range(int(seconds * rate))
    )


def level_of(samples: list[int], hertz: float) -> float:
    """How loud one frequency is in a recording."""
    real = sum(v * math.cos(2 * math.pi * hertz * i / RATE) for i, v in enumerate(samples))
    imaginary = sum(v * math.sin(2 * math.pi * hertz * i / RATE) for i, v in enumerate(samples))
    return 2 * math.hypot(real, imaginary) / max(1, len(samples))


def levels_of(samples: list[int], hertz: float) -> list[float]:
    """Return the same for each tenth of a second."""
    tenth = RATE // 10
    starts = range(0, len(samples) - tenth, tenth)
    return [level_of(samples[at : at + tenth], hertz) for at in starts]


async def answer_to(home: Home, invitation: turn.Invite) -> str:
    home.send(invitation)
    answer = turn.Invited.from_event(await home.next("earshot-invited"))
    assert answer.turn == invitation.turn
    return answer.result


async def test_home_asks_to_listen(home: Home, satellite: SatelliteProcess) -> None:
    """A tone that is heard although the room is silent, then the command, without a pre-roll."""
    home.send(media.SetVolume(level=0.0, muted=True))
    with satellite.sound.recording() as samples:
        assert await answer_to(home, turn.Invite(turn=T, why="asked")) == "begun"
        speaking = asyncio.create_task(asyncio.to_thread(satellite.sound.say, "the blue one"))
        first = turn.TurnAudio.from_event(await home.next("audio-chunk"))
        assert (first.turn, first.timestamp) == (T, 0)
        assert satellite.status()["state"] == "listening"
        home.send(turn.Heard(turn=T))
        end = turn.TurnAudioEnd.from_event(await home.next("audio-stop"))
        assert end.reason == "asked"
        home.send(turn.TurnEnd(turn=T, outcome="understood"))
        await speaking
    assert loud_s(samples) >= 0.2
    assert "home asks to listen (asked)" in satellite.read_log()


async def test_a_mute_ends_it_and_refuses_it(home: Home, satellite: SatelliteProcess) -> None:
    """What home asked for ends at once, and it may not ask again."""
    assert await answer_to(home, turn.Invite(turn=T, why="question")) == "begun"
    await home.next("audio-chunk")
    home.send(microphone.SetMute(muted=True, nonce="ab"))
    end = turn.TurnAudioEnd.from_event(await home.next("audio-stop"))
    assert end.reason == "muted"
    while microphone.Receipt.from_event(await home.next("earshot-receipt")).nonce != "ab":
        pass
    assert await answer_to(home, turn.Invite(turn=U, why="question")) == "muted"
    assert satellite.status()["state"] == "idle"
    pressed = satellite.cli("listen")
    assert (pressed.returncode, "muted" in pressed.stderr) == (3, True)


async def test_the_button_begins_a_command(home: Home, satellite: SatelliteProcess) -> None:
    """As the wake word does: home is asked, and grants it; pressed again, it ends."""
    assert satellite.cli("stop").stdout == "There was nothing to stop.\n"
    assert satellite.cli("listen").stdout == "It listens.\n"
    asked = turn.Wake.from_event(await home.next("earshot-wake", "audio-chunk"))
    assert (asked.word, asked.phrase) == (turn.BUTTON, "")
    home.send(turn.Listen(turn=asked.turn))
    assert turn.TurnAudio.from_event(await home.next("audio-chunk")).turn == asked.turn
    assert satellite.cli("listen").stdout == "It is quiet now.\n"
    end = turn.TurnAudioEnd.from_event(await home.next("audio-stop"))
    assert end.reason == "stopped"


async def test_the_floor_forbids_what_home_cannot_lift(satellite: SatelliteProcess) -> None:
    satellite.settings += "[floor]\nremote_listen = false\n"
    satellite.start()
    satellite.wait_hearing()
    home = Home(satellite.port)
    welcome = await home.link()
    assert (welcome.remote_listen, welcome.follow_up) == ("forbidden", False)
    assert await answer_to(home, turn.Invite(turn=T, why="asked")) == "forbidden"
    turn_id, speaking = await wake(home, satellite, "hey jarvis")
    await speaking
    await reply(home, turn_id, RATE, tone(440, 0.3))
    await home.next("played")
    home.send(turn.TurnEnd(turn=turn_id, outcome="understood"))
    after = turn.Invite(turn=U, why="follow_up", after=turn_id)
    assert await answer_to(home, after) == "forbidden"
    await home.close()


async def test_a_follow_up_comes_right_after_a_reply(
    home: Home, satellite: SatelliteProcess
) -> None:
    """And only then: after an announcement, or a second time, it is none."""
    turn_id, speaking = await wake(home, satellite, "hey jarvis")
    await speaking
    await reply(home, turn_id, RATE, tone(440, 0.3))
    await home.next("played")
    home.send(turn.TurnEnd(turn=turn_id, outcome="understood"))
    after = turn.Invite(turn=U, why="follow_up", after=turn_id)
    assert await answer_to(home, after) == "begun"
    assert turn.TurnAudio.from_event(await home.next("audio-chunk")).turn == U
    home.send(turn.TurnEnd(turn=U, outcome="false_wake"))
    await home.next("audio-stop")
    again = turn.Invite(turn=V, why="follow_up", after=turn_id)
    assert await answer_to(home, again) == "not_after"
    home.send(turn.Announce(turn=V))
    await reply(home, V, RATE, tone(440, 0.2))
    await home.next("played")
    home.send(turn.TurnEnd(turn=V, outcome="announced"))
    assert await answer_to(home, turn.Invite(turn=T, why="follow_up", after=V)) == "not_after"


async def timers_are(home: Home, *ringing: bool) -> None:
    """Wait until home is told of so many timers, ringing or not."""
    while True:
        told = timers.Timers.from_event(await home.next("earshot-timers")).timers
        if tuple(it.ringing for it in told) == ringing:
            return


async def test_a_timer_rings_although_home_is_gone(home: Home, satellite: SatelliteProcess) -> None:
    """It rings on the satellite's own clock, and the wake word stops it and begins no command."""
    home.send(timers.SetTimer(id="pizza", left_ms=2_500))
    await timers_are(home, False)
    await home.close()
    with satellite.sound.recording() as samples:
        await asyncio.to_thread(wait_for, lambda: satellite.status()["ringing"], "ringing")
        await asyncio.sleep(1.5)
    assert loud_s(samples) > 0.5
    back = Home(satellite.port)
    await back.link()
    await timers_are(back, True)
    for _ in range(3):
        await asyncio.to_thread(satellite.sound.say, "hey jarvis")
        if not satellite.status()["ringing"]:
            break
    await timers_are(back)
    assert "no more ringing" in satellite.read_log()
    while not back.events.empty():
        event = back.events.get_nowait()
        assert event is not None
        assert event.type not in {"earshot-wake", "audio-chunk"}
    await back.close()


async def test_a_timer_waits_for_a_reply_and_is_stopped(
    home: Home, satellite: SatelliteProcess
) -> None:
    """It does not talk into what is said, rings when muted too, and a hand can stop it."""
    home.send(turn.Announce(turn=T))
    await reply(home, T, RATE, tone(300, 2.0))
    home.send(timers.SetTimer(id="tea", left_ms=0))
    await timers_are(home, True)
    with satellite.sound.recording() as samples:
        await home.next("played")
        home.send(turn.TurnEnd(turn=T, outcome="announced"))
        home.send(microphone.SetMute(muted=True, nonce="ab"))
        await asyncio.sleep(2.0)
        assert satellite.cli("stop").stdout == "It is quiet now.\n"
        await timers_are(home)
    assert max(levels_of(samples, 988)) > 1_000
    assert satellite.status()["ringing"] is False


class Stream:
    """Sends a tone as home does: a few seconds ahead of what was heard."""

    def __init__(self, home: Home, stream: str) -> None:
        self.home, self.stream = home, stream
        self.states: list[str] = []

    async def play(self, hertz: float, seconds: float) -> None:
        self.home.send(media.MediaStart(stream=self.stream, rate=RATE, channels=1))
        pcm, sent, played_ms = tone(hertz, seconds), 0, 0
        while sent < len(pcm):
            while sent < len(pcm) and sent / 2 / RATE * 1_000 - played_ms < 3_000:
                piece = pcm[sent : sent + 8_192]
                self.home.send(media.MediaAudio(stream=self.stream, pcm=piece))
                sent += len(piece)
            if sent < len(pcm):
                played_ms = (await self.state()).played_ms
        self.home.send(media.MediaEnd(stream=self.stream))

    async def state(self) -> media.MediaState:
        state = media.MediaState.from_event(await self.home.next("earshot-media-state"))
        assert state.stream == self.stream
        self.states.append(state.state)
        return state

    async def until(self, state: str) -> media.MediaState:
        while (told := await self.state()).state != state:
            pass
        return told


async def test_media_goes_on_behind_what_is_spoken(home: Home, satellite: SatelliteProcess) -> None:
    """Softer while somebody speaks, and as loud as before when that is over."""
    stream = Stream(home, T)
    sending = asyncio.create_task(stream.play(440, 9.0))
    await asyncio.sleep(1.0)
    with satellite.sound.recording() as samples:
        home.send(turn.Announce(turn=U))
        await reply(home, U, RATE, tone(1_500, 2.0))
        played_at = time.monotonic() + 2.0
        await asyncio.sleep(played_at - time.monotonic() + 0.7)
        home.send(turn.TurnEnd(turn=U, outcome="announced"))
        await asyncio.sleep(1.5)
    sending.cancel()
    home.send(media.MediaStop(stream=T))
    voice, music = levels_of(samples, 1_500), levels_of(samples, 440)
    during = [m for m, v in zip(music, voice, strict=True) if v > 4_000]
    assert len(during) > 15
    ducked = sorted(during)[len(during) // 2]
    assert 0.15 < ducked / 6_000 < 0.35
    assert max(music[-10:]) > 5_000


async def test_media_is_paused_stopped_and_ends(home: Home, satellite: SatelliteProcess) -> None:
    """Also with its home, and a newer one is not told of what an older one played."""
    stream = Stream(home, T)
    await stream.play(440, 2.0)
    await stream.until("playing")
    home.send(media.MediaPause(stream=T, paused=True))
    held = await stream.until("paused")
    await asyncio.sleep(0.5)
    home.send(media.MediaPause(stream=T, paused=False))
    assert (await stream.until("playing")).played_ms >= held.played_ms
    assert 1_900 <= (await stream.until("ended")).played_ms <= 2_100
    other = Stream(home, U)
    await other.play(440, 2.5)
    await other.until("playing")
    home.send(media.MediaStop(stream=T))
    home.send(media.MediaStop(stream=U))
    await other.until("stopped")
    left = Stream(home, V)
    home.send(media.MediaStart(stream=V, rate=RATE, channels=1))
    home.send(media.MediaAudio(stream=V, pcm=tone(440, 1.0)))
    await left.until("playing")
    await home.close()
    back = Home(satellite.port)
    await back.link()
    newer = Stream(back, T)
    await newer.play(440, 0.5)
    await newer.until("ended")
    await back.close()


async def test_what_home_set_is_kept(home: Home, satellite: SatelliteProcess) -> None:
    """Over a restart, until the settings name something else."""
    home.send(media.SetVolume(level=0.4, muted=True))
    home.send(tuning.SetTuning(gain_db=6.5, noise_suppression=3))
    while tuning.Tuning.from_event(await home.next("earshot-tuning")).gain_db != 6.5:
        pass
    await home.close()
    satellite.stop()

    async def after_a_restart() -> tuple[media.Volume, tuning.Tuning]:
        satellite.start()
        back = Home(satellite.port)
        await back.link()
        volume = media.Volume.from_event(await back.next("earshot-volume"))
        tuned = tuning.Tuning.from_event(await back.next("earshot-tuning"))
        await back.close()
        satellite.stop()
        return volume, tuned

    kept = tuning.Tuning(gain_db=6.5, noise_suppression=3)
    assert await after_a_restart() == (media.Volume(level=0.4, muted=True), kept)
    satellite.settings += "[speaker]\nvolume = 0.9\n"
    assert await after_a_restart() == (media.Volume(level=0.9, muted=False), kept)


async def heard(home: Home, turn_id: str, seconds: float) -> list[int]:
    """Have it listen, and return what was sent."""
    assert await answer_to(home, turn.Invite(turn=turn_id, why="asked")) == "begun"
    pcm = b""
    while len(pcm) < seconds * 32_000:
        audio = turn.TurnAudio.from_event(await home.next("audio-chunk"))
        pcm += audio.pcm if audio.turn == turn_id else b""
    home.send(turn.TurnEnd(turn=turn_id, outcome="cancelled"))
    await home.next("audio-stop")
    return list(struct.unpack(f"<{len(pcm) // 2}h", pcm))


def rms(samples: list[int]) -> float:
    return math.sqrt(sum(it * it for it in samples) / len(samples))


async def test_gain_and_noise_suppression_act_on_what_is_heard(
    home: Home, satellite: SatelliteProcess, tmp_path: Path
) -> None:
    """On the sample values, at once, and without a new ear."""
    noise, draw = tmp_path / "noise.wav", random.Random(3)
    with wave.open(str(noise), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(16_000)
        samples = [int(draw.gauss(0, 800)) for _ in range(16_000 * 30)]
        file.writeframes(struct.pack(f"<{len(samples)}h", *samples))
    playing = await asyncio.create_subprocess_exec(
        *("paplay", f"--device={MICROPHONE}", noise), env=satellite.sound.env
    )
    pid = satellite.status()["microphone"]["pid"]
    plain = rms(await heard(home, T, 0.8))
    home.send(tuning.SetTuning(gain_db=12.0, noise_suppression=0))
    await asyncio.sleep(0.2)
    louder = rms(await heard(home, U, 0.8))
    assert 3.5 < louder / plain < 4.5
    home.send(tuning.SetTuning(gain_db=0.0, noise_suppression=3))
    await asyncio.sleep(2.2)
    cleaned = rms(await heard(home, V, 0.8))
    assert cleaned < plain / 4
    assert satellite.status()["microphone"]["pid"] == pid
    playing.kill()
    await playing.wait()
