"""`scripts/cleanroot`: the way of a new user on a clean Debian, step by step."""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections.abc import Callable, Iterator

from .root import CleanRoot, Done, RootError

SUITES = ("bookworm", "trixie")

_BIN = "/opt/earshot/bin"
_SATELLITE = f"{_BIN}/earshot-satellite"
_OWN = "/home/pi/.local/lib/earshot/bin"
_OWN_SATELLITE = f"{_OWN}/earshot-satellite"
_UNIT, _SPEECH = "earshot-satellite.service", "earshot-speech.service"
_AS_PI = ("setpriv", "--reuid=pi", "--regid=pi", "--init-groups", "sh", "-c")
_WAIT_S = 40

# A private address and one that is nobody's (RFC 5737), both on loopback: what the unit's filter
# lets through is told by the kernel's answer, not by a route that is missing.
_REACH = """
import socket, sys
inside = open("/sys/fs/cgroup/system.slice/UNIT/cgroup.procs", "w")
inside.write("0"); inside.close()
for address in ("192.168.77.1", "203.0.113.1"):
    with socket.socket() as s:
        s.settimeout(3)
        s.bind((address, 0)); s.listen()
        with socket.socket() as c:
            c.settimeout(1)
            try:
                c.connect(s.getsockname()); print("reached")
            except OSError as err:
                print("refused", type(err).__name__)
"""

_SOUND = """
mkdir -p ~/.config/pulse
cat >~/.config/pulse/default.pa <<END
load-module module-native-protocol-unix
load-module module-null-sink sink_name=mic rate=16000 channels=1
load-module module-null-sink sink_name=speaker rate=22050 channels=1
set-default-source mic.monitor
set-default-sink speaker
END
cat >~/.asoundrc <<END
pcm.!default { type pulse }
ctl.!default { type pulse }
END
systemctl --user start pulseaudio.service
"""

_USER = """
useradd -m -s /bin/sh pi
echo 'APT::Get::Assume-Yes "true";' >/etc/apt/apt.conf.d/90yes
# What a user's pip is configured with, where this machine's is only root's.
file=/root/.config/pip/pip.conf
if [ -e $file ]; then
  install -D -o pi -m 644 $file /home/pi/.config/pip/pip.conf; chown -R pi: /home/pi/.config; fi
cp -a /src /home/pi/earshot
chown -R pi: /home/pi/earshot
"""


