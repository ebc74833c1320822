"""What the ear gives up before it hears: network, dumps, privileges, writing files.

Each step is tried and told, never required: an old kernel must not make a room deaf. The numbers
are Linux's (prctl.h, sched.h, landlock.h), equal on x86-64 and ARM.
"""

from __future__ import annotations

import ctypes
import os
import resource
import signal
import struct
from pathlib import Path

_PR_SET_PDEATHSIG, _PR_SET_DUMPABLE, _PR_SET_NO_NEW_PRIVS = 1, 4, 38
_CLONE_NEWUSER, _CLONE_NEWNET = 0x10000000, 0x40000000

_LANDLOCK_CREATE, _LANDLOCK_ADD, _LANDLOCK_RESTRICT = 444, 445, 446
_LANDLOCK_VERSION = 1
_RULE_PATH_BENEATH = 1
_WRITE_FILE, _MAKE_REG, _TRUNCATE = 1 << 1, 1 << 8, 1 << 14
_TRUNCATE_ABI = 3

_libc = ctypes.CDLL(None, use_errno=True)


def die_with(parent: int) -> None:
    """Be killed when the parent ends; leave at once if it already has."""
    _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:
        os._exit(0)


def enter() -> dict[str, bool]:
    """Give up what can be given up, while single-threaded; what succeeded, by name.

    `network`: in a network namespace of its own, without a single interface. Unix sockets with a
    path go on working, so a sound server on this machine does too. `files`: no file outside
    /dev can be written. `dumps`: no core dump, no ptrace by other programs of the user.
    """
    done = {"network": _leave_network()}
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    # Before Landlock, which asks for it; after the user namespace, which maps through /proc.
    done["privileges"] = _libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0
    done["files"] = _forbid_writing()
    done["dumps"] = _libc.prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0) == 0
    return done


def _leave_network() -> bool:
    if _libc.unshare(_CLONE_NEWNET) == 0:
        return True
    user, group = os.geteuid(), os.getegid()
    if _libc.unshare(_CLONE_NEWUSER | _CLONE_NEWNET) != 0:
        return False
    try:
        Path("/proc/self/setgroups").write_text("deny", encoding="ascii")
        Path("/proc/self/uid_map").write_text(f"{user} {user} 1", encoding="ascii")
        Path("/proc/self/gid_map").write_text(f"{group} {group} 1", encoding="ascii")
    except OSError:
        # Without a map the user is "nobody" inside: files of its own may be out of reach.
        return True
    return True


def _forbid_writing() -> bool:
    # Not RLIMIT_FSIZE: it also bounds the memory files that sound clients share with servers.
    abi = _libc.syscall(_LANDLOCK_CREATE, None, ctypes.c_size_t(0), _LANDLOCK_VERSION)
    if abi < 1:
        return False
    rights = _WRITE_FILE | _MAKE_REG | (_TRUNCATE if abi >= _TRUNCATE_ABI else 0)
    ruleset = ctypes.create_string_buffer(struct.pack("<Q", rights), 8)
    fd = _libc.syscall(_LANDLOCK_CREATE, ruleset, ctypes.c_size_t(8), 0)
    if fd < 0:
        return False
    try:
        devices = os.open("/dev", os.O_PATH | os.O_CLOEXEC)
        try:
            rule = ctypes.create_string_buffer(struct.pack("<Qi", rights, devices), 12)
            if _libc.syscall(_LANDLOCK_ADD, fd, _RULE_PATH_BENEATH, rule, 0) != 0:
                return False
        finally:
            os.close(devices)
        return int(_libc.syscall(_LANDLOCK_RESTRICT, fd, 0)) == 0
    finally:
        os.close(fd)
