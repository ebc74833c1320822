"""`install`: what it plans on which machine, what it writes, and that an edit is never lost."""

from __future__ import annotations

import ctypes.util
import os
import shlex
import shutil
import subprocess
import sys
import tomllib
from dataclasses import replace
from pathlib import Path

import pytest

from earshot_satellite.cli import main
from earshot_satellite.cli.install import new_settings
from earshot_satellite.install.machine import Card, Machine, look
from earshot_satellite.install.owned import Standing, signed, standing
from earshot_satellite.install.plan import (
    Build,
    Command,
    Packages,
    PlanError,
    Remove,
    Wishes,
    Write,
    plan,
    unplan,
)
from earshot_satellite.install.started import remedy
from earshot_satellite.install.units import (
    SATELLITE,
    SPEECH,
    Service,
    alsa_config,
    command_line,
    system_unit,
    user_unit,
)
from earshot_satellite.settings import load

PI = Machine(
    root=True,
    user="pi",
    home=Path("/home/pi"),
    program=Path("/opt/earshot/bin"),
    reachable=True,
    writable=True,
    debian=True,
    installed=frozenset({"libportaudio2", "libasound2-plugins", "alsa-utils"}),
    pyaudio=True,
    recogniser=True,
    systemd=True,
    cards=(Card("vc4hdmi", captures=False, plays=True), Card("hat", captures=True, plays=True)),
)
USUAL = Wishes()


def commands(machine: Machine, wishes: Wishes = USUAL) -> list[str]:
    return [" ".join(each.words) for each in plan(machine, wishes) if isinstance(each, Command)]


def files(machine: Machine, wishes: Wishes = USUAL) -> dict[str, str]:
    return {
        str(each.file): each.content for each in plan(machine, wishes) if isinstance(each, Write)
    }


def test_root_gets_a_system_service_on_alsa() -> None:
    written = files(PI, Wishes(settings="text"))
    assert set(written) == {
        "/etc/earshot/satellite.toml",
        "/etc/earshot/asound.conf",
        "/etc/systemd/system/earshot-satellite.service",
    }
    assert written["/etc/earshot/satellite.toml"] == "text"
    assert 'pcm "hw:CARD=hat,DEV=0"' in written["/etc/earshot/asound.conf"]
    unit = written["/etc/systemd/system/earshot-satellite.service"]
    assert "ExecStart=/opt/earshot/bin/earshot-satellite run --config /etc/earshot/" in unit
    assert commands(PI) == [
        "systemctl daemon-reload",
        "systemctl enable earshot-satellite.service",
        "systemctl restart earshot-satellite.service",
    ]


def test_a_user_gets_a_service_that_lingers() -> None:
    me = replace(PI, root=False, installed=PI.installed | {"pulseaudio-utils"})
    assert set(files(me)) == {
        "/home/pi/.config/earshot/satellite.toml",
        "/home/pi/.config/systemd/user/earshot-satellite.service",
    }
    assert "loginctl enable-linger" in commands(me)
    assert "systemctl --user restart earshot-satellite.service" in commands(me)


def test_the_speech_service_is_installed_the_same_way() -> None:
    steps = plan(PI, Wishes(speech=True))
    assert Packages(("espeak-ng",)) in steps
    written = files(PI, Wishes(speech=True))
    assert set(written) == {
        "/etc/earshot/speech.toml",
        "/etc/systemd/system/earshot-speech.service",
    }
    with pytest.raises(PlanError) as refused:
        plan(replace(PI, recogniser=False), Wishes(speech=True))
    assert "[speech]" in refused.value.remedy


def test_what_pyaudio_needs_is_installed_and_it_is_built() -> None:
    bare = replace(PI, installed=frozenset(), pyaudio=False)
    packages, build, *_ = plan(bare, Wishes())
    assert isinstance(packages, Packages)
    assert {"portaudio19-dev", "gcc", "python3-dev", "libportaudio2"} <= set(packages.names)
    assert isinstance(build, Build)
    assert not any(isinstance(each, Packages | Build) for each in plan(PI, Wishes()))
    assert not any(
        isinstance(each, Packages | Build) for each in plan(bare, Wishes(packages=False))
    )


@pytest.mark.parametrize(
    ("machine", "wishes", "remedy"),
    [
        (replace(PI, root=False, installed=frozenset()), Wishes(), "sudo apt install"),
        (replace(PI, root=False), Wishes(system=True), "sudo"),
        (replace(PI, reachable=False), Wishes(), "/opt/earshot"),
        (replace(PI, debian=False, installed=frozenset()), Wishes(), "--no-packages"),
        (PI, Wishes(card="other"), "--card hat"),
        (
            replace(PI, cards=(*PI.cards, Card("usb", captures=True, plays=False))),
            Wishes(),
            "--card hat or usb",
        ),
    ],
)
def test_what_cannot_be_done_is_said_with_the_remedy(
    machine: Machine, wishes: Wishes, remedy: str
) -> None:
    with pytest.raises(PlanError) as refused:
        plan(machine, wishes)
    assert remedy in refused.value.remedy


