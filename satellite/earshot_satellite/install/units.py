"""The text of what is written: systemd units and the ALSA configuration. Pure.

A unit gives the program what it uses and nothing else. What one would expect here and does not
find is left out for a reason:

- `ProtectProc=`, `ProcSubset=`: the receipt of a mute reads `/proc/asound`, and names the program
  that holds the microphone instead.
- `RestrictNamespaces=yes`: the ear gives up the network by a namespace of its own.
- `MemoryDenyWriteExecute=`: foreign functions of Python's ctypes need such memory.
- `PrivateDevices=`: sound cards are devices; `DeviceAllow=` names them and nothing else.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

LOCAL_NETWORK = (
    "localhost link-local multicast 10.0.0.0/8 172.16.0.0/12 192.168.0.0/16 100.64.0.0/10 fc00::/7"
)
"""Private and link-local addresses. A home whose devices talk over global IPv6 addresses adds its
prefix with `systemctl edit`."""

SYSCALLS = (
    "@system-service landlock_create_ruleset landlock_add_rule landlock_restrict_self seccomp"
)
"""The last ones are what the ear gives its rights up with: `@sandbox`, which systemd 252 lacks."""


@dataclass(frozen=True)
class Service:
    """One of the two programs."""

    name: str
    says: str
    folder: str
    """Of its state, below the system's."""

    memory: str
    sound: bool
    namespaces: str
    environment: tuple[str, ...] = ()
    """Of a system service, beside what all have."""


SATELLITE = Service(
    name="earshot-satellite",
    says="Earshot satellite: hears a wake word in this room",
    folder="earshot",
    memory="256M",
    sound=True,
    namespaces="net user",
)
SPEECH = Service(
    name="earshot-speech",
    says="Earshot speech service: understands and speaks for the home",
    folder="earshot-speech",
    memory="2G",
    sound=False,
    namespaces="yes",
    environment=("EARSHOT_VOICES=/var/lib/earshot-speech/voices",),
)


def command_line(words: Sequence[str]) -> str:
    """Return words as `ExecStart=` reads them: quoted, and no sign of its own among them."""
    quoted = []
    for word in words:
        plain = word.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%").replace("$", "$$")
        quoted.append(f'"{plain}"' if any(c in word for c in " \t\"'\\;") else plain)
    return " ".join(quoted)


def system_unit(service: Service, command: str, *, home: bool, alsa: Path | None) -> str:
    """Return the unit of a system service; `home`: the program lies in somebody's home."""
    # A user that exists only while it runs has no home.
    environment = [
        "PYTHONDONTWRITEBYTECODE=1",
        f"HOME=/var/lib/{service.folder}",
        "XDG_STATE_HOME=/var/lib",
        *service.environment,
    ]
    if alsa is not None:
        environment.append(f"ALSA_CONFIG_PATH={alsa}")
    lines = [
        "[Unit]",
        f"Description={service.says}",
        f"After=network.target{' sound.target' if service.sound else ''}",
        "StartLimitIntervalSec=0",
        "",
        "[Service]",
        *_run(command),
        *(f"Environment={each}" for each in environment),
        "",
        "# A user of its own that exists only while it runs, and two folders.",
        "DynamicUser=yes",
        *(("SupplementaryGroups=audio",) if service.sound else ()),
        f"StateDirectory={service.folder}",
        "StateDirectoryMode=0700",
        f"RuntimeDirectory={service.folder}",
        "",
        "# The local network, and nothing beyond.",
        "IPAddressDeny=any",
        f"IPAddressAllow={LOCAL_NETWORK}",
        "",
        "# Nothing else of this machine.",
        "CapabilityBoundingSet=",
        "ProtectSystem=strict",
        f"ProtectHome={'read-only' if home else 'yes'}",
        "ProtectKernelTunables=yes",
        "ProtectKernelModules=yes",
        "ProtectKernelLogs=yes",
        "ProtectControlGroups=yes",
        "ProtectClock=yes",
        "ProtectHostname=yes",
        "PrivateTmp=yes",
        "PrivateMounts=yes",
        "DevicePolicy=closed",
        *(("DeviceAllow=char-alsa rw",) if service.sound else ("PrivateDevices=yes",)),
        *_confined(service),
        "KeyringMode=private",
        "",
        "[Install]",
        "WantedBy=multi-user.target",
    ]
    return "\n".join(lines) + "\n"


def user_unit(service: Service, command: str) -> str:
    """Return the unit of a user's service, beside that user's PipeWire or PulseAudio.

    A user's service manager can neither filter addresses nor change what the program sees of the
    file system: what it can do is here.
    """
    after = "After=pipewire-pulse.service pulseaudio.service" if service.sound else ""
    lines = [
        "[Unit]",
        f"Description={service.says}",
        *((after,) if after else ()),
        "StartLimitIntervalSec=0",
        "",
        "[Service]",
        *_run(command),
        "Environment=PYTHONDONTWRITEBYTECODE=1",
        *_confined(service),
        "",
        "[Install]",
        "WantedBy=default.target",
    ]
    return "\n".join(lines) + "\n"


def _run(command: str) -> tuple[str, ...]:
    return (
        "Type=exec",
        f"ExecStart={command}",
        "Restart=always",
        "RestartSec=3",
        "# 2: the settings have a fault; only their owner can mend it.",
        "RestartPreventExitStatus=2",
        "KillMode=mixed",
        "TimeoutStopSec=10",
    )


def _confined(service: Service) -> tuple[str, ...]:
    return (
        "NoNewPrivileges=yes",
        "LockPersonality=yes",
        "RestrictSUIDSGID=yes",
        "RestrictRealtime=yes",
        f"RestrictNamespaces={service.namespaces}",
        "RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_NETLINK",
        "SystemCallArchitectures=native",
        f"SystemCallFilter={SYSCALLS}",
        "SystemCallErrorNumber=EPERM",
        "UMask=0077",
        "",
        "# Sound stays in memory: none of it in a core dump, none of it in swap.",
        "LimitCORE=0",
        "MemorySwapMax=0",
        f"MemoryMax={service.memory}",
        "TasksMax=128",
    )


def alsa_config(capture: str, playback: str) -> str:
    """Return an ALSA configuration whose default several programs can use at once."""
    return f"""\
</usr/share/alsa/alsa.conf>
defaults.pcm.rate_converter "speexrate_medium"

pcm.!default {{
    type asym
    capture.pcm "earshot_capture"
    playback.pcm "earshot_playback"
}}
ctl.!default {{
    type hw
    card "{capture}"
}}
pcm.earshot_capture {{
    type plug
    slave.pcm {{
        type dsnoop
        ipc_key 17491
        ipc_key_add_uid false
        ipc_perm 0660
        ipc_gid audio
        slave {{ pcm "hw:CARD={capture},DEV=0" }}
    }}
}}
pcm.earshot_playback {{
    type plug
    slave.pcm {{
        type dmix
        ipc_key 17492
        ipc_key_add_uid false
        ipc_perm 0660
        ipc_gid audio
        slave {{ pcm "hw:CARD={playback},DEV=0" }}
    }}
}}
"""
