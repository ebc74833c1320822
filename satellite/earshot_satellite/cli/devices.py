"""`earshot-satellite devices`."""

from __future__ import annotations

import sys

from ..capture.devices import DeviceError, list_devices

EXIT_UNAVAILABLE = 3


def show_devices() -> int:
    """Print what can be set as microphone and as loudspeaker."""
    try:
        devices = list_devices()
    except DeviceError as err:
        print(f"earshot-satellite: {err.detail}", file=sys.stderr)
        return EXIT_UNAVAILABLE
    microphones = [(each, each.default_input) for each in devices if each.inputs]
    speakers = [(each, each.default_output) for each in devices if each.outputs]
    for title, able in (("[microphone]", microphones), ("[speaker]", speakers)):
        print(f"{title} device =")
        for device, default in able:
            print(f"  {device.index:3d}  {device.name}{'  (default)' if default else ''}")
        if not able:
            print("  none")
    return 0