def told(machine: Machine, wishes: Wishes = USUAL) -> list[str]:
    """Return the command lines of a refusal, as a shell would split them."""
    with pytest.raises(PlanError) as refused:
        plan(machine, wishes)
    return shlex.split(refused.value.remedy.splitlines()[0])


def test_a_user_is_told_the_command_lines_for_what_is_root_s() -> None:
    """Before anything is done, whole, and for the Python that runs: as they can be pasted."""
    there = PI.installed | {"pulseaudio-utils"}
    me = replace(PI, root=False, installed=there, pyaudio=False, writable=False)
    pip = ["sudo", "/opt/earshot/bin/pip", "install", "pyaudio>=0.2.14,<0.3"]
    apt = ["sudo", "apt", "install", "gcc", "python3-dev", "portaudio19-dev"]
    assert told(me) == [*apt, "&&", *pip]
    builds = me.installed | {"gcc", "python3-dev", "portaudio19-dev"}
    assert told(replace(me, installed=builds)) == pip
    assert told(replace(me, writable=True)) == apt
    spaced = replace(me, installed=builds, program=Path("/opt/my earshot/bin"))
    assert told(spaced)[1] == "/opt/my earshot/bin/pip"
    speech = replace(me, recogniser=False)
    assert told(speech, Wishes(speech=True)) == [*pip[:3], "./satellite[speech]"]


def test_a_user_s_own_environment_needs_no_sudo_once_the_packages_are_there() -> None:
    builds = {"gcc", "python3-dev", "portaudio19-dev", "pulseaudio-utils"}
    me = replace(PI, root=False, installed=PI.installed | builds, pyaudio=False)
    build, *_ = plan(me, Wishes())
    assert isinstance(build, Build)
    assert "sudo" not in build.remedy


def test_a_card_without_a_loudspeaker_plays_on_another() -> None:
    usb = (Card("vc4hdmi", captures=False, plays=True), Card("usb", captures=True, plays=False))
    usb += (Card("jack", captures=False, plays=True),)
    written = files(replace(PI, cards=usb))["/etc/earshot/asound.conf"]
    assert "hw:CARD=usb,DEV=0" in written
    assert "hw:CARD=jack,DEV=0" in written


def test_without_a_card_the_rest_is_installed() -> None:
    assert "/etc/earshot/asound.conf" not in files(replace(PI, cards=()))
    assert not [each for each in plan(replace(PI, cards=()), Wishes()) if isinstance(each, Build)]


def test_uninstalling_leaves_settings_and_state() -> None:
    steps = unplan(PI, Wishes())
    removed = {str(each.file) for each in steps if isinstance(each, Remove)}
    assert removed == {
        "/etc/systemd/system/earshot-satellite.service",
        "/etc/earshot/asound.conf",
    }


def test_this_machine_can_be_looked_at(tmp_path: Path) -> None:
    for card, kinds in (("hat", "pcm0c pcm0p"), ("vc4hdmi", "pcm0p")):
        for kind in kinds.split():
            (tmp_path / "asound" / card / kind).mkdir(parents=True)
    (tmp_path / "asound/cards").write_text(
        " 0 [vc4hdmi        ]: vc4-hdmi - vc4-hdmi\n                      vc4-hdmi\n"
        " 1 [hat            ]: simple-card - hat\n                      hat\n"
    )
    seen = look(tmp_path)
    assert seen.cards == PI.cards
    assert seen.program == Path(sys.executable).parent
    assert look(tmp_path / "none").cards == ()


def test_edited_files_are_told_from_ours(tmp_path: Path) -> None:
    file = tmp_path / "unit"
    assert standing(file) is Standing.ABSENT
    file.write_bytes(signed("old"))
    assert standing(file, signed("new")) is Standing.OURS
    assert standing(file, signed("old")) is Standing.SAME
    file.write_bytes(signed("old").replace(b"old", b"mine"))
    assert standing(file, signed("new")) is Standing.EDITED
    file.write_bytes(b"never ours")
    assert standing(file, signed("new")) is Standing.EDITED


def install(home: Path, *words: str, status: int = 0) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "earshot_satellite", *words],
        env=os.environ | {"HOME": str(home), "XDG_CONFIG_HOME": ""},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == status, done.stderr
    return done.stdout + done.stderr


