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
    for title, able, chosen in (
        ("Microphones", [d for d in devices if d.inputs], lambda d: d.default_input),
        ("Loudspeakers", [d for d in devices if d.outputs], lambda d: d.default_output),
    ):
        print(f"{title} ([{title.lower()[:-1]}] device):")
        for device in able:
            mark = "  (default)" if chosen(device) else ""
            print(f"  {device.index:3d}  {device.name}{mark}")
        if not able:
            print("  none")
    return 0
