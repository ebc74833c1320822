"""Home Assistant finds an open satellite, learns nothing else, and sees it go.

In a network of its own: a namespace with a virtual cable that leads nowhere.
"""

from __future__ import annotations

import asyncio
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
from room import SatelliteProcess, Sound

from earshot_satellite.link.discovery import Discovery
from earshot_satellite.link.pairing import Pairing
from earshot_satellite.problems import Problems
from earshot_satellite.settings import LinkSettings
from earshot_wire.identity import Trust, make_identity
from earshot_wire.trust_file import TrustFile

CABLE = (
    "ip link set lo up && ip link add v0 type veth peer name v1"
    " && ip addr add 10.9.9.1/24 dev v0 && ip link set v0 up && ip link set v1 up"
    " && ip route add 224.0.0.0/4 dev v0"
)
BROWSE = """
    import asyncio, subprocess, sys
    from zeroconf.asyncio import AsyncServiceBrowser, AsyncServiceInfo, AsyncZeroconf

    KINDS = ["_earshot._tcp.local.", "_wyoming._tcp.local."]

    async def main():
        events = asyncio.Queue()
        def changed(zeroconf, service_type, name, state_change):
            events.put_nowait((state_change.name, service_type, name))
        zeroconf = AsyncZeroconf()
        AsyncServiceBrowser(zeroconf.zeroconf, KINDS, handlers=[changed])
        satellite = subprocess.Popen(sys.argv[1:])
        try:
            for state in ("Added", "Removed"):
                async with asyncio.timeout(20):
                    seen = [await events.get(), await events.get()]
                for change, kind, name in sorted(seen):
                    print(change, kind, len(name) - len(kind) - 1)
                    if state == "Added":
                        info = AsyncServiceInfo(kind, name)
                        await info.async_request(zeroconf.zeroconf, 3000)
                        print(info.parsed_addresses(), info.port, sorted(info.properties))
                satellite.terminate()
        finally:
            satellite.kill()
    asyncio.run(main())
"""


def test_an_open_satellite_is_found_and_says_when_it_goes(sound: Sound, tmp_path: Path) -> None:
    satellite = SatelliteProcess(sound, tmp_path, open=True, host="0.0.0.0")
    satellite.config.write_text(satellite.settings)
    browse = tmp_path / "browse.py"
    browse.write_text(textwrap.dedent(BROWSE))
    inside = ["unshare", "--user", "--map-root-user", "--net", "sh", "-c"]
    if subprocess.run([*inside, CABLE], capture_output=True, check=False).returncode:
        pytest.skip("this system allows no network namespace with a virtual cable")
    done = subprocess.run(
        [*inside, f'{CABLE} && exec "$@"', "sh", sys.executable, browse, *satellite.command("run")],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.stdout.splitlines() == [
        "Added _earshot._tcp.local. 32",
        f"['10.9.9.1'] {satellite.port} [b'id', b'version']",
        "Added _wyoming._tcp.local. 32",
        f"['10.9.9.1'] {satellite.port} []",
        "Removed _earshot._tcp.local. 32",
        "Removed _wyoming._tcp.local. 32",
    ], done.stderr


async def test_on_loopback_nothing_is_announced(satellite: SatelliteProcess) -> None:
    """P6: not even the library is loaded."""
    satellite.start()
    await asyncio.to_thread(satellite.wait_hearing)
    assert satellite.process is not None
    maps = await asyncio.to_thread(Path(f"/proc/{satellite.process.pid}/maps").read_text)
    assert "zeroconf" not in maps


@pytest.mark.parametrize(
    ("paired", "pairable", "is_open", "announced"),
    [
        (False, False, False, {}),
        (True, False, False, {"_earshot": ["id", "version"]}),
        (False, True, False, {"_earshot": ["id", "pairing", "version"]}),
        (False, False, True, {"_wyoming": []}),
        (True, True, True, {"_earshot": ["id", "pairing", "version"], "_wyoming": []}),
    ],
)
def test_only_what_may_come_in_is_told(
    paired: bool, pairable: bool, is_open: bool, announced: dict[str, list[str]]
) -> None:
    """Nothing while nobody could come in, and never a word of room, host or user."""
    settings = LinkSettings(open=is_open)
    problems = Problems()

    async def changed(_: Trust | None) -> None:
        """Nobody listens."""

    pairing = Pairing(TrustFile(Path("/nowhere")), settings, problems, changed)
    device, home = make_identity(), make_identity()
    pairing.trust = Trust(device, home.certificate) if paired else None
    pairing.pairable = pairable
    kinds = Discovery(settings, "ab" * 16, problems, pairing).kinds()
    assert {kind.partition(".")[0]: sorted(has) for kind, has in kinds.items()} == announced
