"""Mistakes at the command line: a clear line, a status, no traceback."""

import asyncio
import time
from pathlib import Path

import pytest

from house.ports import HOST, free_port
from house.process import Child
from house.programs import ROOM_BIN

BAD_SETTINGS = {
    "unknown section": ("[speeker]\nvolume = 1\n", "speeker"),
    "unknown key": ('[satellite]\nnmae = "x"\n', "nmae"),
    "wrong type": ('[link]\nport = "10700"\n', "port"),
    "out of range": ("[speaker]\nvolume = 7\n", "volume"),
    "no TOML": ("[satellite\n", "TOML"),
}


async def run(*command: str | Path, timeout_s: float = 30) -> tuple[int | None, str]:
    process = await asyncio.create_subprocess_exec(
        *map(str, command),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    try:
        async with asyncio.timeout(timeout_s):
            output, _ = await process.communicate()
    except TimeoutError:
        process.kill()
        output, _ = await process.communicate()
        return None, output.decode()
    return process.returncode, output.decode()


@pytest.mark.parametrize("what", BAD_SETTINGS)
async def test_bad_settings_are_named(tmp_path: Path, what: str) -> None:
    """The file and the key are named, the status is not 0, and it does not start."""
    text, named = BAD_SETTINGS[what]
    settings = tmp_path / "satellite.toml"
    settings.write_text(f'{text}\n[state]\nfolder = "{tmp_path}/state"\n')
    status, output = await run(ROOM_BIN / "earshot-satellite", "run", "--config", settings)
    assert status not in (0, None), output
    assert named in output
    assert "Traceback" not in output


@pytest.mark.parametrize(
    ("section", "problem"),
    [
        ('[microphone]\ndevice = "no such microphone"', "microphone_missing"),
        ('[speaker]\ndevice = "no such loudspeaker"', "speaker_missing"),
    ],
)
async def test_what_is_not_there_is_told(tmp_path: Path, section: str, problem: str) -> None:
    """An unknown wake word or device: it runs, says what is wrong and what helps, no traceback."""
    settings = tmp_path / "satellite.toml"
    settings.write_text(
        f'{section}\n[link]\nport = {free_port()}\n[state]\nfolder = "{tmp_path}/state"\n'
    )
    satellite = Child(
        "satellite",
        [ROOM_BIN / "earshot-satellite", "run", "--config", settings],
        log=tmp_path / "log",
    )
    await satellite.start()
    try:
        deadline = time.monotonic() + 30
        while problem not in satellite.log.read_text():
            satellite.check()
            assert time.monotonic() < deadline, satellite.tail()
            await asyncio.sleep(0.1)
    finally:
        await satellite.stop()
    assert "Traceback" not in satellite.log.read_text()


async def test_broken_model_file(tmp_path: Path) -> None:
    """A wake word model that is no model is named, and the satellite goes on running."""
    model = tmp_path / "mine.tflite"
    model.write_bytes(b"no model at all" * 100)
    (tmp_path / "mine.json").write_text("{}")
    await test_what_is_not_there_is_told(
        tmp_path, f'[wake]\nwords = ["{model}"]', "wake_model_broken"
    )


async def test_port_taken(tmp_path: Path) -> None:
    """A taken port is named with its number."""
    server = await asyncio.start_server(lambda *_: None, HOST, 0)
    port: int = server.sockets[0].getsockname()[1]
    settings = tmp_path / "satellite.toml"
    link = f'[link]\nhost = "{HOST}"\nport = {port}\nopen = true'
    settings.write_text(f'{link}\n[state]\nfolder = "{tmp_path}/state"\n')
    for command in (
        ("earshot-satellite", "run", "--config", str(settings)),
        ("earshot-speech", "run", "--port", str(port)),
    ):
        status, output = await run(ROOM_BIN / command[0], *command[1:])
        assert status not in (0, None), output
        assert str(port) in output
        assert "Traceback" not in output
    server.close()
