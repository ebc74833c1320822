"""A sound server, as new, and a satellite of its own for each test that asks for them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from room import Home, SatelliteProcess, Sound


@pytest.fixture(scope="session")
def sound_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sound]:
    server = Sound(tmp_path_factory.mktemp("server") / "sound")
    server.start()
    yield server
    server.stop()


@pytest.fixture
def sound(sound_server: Sound) -> Iterator[Sound]:
    yield sound_server
    sound_server.restore()


@pytest.fixture(scope="module")
def shared(
    sound_server: Sound, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[SatelliteProcess]:
    """Start a satellite for the tests of a module that leave it as it was."""
    process = SatelliteProcess(sound_server, tmp_path_factory.mktemp("shared"))
    process.start()
    process.wait_hearing()
    yield process
    process.kill()
    sound_server.restore()


@pytest.fixture
async def shared_home(shared: SatelliteProcess) -> AsyncIterator[Home]:
    """Link with it."""
    linked = Home(shared.port)
    await linked.link()
    yield linked
    await linked.close()


@pytest.fixture
def satellite(sound: Sound, tmp_path: Path) -> Iterator[SatelliteProcess]:
    """Make a satellite, not started yet."""
    process = SatelliteProcess(sound, tmp_path)
    yield process
    process.kill()


@pytest.fixture
async def home(satellite: SatelliteProcess) -> AsyncIterator[Home]:
    """Start a satellite, and link with it when it hears."""
    satellite.start()
    satellite.wait_hearing()
    # Without that, a mute right after the start proves nothing.
    satellite.wait_seen_open()
    linked = Home(satellite.port)
    await linked.link()
    yield linked
    await linked.close()
