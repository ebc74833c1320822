"""A network of its own: with nothing in it, or with a sink that answers everything.

`enter` gives the words that run a command in a new namespace; the rest is called inside it.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

LAN = "192.168.77"
HOUSE = f"{LAN}.2"
ROUTER = f"{LAN}.1"
HOUSE6 = "fd77::2"
ROUTER6 = "fd77::1"

_TRY_S = 20
_REMEDY = (
    "Run it as root; as an ordinary user, allow user namespaces "
    "(sysctl kernel.unprivileged_userns_clone=1, kernel.apparmor_restrict_unprivileged_userns=0, "
    "user.max_user_namespaces above 0); in a container, start that with --privileged."
)


class NamespaceError(Exception):
    """This machine does not let us have what is needed; `remedy` is what to do about it."""

    def __init__(self, what: str, remedy: str) -> None:
        super().__init__(what)
        self.remedy = remedy


def enter() -> list[str]:
    """Return the words before a command that give it a network of its own."""
    for words in (["unshare", "--net"], ["unshare", "--map-root-user", "--net"]):
        if _works([*words, "true"]):
            return words
    raise NamespaceError("this machine does not allow a network namespace", _REMEDY)


def check_tracing() -> None:
    """Raise NamespaceError where programs cannot be traced."""
    if not _works(["strace", "-f", "--seccomp-bpf", "-o", os.devnull, "-e", "trace=bind", "true"]):
        raise NamespaceError(
            "programs cannot be traced here",
            "Install strace (./scripts/setup does) and allow ptrace: sysctl "
            "kernel.yama.ptrace_scope below 3; in a container, start that with "
            "--cap-add=SYS_PTRACE.",
        )


def raise_loopback() -> None:
    """Let the namespace's programs reach each other."""
    ip("link set lo up")


def connect_sink(folder: Path) -> subprocess.Popen[bytes]:
    """Put the sink at the other end of a cable and route everything there; return its process."""
    sink = subprocess.Popen(
        [sys.executable, "-m", "house.airgap.sink", str(folder)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert sink.stdin is not None
    assert sink.stdout is not None
    _await(sink, b"alone\n")
    ip(f"link add lan type veth peer name lan netns {sink.pid}")
    ip(f"addr add {HOUSE}/24 dev lan")
    ip("link set lan up")
    ip(f"route add default via {ROUTER}")
    if _works(["ip", "-6", "addr", "add", f"{HOUSE6}/64", "dev", "lan", "nodad"]):
        ip(f"-6 route add default via {ROUTER6}")
    sink.stdin.write(b"plugged in\n")
    sink.stdin.flush()
    _await(sink, b"answering\n")
    return sink


def become_everybody() -> None:
    """In the sink's namespace: own every address there is."""
    raise_loopback()
    ip(f"addr add {ROUTER}/24 dev lan")
    ip("link set lan up")
    ip("route add local 0.0.0.0/0 dev lo")
    if _works(["ip", "-6", "addr", "add", f"{ROUTER6}/64", "dev", "lan", "nodad"]):
        ip("-6 route add local ::/0 dev lo")


def _await(process: subprocess.Popen[bytes], word: bytes) -> None:
    assert process.stdout is not None
    if process.stdout.readline() != word:
        raise NamespaceError("the sink did not start", "Its error is above.")


def ip(words: str, inside: Sequence[str] = ()) -> None:
    """Run `ip` with these words, in another network with those before it.

    Raises NamespaceError.
    """
    try:
        subprocess.run([*inside, "ip", *words.split()], check=True, timeout=_TRY_S)
    except (OSError, subprocess.SubprocessError) as err:
        raise NamespaceError(
            f"ip {words} failed", "Install iproute2; the kernel needs veth (modprobe veth)."
        ) from err


def _works(command: list[str]) -> bool:
    try:
        done = subprocess.run(command, capture_output=True, check=False, timeout=_TRY_S)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0
