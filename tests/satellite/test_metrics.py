"""What a satellite counts of itself, and that a muted one tells nothing of sound."""

from __future__ import annotations

import json
import os

from room import Home, SatelliteProcess

from earshot_satellite.metrics import Metrics, process, prometheus


def test_latencies_are_from_one_state_to_the_next() -> None:
    now = 0.0
    metrics = Metrics(lambda: now)
    for at, state in (
        (1.0, "asking"),
        (1.12, "listening"),
        (3.0, "processing"),
        (3.5, "responding"),
    ):
        now = at
        metrics.session(state, linked=True)
    metrics.session("idle", linked=False)
    metrics.session("idle", linked=True)
    told = metrics.now(muted=False, ear=None, heard={"frames": 7})
    assert told["wake_to_grant_ms"] == {"count": 1, "p50": 120.0, "p95": 120.0}
    assert told["command_to_reply_ms"]["p50"] == 500.0
    assert (told["links"], told["frames"], told["ear_rss_bytes"]) == (2, 7, 0)
    muted = metrics.now(muted=True, ear=None, heard={"frames": 7})
    assert set(told) - set(muted) == {
        *("wakes", "frames", "wake_to_grant_ms", "command_to_reply_ms")
    }


def test_prometheus_reads_it() -> None:
    metrics = Metrics(lambda: 0.0)
    lines = prometheus(metrics.now(muted=False, ear=None, heard={"frames": 7})).splitlines()
    assert "# TYPE earshot_satellite_frames counter" in lines
    assert "earshot_satellite_frames 7" in lines
    assert 'earshot_satellite_wake_to_grant_ms{quantile="0.5"} 0.0' in lines
    for line in lines:
        if not line.startswith("#"):
            float(line.split()[-1])


def test_memory_and_time_of_a_process() -> None:
    own = process(os.getpid())
    assert own.rss_bytes > 1_000_000
    assert own.cpu_s > 0
    assert process(2**22 + 1).rss_bytes == 0


async def test_a_running_satellite_tells(home: Home, satellite: SatelliteProcess) -> None:
    told = json.loads(satellite.cli("metrics", "--json").stdout)
    assert (told["linked"], told["links"], told["muted"]) == (1, 1, 0)
    assert told["frames"] > 0
    assert min(told["body_rss_bytes"], told["ear_rss_bytes"]) > 1_000_000
    assert "wakes" in satellite.cli("metrics").stdout
    assert "earshot_satellite_wakes 0" in satellite.cli("metrics", "--prometheus").stdout
    satellite.cli("mute")
    told = json.loads(satellite.cli("metrics", "--json").stdout)
    assert told["muted"] == 1
    assert not {"frames", "wakes", "overruns"} & set(told)
    satellite.stop()
    assert satellite.cli("metrics").returncode == 3
