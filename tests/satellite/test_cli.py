"""The command line, with a satellite that runs and without one."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from room import SatelliteProcess, wait_for

from earshot_satellite.cli.main import COMMANDS, main


def findings(satellite: SatelliteProcess) -> dict[str, str]:
    done = satellite.cli("doctor", "--json")
    assert "Traceback" not in done.stderr
    found = json.loads(done.stdout)
    assert all(each["remedy"] for each in found if each["status"] in {"warning", "failed"})
    assert done.returncode == any(each["status"] == "failed" for each in found)
    return {each["id"]: each["status"] for each in found}


def test_doctor_tries_each_part_when_nothing_runs(satellite: SatelliteProcess) -> None:
    satellite.config.write_text(satellite.settings)
    found = findings(satellite)
    assert found["satellite"] == "skipped"
    assert {found[each] for each in ("settings", "state", "wake_word", "speaker", "link")} == {"ok"}
    # A null sink that nobody plays into is the silent microphone that doctor must notice.
    assert found["microphone_silent"] == "failed"


def test_doctor_does_not_open_a_muted_microphone(satellite: SatelliteProcess) -> None:
    satellite.config.write_text(satellite.settings)
    satellite.cli("mute")
    assert findings(satellite)["microphone"] == "skipped"


def test_doctor_and_status_ask_a_satellite_that_runs(satellite: SatelliteProcess) -> None:
    satellite.start()
    satellite.wait_hearing()
    found = findings(satellite)
    assert (found["satellite"], found["microphone"], found["link"]) == ("ok", "ok", "warning")
    shown = satellite.cli("status")
    assert shown.returncode == 0
    assert "Microphone: open" in shown.stdout
    assert (satellite.state / "control.sock").stat().st_mode & 0o777 == 0o600


def test_status_of_a_satellite_that_does_not_run(satellite: SatelliteProcess) -> None:
    satellite.config.write_text(satellite.settings)
    assert satellite.cli("status").returncode == 3
    satellite.cli("mute")
    assert satellite.status() == {"running": False, "muted": True, "muted_by": ["local"]}


def test_devices_are_listed(satellite: SatelliteProcess) -> None:
    satellite.config.write_text(satellite.settings)
    done = satellite.cli("devices")
    assert done.returncode == 0
    assert done.stdout.count("(default)") == 2


@pytest.mark.parametrize("broken", ["none.tflite", "garbage.tflite"])
def test_a_broken_model_is_a_problem_and_the_others_are_heard(
    satellite: SatelliteProcess, tmp_path: Path, broken: str
) -> None:
    (tmp_path / "garbage.tflite").write_bytes(b"garbage" * 1_000)
    words = json.dumps(["hey_jarvis", str(tmp_path / broken)])
    satellite.settings += f"[wake]\nwords = {words}\n"
    satellite.start()
    satellite.wait_hearing()
    wait_for(satellite.status()["problems"].copy, "the problem")
    assert [each["code"] for each in satellite.status()["problems"]] == ["wake_model_broken"]
    assert satellite.status()["microphone"]["words"] == ["hey_jarvis"]
    assert "Traceback" not in satellite.read_log()


def test_an_unknown_microphone_is_told_with_those_that_are_there(
    satellite: SatelliteProcess,
) -> None:
    satellite.settings += '[microphone]\ndevice = "no such device"\n'
    satellite.start()
    wait_for(lambda: "microphone_missing" in satellite.read_log(), "the problem")
    (problem,) = satellite.status()["problems"]
    assert problem["code"] == "microphone_missing"
    assert "no such device" in problem["detail"]
    assert "pulse" in problem["detail"] or "default" in problem["detail"]


def test_a_command_takes_the_settings_that_it_uses(capsys: pytest.CaptureFixture[str]) -> None:
    for command in COMMANDS:
        with pytest.raises(SystemExit):
            main([command, "--help"])
        assert "--config" in capsys.readouterr().out
    for words in ("unpair --volume 1", "pair --open", "uninstall --name x", "models --port 1"):
        with pytest.raises(SystemExit) as refused:
            main(words.split())
        assert refused.value.code == 2
        capsys.readouterr()
