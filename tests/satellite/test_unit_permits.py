"""The unit's filter lets through what a satellite does: traced, since systemd does not run here."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import signal
import subprocess
from functools import cache

import pytest
from room import SatelliteProcess, wait_for

from earshot_satellite.install.units import SYSCALLS

pytestmark = pytest.mark.skipif(
    not (shutil.which("strace") and shutil.which("systemd-analyze")), reason="nothing to trace with"
)


@cache
def members(name: str) -> frozenset[str]:
    """Return the calls of a group, groups within it included."""
    if not name.startswith("@"):
        return frozenset({name})
    told = subprocess.run(
        ["systemd-analyze", "syscall-filter", name], capture_output=True, text=True, check=True
    ).stdout
    found: frozenset[str] = frozenset()
    for line in told.splitlines()[1:]:
        each = line.strip()
        if each and not each.startswith("#") and each != name:
            found |= members(each)
    return found


def test_every_call_of_a_satellite_is_permitted(satellite: SatelliteProcess) -> None:
    permitted = frozenset().union(*(members(name) for name in SYSCALLS.split()))
    counted = satellite.state.parent / "calls"
    satellite.config.write_text(satellite.settings)
    with satellite.log.open("ab") as log:
        traced = subprocess.Popen(
            ["strace", "-f", "-c", "-qq", "-o", str(counted), *satellite.command("run")],
            env=satellite.env,
            stderr=log,
            start_new_session=True,
        )
    try:
        satellite.wait_hearing(40)
        # 1: it is muted, but traced it may still be on the sound server's list for a while.
        assert satellite.cli("mute").returncode in {0, 1}
        assert satellite.cli("unmute").returncode == 0
        body = satellite.status()["pid"]
        os.kill(body, signal.SIGTERM)
        traced.wait(20)
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(traced.pid, signal.SIGKILL)
        traced.wait()
    wait_for(counted.exists, "the list of calls")
    called = set(re.findall(r"^ *[\d.]+ .* (\w+)$", counted.read_text(), re.MULTILINE))
    assert {"connect", "prctl", "landlock_restrict_self"} <= called
    assert called - permitted - {"total"} == set()