def test_a_user_service_is_written_once_and_an_edit_stays(tmp_path: Path) -> None:
    unit = tmp_path / ".config/systemd/user/earshot-satellite.service"
    settings = tmp_path / ".config/earshot/satellite.toml"
    words = ("install", "--user", "--no-packages", "--no-start", "--name", "Kitchen")
    assert "would write" in install(tmp_path, *words, "--dry-run")
    assert not any(tmp_path.iterdir())
    install(tmp_path, *words)
    assert 'name = "Kitchen"' in settings.read_text()
    first = unit.read_bytes()
    settings.write_text('[satellite]\nname = "Mine"\n')
    assert "kept" in install(tmp_path, *words)
    assert (unit.read_bytes(), settings.read_text()) == (first, '[satellite]\nname = "Mine"\n')
    unit.write_bytes(first + b"# mine\n")
    assert "KEPT" in install(tmp_path, *words)
    assert unit.read_bytes() == first + b"# mine\n"
    assert "KEPT" in install(tmp_path, "uninstall", "--user")
    assert unit.exists()
    install(tmp_path, *words, "--force")
    assert unit.read_bytes() == first
    install(tmp_path, "uninstall", "--user")
    assert not unit.exists()
    assert settings.exists()


@pytest.mark.parametrize(
    ("root", "system", "own", "says"),
    [
        (True, True, False, ": systemctl start"),
        (False, True, False, "with sudo"),
        (False, True, True, "systemctl --user start"),
        (False, False, True, "systemctl --user start"),
        (True, False, False, "earshot-satellite run"),
        (False, False, False, "earshot-satellite run"),
    ],
)
def test_who_does_not_run_is_started_as_it_was_installed(
    root: bool, system: bool, own: bool, says: str
) -> None:
    assert says in remedy(root=root, system=system, own=own)


def test_what_is_typed_is_what_the_new_settings_say(tmp_path: Path) -> None:
    typed = {
        "satellite": {"name": 'K\u00fcche \U0001f37d "2"'},
        "link": {"port": 12_000, "open": True},
        "speaker": {"volume": 0.5},
        "wake": {"words": ["alexa", "hey_jarvis"]},
    }
    wanted = load(None, typed)
    file = tmp_path / "satellite.toml"
    file.write_text(new_settings(wanted, typed, speech=False))
    assert load(file, {}) == wanted
    link = {"link": typed["link"]}
    assert tomllib.loads(new_settings(load(None, link), link, speech=True)) == link


def test_what_the_speech_service_has_not_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    """Rather than left out without a word."""
    assert main(["install", "--speech", "--dry-run", "--port", "12000", "--volume", "0.5"]) == 3
    assert "--volume is a setting of the satellite" in capsys.readouterr().err
    assert main(["install", "--speech", "--dry-run", "--card", "USB"]) == 3
    assert "--card is a setting of the satellite" in capsys.readouterr().err


def test_a_service_that_could_not_start_is_not_installed(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["install", "--dry-run", "--word", "nonsense"]) == 2
    assert "nonsense is no wake word here" in capsys.readouterr().err


def test_words_with_signs_of_systemd_arrive_as_they_are() -> None:
    assert command_line(["/opt/a b/x", "100%", "$HOME"]) == '"/opt/a b/x" 100%% $$HOME'


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="there is no systemd")
@pytest.mark.parametrize("service", [SATELLITE, SPEECH])
@pytest.mark.parametrize("user", [False, True])
def test_systemd_takes_the_unit(service: Service, user: bool, tmp_path: Path) -> None:
    command = command_line([sys.executable, "run"])
    alsa = tmp_path / "asound.conf"
    text = (
        user_unit(service, command)
        if user
        else system_unit(service, command, home=False, alsa=alsa)
    )
    unit = tmp_path / f"{service.name}.service"
    unit.write_text(text)
    verified = subprocess.run(
        ["systemd-analyze", "verify", *(["--user"] if user else []), str(unit)],
        env=os.environ | {"XDG_RUNTIME_DIR": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    ours = [line for line in verified.stderr.splitlines() if service.name in line]
    assert ours == []
    if not user:
        judged = subprocess.run(
            ["systemd-analyze", "security", "--offline=true", "--threshold=25", str(unit)],
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
        )
        assert judged.returncode == 0, judged.stdout[-500:]


def test_alsa_takes_the_configuration(tmp_path: Path) -> None:
    config = tmp_path / "asound.conf"
    config.write_text(alsa_config("hat", "hat"))
    look_up = (
        "import ctypes, sys; a = ctypes.CDLL(sys.argv[1]); top = ctypes.c_void_p();"
        "assert a.snd_config_update() >= 0;"
        "top = ctypes.c_void_p.in_dll(a, 'snd_config'); found = ctypes.c_void_p();"
        "names = (b'pcm.earshot_capture', b'pcm.earshot_playback', b'pcm.default.capture');"
        "sys.exit(any(a.snd_config_search(top, n, ctypes.byref(found)) for n in names))"
    )
    done = subprocess.run(
        [sys.executable, "-c", look_up, ctypes.util.find_library("asound") or "libasound.so.2"],
        env=os.environ | {"ALSA_CONFIG_PATH": str(config)},
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert done.returncode == 0, done.stderr