class Trial:
    """Walks through one release and prints what is right and what is not."""

    def __init__(self, suite: str) -> None:
        self._root = CleanRoot(suite)
        self.wrong = 0

    def go(self) -> None:
        """Do everything."""
        began = time.monotonic()
        self._root.make()
        print(f"  a clean root in {time.monotonic() - began:.0f} s", flush=True)
        for part in (self._install, self._boot):
            for what, good, told in part():
                print(f"  {'ok    ' if good else 'WRONG '}  {what}", flush=True)
                if not good:
                    self.wrong += 1
                    print("\n".join(f"          {line}" for line in told.splitlines()[-12:]))

    def _install(self) -> Iterator[tuple[str, bool, str]]:
        run = self._root.run
        done = run("sh", "-ec", "apt-get -q update; apt-get -q -y install --no-install-recommends"
                   " python3-venv systemd dbus libpam-systemd >/dev/null")  # fmt: skip
        yield (
            "Debian's python3-venv, and systemd as every machine has it",
            not done.status,
            done.out,
        )
        done = run(
            "sh", "-ec", f"python3 -m venv /opt/earshot; {_BIN}/pip install -q /src/satellite"
        )
        yield "pip install ./satellite needs no compiler", not done.status, done.out
        done = run(_SATELLITE, "devices")
        yield "before: it says to run install", done.status == 3 and "install" in done.out, done.out
        done = run("sh", "-ec", _USER)
        yield "a user, with a clone", not done.status, done.out
        done = self._as_pi(f"{_SATELLITE} install")
        asked = self._remedy(done)
        whole = "sudo apt install " in asked and f"sudo {_BIN}/pip install 'pyaudio" in asked
        yield "a user's install into root's names both command lines", whole, done.out
        done = run(_SATELLITE, "install", "--dry-run")
        yield "install --dry-run", not done.status and "would write" in done.out, done.out
        done = run(_SATELLITE, "install", "--name", "Kitchen")
        yield "install, with what PyAudio needs", not done.status, done.out
        done = run(_SATELLITE, "install")
        again = not done.status and "write:" not in done.out and "pip" not in done.out
        yield "install again changes nothing", again, done.out
        done = run(_SATELLITE, "install", "--speech")
        yield (
            "install --speech names what it lacks",
            done.status == 3 and "pip" in done.out,
            done.out,
        )
        done = run(f"{_BIN}/pip", "install", "-q", "/src/satellite[speech]")
        yield "pip install ./satellite[speech]", not done.status, done.out
        done = run(_SATELLITE, "install", "--speech")
        yield "install --speech", not done.status, done.out
        for unit in (_UNIT, _SPEECH):
            done = run("systemd-analyze", "verify", f"/etc/systemd/system/{unit}")
            yield f"systemd-analyze verify {unit}", not done.status and not done.out, done.out
            done = run("systemctl", "is-enabled", unit)
            yield f"{unit} is enabled", done.out.strip() == "enabled", done.out
        done = run("sh", "-ec", "apt-get -q -y install --no-install-recommends pulseaudio"
                   " iproute2 dbus-user-session >/dev/null")  # fmt: skip
        yield "for the user's service: pulseaudio", not done.status, done.out
        yield from self._install_as_user()

    def _install_as_user(self) -> Iterator[tuple[str, bool, str]]:
        done = self._as_pi(
            f"python3 -m venv ~/.local/lib/earshot && {_OWN}/pip install -q ~/earshot/satellite"
        )
        yield "a user's own environment", not done.status, done.out
        # One of its packages is not there, whatever the system service brought.
        self._root.run("apt-get", "-q", "remove", "portaudio19-dev")
        done = self._as_pi(f"{_OWN_SATELLITE} install --name Bedroom")
        asked = self._remedy(done)
        yield (
            "install as a user names the packages, and nothing else",
            asked.startswith("sudo apt install ") and "&&" not in asked,
            done.out,
        )
        done = self._root.run("sh", "-c", asked.removeprefix("sudo "))
        yield "  what it names can be installed", not done.status, done.out
        done = self._as_pi(f"{_OWN_SATELLITE} install --name Bedroom")
        built = not done.status and "Successfully installed pyaudio" in done.out
        yield "install as a user builds PyAudio without root", built, done.out

    def _boot(self) -> Iterator[tuple[str, bool, str]]:
        with self._root.booted():
            yield from self._system_service()
            yield from self._speech_service()
            yield from self._user_service()
            yield from self._uninstalled()

    def _system_service(self) -> Iterator[tuple[str, bool, str]]:
        inside = self._root.inside
        done = self._until(lambda: inside(_SATELLITE, "status", "--json"), lambda d: d.status == 0)
        yield "booted, the satellite runs", done.status == 0, done.out
        pid = inside("systemctl", "show", "-P", "MainPID", _UNIT).out.strip()
        status = inside("cat", f"/proc/{pid}/status", f"/proc/{pid}/limits").out
        held = {line.split(":")[0]: line.split()[1:] for line in status.splitlines() if ":" in line}
        able = held.get("CapEff") == ["0" * 16] and held.get("NoNewPrivs") == ["1"]
        yield "no capabilities, no new privileges", able, status
        yield "system calls are filtered", held.get("Seccomp") == ["2"], status
        yield "not root", held.get("Uid", ["0"])[0] != "0", status
        core = next((line.split() for line in status.splitlines() if "core file" in line), [])
        yield "no core dumps", core[4:6] == ["0", "0"], status
        for address in ("192.168.77.1", "203.0.113.1"):
            inside("ip", "address", "add", f"{address}/32", "dev", "lo")
        probe = inside("python3", "-c", _REACH.replace("UNIT", _UNIT))
        reached = [line.split()[0] for line in probe.out.splitlines()]
        yield "a private address is reached", reached[:1] == ["reached"], probe.out
        yield "an address beyond is refused", reached[1:] == ["refused"], probe.out
        done = inside(_SATELLITE, "doctor", "--json")
        found = {each["id"]: each for each in json.loads(done.out[done.out.find("[") :])}
        failed = {key for key, each in found.items() if each["status"] == "failed"}
        silent = failed == {"sound_server", "speaker_missing", "microphone_missing"}
        yield "doctor finds that there is no sound card, and nothing else", silent, done.out
        yield "  and says what helps", all(found[key]["remedy"] for key in failed), done.out
        inside("systemctl", "stop", _UNIT)
        done = inside(_SATELLITE, "mute")
        inside("systemctl", "start", _UNIT)
        told = self._until(lambda: inside(_SATELLITE, "status"), lambda d: d.status == 0)
        kept = "muted at the device" in told.out and "unreadable" not in told.out
        yield "root mutes it while it does not run, and it starts muted", kept, done.out + told.out
        inside(_SATELLITE, "unmute")

    def _speech_service(self) -> Iterator[tuple[str, bool, str]]:
        listing = self._until(
            lambda: self._root.inside("ss", "-Hltn", "sport = :10310"),
            lambda d: bool(d.out.strip()),
        )
        log = self._root.inside("journalctl", "-u", _SPEECH, "-o", "cat", "--no-pager")
        yield "the speech service listens", bool(listing.out.strip()), log.out

    def _user_service(self) -> Iterator[tuple[str, bool, str]]:
        inside = self._root.inside
        inside("loginctl", "enable-linger", "pi")
        self._until(lambda: inside("test", "-S", "/run/user/1000/bus"), lambda d: d.status == 0)
        done = self._pi(_SOUND)
        yield "the user's sound server", done.status == 0, done.out
        inside("systemctl", "stop", _UNIT)
        done = self._pi(f"{_OWN_SATELLITE} install")
        again = done.status == 0 and "pip" not in done.out and "restart" in done.out
        yield "install as a user, with the machine running, starts it", again, done.out
        heard = self._until(
            lambda: self._pi(f"{_OWN_SATELLITE} status"), lambda d: "sound server: open" in d.out
        )
        yield "it hears", "sound server: open" in heard.out, heard.out
        pid = self._pi(f"systemctl --user show -P MainPID {_UNIT}").out.strip()
        status = inside("cat", f"/proc/{pid}/status").out
        yield "system calls are filtered", "Seccomp:\t2" in status, status
        done = self._pi(f"{_OWN_SATELLITE} mute")
        yield "mute closes the microphone, and proves it", done.status == 0, done.out
        done = self._pi(f"{_OWN_SATELLITE} doctor")
        yield "doctor finds nothing wrong", done.status == 0, done.out
        done = self._pi(f"{_OWN_SATELLITE} uninstall")
        gone = self._pi(f"{_OWN_SATELLITE} status")
        yield "uninstall as a user", done.status == 0 and gone.status == 3, done.out + gone.out

    def _uninstalled(self) -> Iterator[tuple[str, bool, str]]:
        inside = self._root.inside
        out = inside(_SATELLITE, "uninstall").out + inside(_SATELLITE, "uninstall", "--speech").out
        left = inside("sh", "-c", "ls /etc/systemd/system/*earshot*; pgrep -f 'earshot-.* run'")
        yield (
            "uninstall leaves no unit and no process",
            not left.out.strip("\n").startswith("/"),
            (out + left.out),
        )
        settings = inside("ls", "/etc/earshot/satellite.toml")
        yield "and leaves the settings", settings.status == 0, settings.out

    def _as_pi(self, script: str) -> Done:
        return self._root.run(*_AS_PI, f"export HOME=/home/pi USER=pi; cd; {script}")

    def _pi(self, script: str) -> Done:
        session = "export XDG_RUNTIME_DIR=/run/user/1000 HOME=/home/pi USER=pi; cd; "
        return self._root.inside(*_AS_PI, session + script)

    @staticmethod
    def _remedy(refused: Done) -> str:
        lines = (line.partition("-> ")[2] for line in refused.out.splitlines())
        return next((line for line in lines if line), "")

    def _until(self, ask: Callable[[], Done], good: Callable[[Done], bool]) -> Done:
        deadline = time.monotonic() + _WAIT_S
        while not good(done := ask()) and time.monotonic() < deadline:
            time.sleep(0.5)
        return done


def main() -> int:
    """Try the releases that were named; 0 when everything was right."""
    parser = argparse.ArgumentParser(prog="scripts/cleanroot", description=__doc__)
    parser.add_argument("suite", nargs="*", choices=[*SUITES, []], help=", ".join(SUITES))
    suites = parser.parse_args().suite or SUITES
    if os.geteuid() != 0:
        print("A root can only be made by root: use sudo.", file=sys.stderr)
        return 2
    wrong = 0
    for suite in suites:
        print(f"Debian {suite}", flush=True)
        trial = Trial(suite)
        try:
            trial.go()
        except RootError as err:
            print(f"  cannot be tried: {err}", file=sys.stderr)
            return 2
        wrong += trial.wrong
    print(f"\n{wrong} wrong" if wrong else "\nall right")
    return 1 if wrong else 0
