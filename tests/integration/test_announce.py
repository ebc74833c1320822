"""Speaking in a room without having been asked to, wake words, and the phrases kept there."""

from pathlib import Path

import pytest
from homeassistant.components.assist_satellite import AssistSatelliteConfiguration
from homeassistant.components.assist_satellite.const import DATA_COMPONENT
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.earshot.voice import announce as announce_module
from custom_components.earshot.voice.phrases import TEXTS
from custom_components.earshot.wire.phrases import StorePhrase
from custom_components.earshot.wire.turn import Announce, Listen, ReplyStart, TurnEnd

from .conftest import FFMPEG, until
from .fake_satellite import FakeSatellite
from .fake_speech import RATE, FakeSpeech, letter_pcm
from .test_pure import a_wav

ENTITY = "assist_satellite.kitchen"
needs_ffmpeg = pytest.mark.skipif(not FFMPEG, reason="ffmpeg is not installed")


async def speak(hass: HomeAssistant, **data: object) -> None:
    """Announce in the kitchen."""
    await hass.services.async_call(
        "assist_satellite",
        "announce",
        {"entity_id": ENTITY, "preannounce": False} | data,
        blocking=True,
    )


async def test_an_announcement_is_heard(
    hass: HomeAssistant, room: MockConfigEntry, satellite: FakeSatellite, speech: FakeSpeech
) -> None:
    """Spoken, waited for, and nothing is listened to."""
    await speak(hass, message="dinner")
    (announced,) = satellite.all(Announce)
    assert satellite.reply(announced.turn) == letter_pcm() * len("dinner")
    assert (await satellite.expect(TurnEnd, announced.turn)).outcome == "announced"
    assert not satellite.all(Listen)
    assert hass.states.get(ENTITY).state == "idle"


@needs_ffmpeg
async def test_media_and_a_sound_before(
    hass: HomeAssistant, room: MockConfigEntry, satellite: FakeSatellite, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    """Other media go through ffmpeg; a sound before speech takes the format of the speech."""
    sound = tmp_path / "sound.wav"
    await hass.async_add_executor_job(sound.write_bytes, a_wav(rate=44_100, channels=2))
    monkeypatch.setattr(
        "homeassistant.components.assist_satellite.entity.async_process_play_media_url",
        lambda hass, media_id: str(sound),
    )
    await speak(hass, media_id="http://127.0.0.1/sound.wav")
    assert satellite.all(ReplyStart)[-1].rate == announce_module.MEDIA_FORMAT.rate
    alone = len(satellite.reply(satellite.all(Announce)[-1].turn))
    assert alone
    await speak(hass, media_id="http://127.0.0.1/sound.wav", preannounce=True)
    assert len(satellite.reply(satellite.all(Announce)[-1].turn)) == 2 * alone
    await speak(hass, message="dinner", preannounce=True)
    last = satellite.all(Announce)[-1].turn
    assert satellite.all(ReplyStart, last)[0].rate == RATE
    assert len(satellite.reply(last)) == alone + len(letter_pcm()) * len("dinner")


async def test_media_that_cannot_be_read(
    hass: HomeAssistant, room: MockConfigEntry, satellite: FakeSatellite
) -> None:
    """A clear error; the room is idle again."""
    with pytest.raises(HomeAssistantError) as raised:
        await speak(hass, media_id="http://127.0.0.1:1/nothing.mp3")
    assert raised.value.translation_key in ("announcement_media", "announcement_voice")
    assert hass.states.get(ENTITY).state == "idle"


async def test_a_sound_before_that_cannot_be_played_is_left_out(
    hass: HomeAssistant, room: MockConfigEntry, satellite: FakeSatellite
) -> None:
    """The words matter more."""
    await speak(
        hass, message="dinner", preannounce=True,
        preannounce_media_id="http://127.0.0.1:1/nothing.mp3",
    )  # fmt: skip
    assert satellite.reply(satellite.all(Announce)[-1].turn) == letter_pcm() * len("dinner")


async def test_a_voice_that_fails(
    hass: HomeAssistant, room: MockConfigEntry, satellite: FakeSatellite, speech: FakeSpeech
) -> None:
    """The action's error says what failed."""
    speech.voice_fails = True
    with pytest.raises(HomeAssistantError) as raised:
        await speak(hass, message="supper")
    assert raised.value.translation_key == "announcement_voice"


async def test_a_wake_word_over_an_announcement(
    hass: HomeAssistant, room: MockConfigEntry, satellite: FakeSatellite
) -> None:
    """It ends the announcement and is granted."""
    satellite.plays = False
    task = hass.async_create_task(speak(hass, message="dinner"))
    await satellite.expect(Announce)
    turn = await satellite.wake()
    await satellite.expect(Listen, turn)
    await task
    satellite.plays = True


async def test_a_satellite_that_is_off(
    hass: HomeAssistant, room: MockConfigEntry, satellite: FakeSatellite
) -> None:
    """Neither announcements nor wake words reach it, and the error says so."""
    entity = hass.data[DATA_COMPONENT].get_entity(ENTITY)
    await satellite.stop()
    await until(lambda: hass.states.get(ENTITY).state == "unavailable")
    with pytest.raises(HomeAssistantError) as raised:
        await entity.async_internal_announce("dinner", preannounce=False)
    assert raised.value.translation_key == "satellite_unreachable"
    with pytest.raises(HomeAssistantError):
        await entity.async_set_configuration(AssistSatelliteConfiguration([], ["alexa"], 1))


async def test_wake_words_are_chosen_here(
    hass: HomeAssistant, room: MockConfigEntry, satellite: FakeSatellite
) -> None:
    """The satellite is asked, and its answer is what is shown."""
    entity = hass.data[DATA_COMPONENT].get_entity(ENTITY)
    config = entity.async_get_configuration()
    assert [it.id for it in config.available_wake_words] == ["hey_jarvis", "alexa"]
    assert config.active_wake_words == ["hey_jarvis"]
    config.active_wake_words = ["alexa"]
    await entity.async_set_configuration(config)
    await until(lambda: entity.async_get_configuration().active_wake_words == ["alexa"])


async def test_wake_words_of_a_satellite_never_met(
    hass: HomeAssistant, room: MockConfigEntry
) -> None:
    """There is nothing to choose from."""
    room.runtime_data.welcome = None
    with pytest.raises(HomeAssistantError):
        hass.data[DATA_COMPONENT].get_entity(ENTITY).async_get_configuration()


async def test_phrases_are_stored_once(
    hass: HomeAssistant, room: MockConfigEntry, satellite: FakeSatellite, speech: FakeSpeech
) -> None:
    """Rendered in the room's voice, kept by the satellite, not sent again to one that has them."""
    assert set(satellite.phrases) == set(TEXTS["en"])
    assert sorted(speech.spoken) == sorted(TEXTS["en"].values())
    satellite.got.clear()
    satellite.cut()
    await satellite.wait(lambda: satellite.hellos == 2 and satellite.linked)
    await until(lambda: hass.states.get(ENTITY).state == "idle")
    assert not satellite.all(StorePhrase)
    satellite.phrases.clear()
    satellite.cut()
    await satellite.wait(lambda: len(satellite.phrases) == len(TEXTS["en"]))
    assert len(speech.spoken) == len(TEXTS["en"])
