"""The room's Wi-Fi is gone for a while: packets are really lost, and nobody is told."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from custom_components.earshot.link.keys import Credentials
from custom_components.earshot.link.room import RoomLink
from custom_components.earshot.wire.greeting import Welcome
from custom_components.earshot.wire.identity import Trust, make_identity
from custom_components.earshot.wire.limits import PEER_SILENCE_S
from custom_components.earshot.wire.message import Message
from custom_components.earshot.wire.tls import paired_client
from custom_components.earshot.wire.trust_file import TrustFile
from custom_components.earshot.wire.turn import Heard, Listen, TurnAudio, TurnEnd, Wake
from house.airgap.namespace import NamespaceError
from house.far import FarEnd
from house.room import Room, RoomPlan
from house.sound import SoundServer
from house.voice import Voices

ID = "0123456789abcdef" * 2
NOTICED_S = PEER_SILENCE_S + 5.0
BACK_S = 15.0


@dataclass
class Home:
    """Grants every wake word, and notes when the link came and went."""

    link: RoomLink = field(init=False)
    told: asyncio.Queue[tuple[str, float]] = field(default_factory=asyncio.Queue)
    heard: asyncio.Queue[TurnAudio] = field(default_factory=asyncio.Queue)

    def link_up(self, _: Welcome) -> None:
        self.told.put_nowait(("up", time.monotonic()))

    def link_down(self, reason: str) -> None:
        self.told.put_nowait((reason, time.monotonic()))

    def message(self, message: Message) -> None:
        if isinstance(message, Wake):
            self.link.send(Listen(turn=message.turn))
        elif isinstance(message, TurnAudio):
            self.heard.put_nowait(message)

    async def until(self, *what: str, timeout_s: float) -> float:
        """Return when the link was next told to be so."""
        async with asyncio.timeout(timeout_s):
            while (told := await self.told.get())[0] not in what:
                pass
        return told[1]


@asynccontextmanager
async def far_room(folder: Path) -> AsyncIterator[tuple[FarEnd, Room, Trust, Voices]]:
    """Have a paired satellite that hears, at the other end of a cable."""
    (folder / "sound").mkdir()
    sound = SoundServer(folder / "sound")
    async with FarEnd(folder) as far:
        room = Room(RoomPlan("Attic"), folder / "attic", sound, inside=far.inside)
        room.write_settings(link={"host": far.address})
        device, own = make_identity(), make_identity()
        TrustFile(room.folder / "state/pairing.pem").save(Trust(device, own.certificate))
        (room.folder / "state/identity.json").write_text(f'{{"satellite_id": "{ID}"}}')
        (room.folder / "state/mute.json").write_text(
            '{"local": false, "remote": false, "paused": false}'
        )
        await sound.start()
        try:
            await room.plug_in()
            await room.start_satellite()
            yield far, room, Trust(own, device.certificate), Voices(folder / "voices")
        finally:
            await room.stop()
            await sound.stop()


async def log_has(room: Room, text: str, timeout_s: float, times: int = 1) -> float:
    """Return when the satellite's log has a line so often."""
    async with asyncio.timeout(timeout_s):
        while room.satellite.log.read_text().count(text) < times:
            room.satellite.check()
            await asyncio.sleep(0.05)
    return time.monotonic()


async def an_outage(folder: Path, least_s: float) -> dict[str, float]:
    """Have the network away for so long, or until all that must happen meanwhile has.

    Return the seconds until it was noticed at both ends, and until they were linked again.
    """
    async with far_room(folder) as (far, room, trust, voices):
        home = Home()
        home.link = RoomLink(
            *("Attic", far.address, room.port), owner="home", satellite_id=ID, listener=home
        )
        keeping = asyncio.create_task(home.link.run(Credentials(trust, paired_client(trust))))
        try:
            await home.until("up", timeout_s=BACK_S)
            await log_has(room, "listening on", BACK_S)
            order = await voices.order("turn on the kitchen light", "rms")

            began = time.monotonic()
            await far.go_away()
            at_home, at_room = await asyncio.gather(
                home.until("silent", "broken", timeout_s=NOTICED_S),
                log_has(room, "is gone", NOTICED_S),
            )
            # Who speaks to the room meanwhile is not met with silence.
            spoken = await room.say(order.samples)
            async with asyncio.timeout(NOTICED_S):
                while room.from_loudspeaker.first_sound(spoken) is None:  # noqa: ASYNC110 - sound
                    await asyncio.sleep(0.1)
            await asyncio.sleep(max(0.0, began + least_s - time.monotonic()))

            back = time.monotonic()
            await far.come_back()
            linked = await home.until("up", timeout_s=BACK_S)
            assert home.heard.empty(), "what was said meanwhile was sent afterwards"
            await room.say(order.samples)
            async with asyncio.timeout(BACK_S):
                first = await home.heard.get()
            home.link.send(Heard(turn=first.turn))
            home.link.send(TurnEnd(turn=first.turn, outcome="understood"))
            log = room.satellite.log.read_text()
            assert log.count("is gone") == 1
            assert "Traceback" not in log
            return {
                "home_noticed_s": at_home - began,
                "room_noticed_s": at_room - began,
                "linked_again_s": linked - back,
            }
        finally:
            keeping.cancel()


async def test_both_ends_notice_and_a_command_after_it_works(tmp_path: Path) -> None:
    """Each by itself, within the bounds above; as long as that takes, the network is away."""
    try:
        await an_outage(tmp_path, least_s=0.0)
    except NamespaceError as err:
        pytest.skip(f"{err}: {err.remedy}")
