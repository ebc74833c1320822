"""Which sound devices there are, and which one a setting means."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from .quiet import quiet_stderr

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True)
class Device:
    """A device as PortAudio names it."""

    index: int
    name: str
    inputs: int
    outputs: int
    default_input: bool = False
    default_output: bool = False


class DeviceError(Exception):
    """A device cannot be had: `code` for translation, `detail` with the remedy in words."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(f"{code}: {detail}")
        self.code = code
        self.detail = detail


def load_pyaudio() -> Any:
    """Import PyAudio late: it loads every sound plug-in of the system.

    Raises DeviceError `sound_system` when the system's PortAudio is not there.
    """
    try:
        import pyaudio  # type: ignore[import-untyped]  # noqa: PLC0415
    except ImportError:
        raise DeviceError(
            "sound_system", "PyAudio or PortAudio is missing: run earshot-satellite install"
        ) from None
    return pyaudio


def list_devices() -> list[Device]:
    """Every device of a fresh PortAudio: its list is frozen when it is initialised.

    Raises DeviceError `sound_system` when PortAudio cannot start.
    """
    with quiet_stderr():
        pyaudio = load_pyaudio()
        try:
            audio = pyaudio.PyAudio()
        except OSError as err:
            raise DeviceError("sound_system", f"PortAudio does not start: {err}") from err
        try:
            return devices_of(audio)
        finally:
            audio.terminate()


def devices_of(audio: Any) -> list[Device]:
    """List the devices an initialised `pyaudio.PyAudio` knows."""
    defaults = {}
    for kind, ask in (
        ("in", audio.get_default_input_device_info),
        ("out", audio.get_default_output_device_info),
    ):
        try:
            defaults[kind] = int(ask()["index"])
        except OSError:
            defaults[kind] = -1
    devices = []
    for index in range(audio.get_device_count()):
        info = audio.get_device_info_by_index(index)
        devices.append(
            Device(
                index=index,
                name=str(info["name"]),
                inputs=int(info["maxInputChannels"]),
                outputs=int(info["maxOutputChannels"]),
                default_input=index == defaults["in"],
                default_output=index == defaults["out"],
            )
        )
    return devices


def choose(devices: Sequence[Device], wanted: str | None, *, output: bool = False) -> Device:
    """Find the device a setting means: an index, an exact name, or a part that only one name has.

    Nothing wanted means the default. Raises DeviceError `microphone_missing` or
    `speaker_missing`, whose detail lists what there is.
    """
    code, word = (
        ("speaker_missing", "loudspeaker")
        if output
        else (
            "microphone_missing",
            "microphone",
        )
    )
    able = [device for device in devices if (device.outputs if output else device.inputs)]
    names = ", ".join(f'{device.index} "{device.name}"' for device in able)
    if wanted is None or not wanted.strip():
        for device in able:
            if device.default_output if output else device.default_input:
                return device
        choice = f"no default {word}; connect one or name one of: {names}"
        raise DeviceError(code, f"there is {choice if able else f'no {word}; connect one'}")
    wanted = wanted.strip()
    if wanted.isdecimal():
        found = [device for device in able if device.index == int(wanted)]
    else:
        found = [device for device in able if device.name == wanted]
        found = found[:1] or [d for d in able if wanted.lower() in d.name.lower()]
    if len(found) == 1:
        return found[0]
    what = "fits several devices" if found else "is not here"
    remedy = f"name one of: {names}" if able else "nor is any other; connect it"
    raise DeviceError(code, f'{word} "{wanted[:80]}" {what}; {remedy}')
