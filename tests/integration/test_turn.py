"""A spoken command, from the wake word to the end of the reply."""

from custom_components.earshot.wire.turn import Heard, Listen, ReplyEnd, ReplyStart, TurnEnd
from homeassistant.core import HomeAssistant

from .conftest import LIGHT
from .fake_satellite import FakeSatellite
from .fake_speech import RATE, FakeSpeech, letter_pcm

COMMAND = bytes(32 * 1000)


async def test_a_command_is_carried_out_and_answered(
    hass: HomeAssistant, room, satellite: FakeSatellite, speech: FakeSpeech
) -> None:
    """The main promise: the light is on, the reply is spoken, the room is idle again."""
    turn = await satellite.wake()
    await satellite.expect(Listen, turn)
    await satellite.speak(turn, COMMAND)
    end = await satellite.expect(TurnEnd, turn)
    await hass.async_block_till_done()

    assert end.outcome == "understood"
    assert hass.states.get(LIGHT).state == "on"
    assert satellite.all(Heard, turn)
    assert satellite.all(ReplyStart, turn)[0].rate == RATE
    assert satellite.reply(turn) == letter_pcm() * len(speech.spoken[-1])
    assert satellite.all(ReplyEnd, turn)
    assert hass.states.get("assist_satellite.kitchen").state == "idle"
