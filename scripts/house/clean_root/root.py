"""A Debian root: made by debootstrap, entered with chroot, booted with systemd-nspawn.

Everything it needs from this machine is looked up when it runs: the mirror in apt's configuration,
the index in pip's. Nothing of it stays mounted: the mounts live in a namespace of the processes.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from workbench.paths import ROOT, STATE
from workbench.python314 import mirrors

_SETUP_S, _COMMAND_S, _BOOT_S = 1_800, 900, 60
_PIP = re.compile(r"/[\w./-]+")

_ENTER = """
root=$1; shift
mount --bind "$root" "$root"
mount -t proc proc "$root/proc"
mount --rbind /dev "$root/dev"
mount -t tmpfs tmpfs "$root/run"
for path in $SHARED; do
  if [ -d "$path" ]; then mkdir -p "$root$path"; else
    mkdir -p "$root$(dirname "$path")"; touch "$root$path"; fi
  mount --bind "$path" "$root$path"
done
exec chroot "$root" "$@"
"""

_BOOT = """
umount -l /sys/fs/cgroup
mount -t cgroup2 cgroup2 /sys/fs/cgroup
mkdir -p "/sys/fs/cgroup/$2"
echo $$ >"/sys/fs/cgroup/$2/cgroup.procs"
exec systemd-nspawn --quiet --register=no --keep-unit --private-network \
  --capability=CAP_BPF --system-call-filter=bpf --directory="$1" --boot --console=pipe </dev/null
"""


class RootError(Exception):
    """The root cannot be made or used; the message says what failed."""


@dataclass(frozen=True)
class Done:
    """A command that ended."""

    status: int
    out: str


class CleanRoot:
    """One Debian release, fresh for every trial; its unpacked base is kept for the next one."""

    def __init__(self, suite: str) -> None:
        self.suite = suite
        self.folder = STATE / "clean-root" / suite
        self._init = 0

    def make(self) -> None:
        """Unpack it, and put the programs' source in. Raises `RootError`."""
        base = self.folder.with_suffix(".base")
        if not base.is_dir():
            self._bootstrap(base)
        shutil.rmtree(self.folder, ignore_errors=True)
        _must(["cp", "-a", "--reflink=auto", str(base), str(self.folder)], "copying the root")
        # As a clone has them: only what git knows, and links resolved.
        source = self.folder / "src"
        listed = _must(["git", "-C", str(ROOT), "ls-files", "-z"], "listing the source")
        for name in listed.split("\0"):
            if name.startswith(("satellite/", "custom_components/earshot/wire/", "models/")):
                target = source / name
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(ROOT / name, target, follow_symlinks=False)

    def _bootstrap(self, base: Path) -> None:
        if shutil.which("debootstrap") is None or shutil.which("systemd-nspawn") is None:
            raise RootError("apt-get install debootstrap systemd-container, then try again")
        partial = base.with_suffix(".partial")
        failure = "apt knows no Debian mirror"
        for mirror in mirrors():
            shutil.rmtree(partial, ignore_errors=True)
            partial.parent.mkdir(parents=True, exist_ok=True)
            words = ["debootstrap", "--variant=minbase", "--include=ca-certificates"]
            try:
                _must([*words, self.suite, str(partial), mirror], "debootstrap", _SETUP_S)
            except RootError as err:
                failure = str(err)
                continue
            partial.rename(base)
            return
        raise RootError(failure)

    def run(self, *words: str, env: dict[str, str] | None = None) -> Done:
        """Run a command in it, before it is booted, with this machine's network."""
        shared = [path for path in ("/etc/resolv.conf", "/etc/hosts") if Path(path).exists()]
        given = {key: value for key, value in os.environ.items() if key.startswith(("PIP_", "SSL"))}
        return _run(
            [
                *("unshare", "--mount", "--propagation", "private", "sh", "-ec", _ENTER, "sh"),
                *(str(self.folder), *words),
            ],
            {
                "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
                "LANG": "C.UTF-8",
                "HOME": "/root",
                "DEBIAN_FRONTEND": "noninteractive",
                "SHARED": " ".join([*shared, *_pip_paths()]),
                **given,
                **(env or {}),
            },
            _COMMAND_S,
        )

    @contextlib.contextmanager
    def booted(self) -> Iterator[None]:
        """Have its systemd run, as on a machine of its own."""
        log = self.folder.with_suffix(".boot.log")
        (self.folder / "etc/machine-id").write_text("")
        with log.open("wb") as out:
            nspawn = subprocess.Popen(
                [
                    *("unshare", "--mount", "--propagation", "private", "sh", "-ec", _BOOT, "sh"),
                    *(str(self.folder), f"earshot-{self.suite}"),
                ],
                stdout=out,
                stderr=out,
            )
        try:
            self._init = self._wait_init(nspawn)
            yield
        finally:
            if self._init:
                with contextlib.suppress(ProcessLookupError):
                    # systemd's "halt": everything ends in order.
                    os.kill(self._init, signal.SIGRTMIN + 3)
            try:
                nspawn.wait(20)
            except subprocess.TimeoutExpired:
                nspawn.kill()
                nspawn.wait()

    def _wait_init(self, nspawn: subprocess.Popen[bytes]) -> int:
        deadline = time.monotonic() + _BOOT_S
        while time.monotonic() < deadline:
            if nspawn.poll() is not None:
                break
            children = Path(f"/proc/{nspawn.pid}/task/{nspawn.pid}/children").read_text().split()
            for child in map(int, children):
                self._init = child
                state = self.inside("systemctl", "is-system-running").out.strip()
                if state in {"running", "degraded"}:
                    return child
            time.sleep(0.5)
        log = self.folder.with_suffix(".boot.log").read_text(errors="replace")
        raise RootError(f"it does not boot:\n{log[-2_000:]}")

    def inside(self, *words: str) -> Done:
        """Run a command in the booted root."""
        enter = ["nsenter", "-t", str(self._init), "-m", "-u", "-i", "-n", "-p", "-C", "--"]
        path = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
        # In its control groups too: its programs ask whose process this is.
        join = 'echo 0 >/sys/fs/cgroup/init.scope/cgroup.procs; exec "$@"'
        return _run(
            [*enter, "sh", "-c", join, "sh", *words],
            {"PATH": path, "LANG": "C.UTF-8", "HOME": "/root"},
            120,
        )


def _pip_paths() -> list[str]:
    """Name what pip is configured with on this machine: its files, and local places they name."""
    told = _run(["python3", "-m", "pip", "config", "debug"], dict(os.environ), 60).out
    values = " ".join(value for key, value in os.environ.items() if key.startswith(("PIP_", "SSL")))
    lines = [line for line in told.splitlines() if "exists: False" not in line]
    named = map(Path, _PIP.findall(re.sub(r"https?://\S+", "", " ".join([*lines, values]))))
    # An index in a folder is beside its files.
    wanted = (path.parent if path.name == "simple" else path for path in named)
    return sorted({str(path) for path in wanted if path.exists() and len(path.parts) > 2})


def _must(words: list[str], what: str, limit_s: float = _COMMAND_S) -> str:
    done = _run(words, dict(os.environ), limit_s)
    if done.status:
        raise RootError(f"{what} failed: {done.out[-1_000:]}")
    return done.out


def _run(words: list[str], env: dict[str, str], limit_s: float) -> Done:
    try:
        done = subprocess.run(
            words,
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=limit_s,
            check=False,
        )
    except subprocess.TimeoutExpired as err:
        return Done(124, f"no end after {limit_s:.0f} s: {(err.stdout or b'')[-500:]!r}")
    return Done(done.returncode, done.stdout.decode(errors="replace"))
