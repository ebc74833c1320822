"""`earshot-satellite devices`."""

from __future__ import annotations

import argparse

from ..capture.devices import DeviceError, list_devices
from ..settings import Settings
from .command import fail


def options(parser: argparse.ArgumentParser) -> None:
    """Take none."""


def main(_: Settings, __: argparse.Namespace) -> int:
    """Print what can be set as microphone and as loudspeaker."""
    try:
        devices = list_devices()
    except DeviceError as err:
        return fail(err.detail)
    microphones = [(each, each.default_input) for each in devices if each.inputs]
    speakers = [(each, each.default_output) for each in devices if each.outputs]
    for title, able in (("[microphone]", microphones), ("[speaker]", speakers)):
        print(f"{title} device =")
        for device, default in able:
            print(f"  {device.index:3d}  {device.name}{'  (default)' if default else ''}")
        if not able:
            print("  none")
    return 0
