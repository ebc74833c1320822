"""The loudspeaker of a room: media that Home Assistant decodes, and how loud it is."""

import asyncio
import io
import wave
from collections.abc import AsyncGenerator
from typing import Any

import pytest
from aiohttp import web
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.earshot.media import FORMAT
from custom_components.earshot.wire.media import (
    MEDIA_LEAD_S,
    MediaAudio,
    MediaEnd,
    MediaPause,
    MediaStart,
    MediaStop,
    SetVolume,
)
from custom_components.earshot.wire.turn import Announce

from .conftest import FFMPEG, until
from .fake_satellite import FakeSatellite

ENTITY = "media_player.kitchen_loudspeaker"
pytestmark = pytest.mark.skipif(not FFMPEG, reason="ffmpeg is not installed")


def a_sound(seconds: float) -> bytes:
    """Return a WAV file that is not silent."""
    content = io.BytesIO()
    with wave.open(content, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(22_050)
        file.writeframes(b"\x00\x10\x00\xf0" * int(seconds * 11_025))
    return content.getvalue()


@pytest.fixture
async def address() -> AsyncGenerator[str]:
    """Serve sounds of so many seconds."""

    async def answer(request: web.Request) -> web.Response:
        sound = a_sound(float(request.match_info["seconds"]))
        return web.Response(body=sound, content_type="audio/wav")

    app = web.Application()
    app.router.add_get("/{seconds}.wav", answer)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    await runner.cleanup()


async def act(hass: HomeAssistant, action: str, **data: Any) -> None:
    """Call an action of the media player."""
    await hass.services.async_call("media_player", action, {"entity_id": ENTITY} | data, True)


async def begin(
    hass: HomeAssistant, satellite: FakeSatellite, url: str
) -> tuple[str, asyncio.Task[None]]:
    """Begin to play; return the stream and the call, which waits for the satellite's word."""
    before = len(satellite.all(MediaStart))
    call = hass.async_create_task(
        act(hass, "play_media", media_content_type="music", media_content_id=url)
    )
    await satellite.wait(lambda: len(satellite.all(MediaStart)) > before)
    return satellite.all(MediaStart)[-1].stream, call


def sent_s(satellite: FakeSatellite, stream: str) -> float:
    """Return how much of a stream was sent."""
    return FORMAT.seconds(
        sum(len(it.pcm) for it in satellite.all(MediaAudio) if it.stream == stream)
    )


def state(hass: HomeAssistant) -> str:
    """Return the state of the player."""
    return hass.states.get(ENTITY).state


async def test_it_sends_no_more_than_a_little_ahead(
    hass: HomeAssistant, room: MockConfigEntry, satellite: FakeSatellite, address: str
) -> None:
    """As it is heard, and all of it in the end."""
    stream, call = await begin(hass, satellite, f"{address}/8.wav")
    await satellite.wait(lambda: sent_s(satellite, stream) > MEDIA_LEAD_S)
    await satellite.media(stream, "playing", 100)
    await call
    assert state(hass) == "playing"
    await asyncio.sleep(0.3)
    assert sent_s(satellite, stream) < MEDIA_LEAD_S + 0.4
    await satellite.media(stream, "playing", 4_000)
    await satellite.wait(lambda: sent_s(satellite, stream) > 4.0 + MEDIA_LEAD_S)
    await satellite.media(stream, "playing", 6_000)
    await satellite.wait(lambda: satellite.all(MediaEnd))
    assert abs(sent_s(satellite, stream) - 8.0) < 0.1
    assert state(hass) == "playing", "until it was heard"
    await satellite.media(stream, "ended", 8_000)
    await until(lambda: state(hass) == "idle")


async def test_it_is_paused_and_stopped(
    hass: HomeAssistant, room: MockConfigEntry, satellite: FakeSatellite, address: str
) -> None:
    stream, call = await begin(hass, satellite, f"{address}/20.wav")
    await satellite.media(stream, "playing", 10)
    await satellite.wait(lambda: sent_s(satellite, stream) > MEDIA_LEAD_S)
    await satellite.media(stream, "playing", 20)
    await call
    await act(hass, "media_pause")
    assert (await satellite.expect(MediaPause)).paused
    await satellite.media(stream, "paused", 500)
    await until(lambda: state(hass) == "paused")
    await act(hass, "media_play")
    await satellite.media(stream, "playing", 500)
    await until(lambda: state(hass) == "playing")
    await act(hass, "media_stop")
    assert (await satellite.expect(MediaStop)).stream == stream
    assert state(hass) == "idle"


async def test_everything_in_an_area_can_be_turned_off_and_on(
    hass: HomeAssistant, room: MockConfigEntry, satellite: FakeSatellite, address: str
) -> None:
    """Off is silent; a loudspeaker that refused would keep the rest of the area from obeying."""
    stream, call = await begin(hass, satellite, f"{address}/20.wav")
    await satellite.media(stream, "playing", 10)
    await satellite.wait(lambda: sent_s(satellite, stream) > MEDIA_LEAD_S)
    await call
    for action in ("turn_off", "turn_on"):
        await hass.services.async_call(
            "homeassistant", action, {"entity_id": ENTITY}, blocking=True
        )
    assert (await satellite.expect(MediaStop)).stream == stream
    assert state(hass) == "idle"


async def test_the_newest_wins_and_the_room_can_stop_it(
    hass: HomeAssistant, room: MockConfigEntry, satellite: FakeSatellite, address: str
) -> None:
    first, call = await begin(hass, satellite, f"{address}/20.wav")
    await satellite.wait(lambda: sent_s(satellite, first) > MEDIA_LEAD_S)
    await satellite.media(first, "playing", 20)
    await call
    second, call = await begin(hass, satellite, f"{address}/20.wav")
    assert satellite.all(MediaStop)[0].stream == first
    await satellite.media(first, "stopped")
    await satellite.wait(lambda: sent_s(satellite, second) > MEDIA_LEAD_S)
    await satellite.media(second, "playing", 20)
    await call
    assert state(hass) == "playing"
    await satellite.media(second, "stopped", 900)
    await until(lambda: state(hass) == "idle")


async def test_after_a_short_outage_it_goes_on_where_it_was(
    hass: HomeAssistant, room: MockConfigEntry, satellite: FakeSatellite, address: str
) -> None:
    """Also when the link is gone twice. The satellite forgot the stream: it is a new one."""
    stream, call = await begin(hass, satellite, f"{address}/12.wav")
    await satellite.media(stream, "playing", 20)
    await call
    streams = [stream]
    for _ in range(2):
        await satellite.wait(lambda: sent_s(satellite, streams[-1]) > MEDIA_LEAD_S)
        satellite.cut()
        await until(lambda: state(hass) == "unavailable")
        await satellite.wait(lambda: len(satellite.all(MediaStart)) > len(streams))
        assert state(hass) == "buffering"
        streams.append(satellite.all(MediaStart)[-1].stream)
    await satellite.media(streams[-1], "playing", 20)
    await until(lambda: state(hass) == "playing")
    await satellite.media(streams[-1], "playing", 9_000)
    await satellite.wait(lambda: satellite.all(MediaEnd))
    assert satellite.all(MediaEnd)[0].stream == streams[-1]
    # What was on its way when the link broke is lost, and nothing comes twice.
    assert 11.0 < sum(sent_s(satellite, it) for it in streams) < 12.1
    await satellite.media(streams[-1], "ended", 9_000)
    await until(lambda: state(hass) == "idle")


async def test_after_a_long_outage_the_room_is_left_silent(
    hass: HomeAssistant, room: MockConfigEntry, satellite: FakeSatellite, address: str, monkeypatch
) -> None:
    monkeypatch.setattr("custom_components.earshot.media.RESUME_S", 0.1)
    stream, call = await begin(hass, satellite, f"{address}/20.wav")
    await satellite.media(stream, "playing", 20)
    await call
    await satellite.stop()
    await until(lambda: room.runtime_data.media.playback == "idle")
    await satellite.start()
    await until(lambda: state(hass) == "idle")
    assert len(satellite.all(MediaStart)) == 1


async def test_what_was_paused_does_not_begin_by_itself(
    hass: HomeAssistant, room: MockConfigEntry, satellite: FakeSatellite, address: str
) -> None:
    """Nor does what nobody has heard yet."""
    stream, call = await begin(hass, satellite, f"{address}/20.wav")
    await satellite.media(stream, "playing", 20)
    await call
    await satellite.media(stream, "paused", 500)
    await until(lambda: state(hass) == "paused")
    satellite.cut()
    await until(lambda: state(hass) == "unavailable")
    await until(lambda: state(hass) == "idle")
    _, call = await begin(hass, satellite, f"{address}/20.wav")
    satellite.cut()
    with pytest.raises(HomeAssistantError):
        await call
    await until(lambda: state(hass) == "idle")
    assert len(satellite.all(MediaStart)) == 2


@pytest.mark.parametrize(
    ("url", "error"),
    [
        ("http://127.0.0.1:1/nothing.mp3", "media_unreadable"),
        ("file:///etc/passwd", "media_not_an_address"),
        ("concat:/etc/passwd", "media_not_an_address"),
    ],
)
async def test_what_cannot_be_played(
    hass: HomeAssistant, room: MockConfigEntry, satellite: FakeSatellite, url: str, error: str
) -> None:
    """Files of the machine are no media."""
    with pytest.raises((HomeAssistantError, ServiceValidationError)) as raised:
        await act(hass, "play_media", media_content_type="music", media_content_id=url)
    assert raised.value.translation_key == error
    assert not satellite.all(MediaStart)
    assert state(hass) == "idle"


async def test_an_announcement_comes_before_all_else(
    hass: HomeAssistant, room: MockConfigEntry, satellite: FakeSatellite, address: str
) -> None:
    await act(
        hass, "play_media", media_content_type="music", media_content_id=f"{address}/0.3.wav",
        announce=True,
    )  # fmt: skip
    (announced,) = satellite.all(Announce)
    assert satellite.reply(announced.turn)
    assert not satellite.all(MediaStart)


async def test_volume(hass: HomeAssistant, room: MockConfigEntry, satellite: FakeSatellite) -> None:
    """What is shown is what the satellite says, also when it is turned by hand."""
    satellite.volume = (0.5, False)
    await satellite.tell_volume()
    await until(lambda: hass.states.get(ENTITY).attributes["volume_level"] == 0.5)
    await act(hass, "volume_mute", is_volume_muted=True)
    await until(lambda: hass.states.get(ENTITY).attributes["is_volume_muted"])
    assert satellite.all(SetVolume)[-1] == SetVolume(level=0.5, muted=True)
    await act(hass, "volume_set", volume_level=0.25)
    await until(lambda: hass.states.get(ENTITY).attributes["volume_level"] == 0.25)
    assert satellite.all(SetVolume)[-1] == SetVolume(level=0.25, muted=True)
