"""What a device setting means, and that a wrong one names what there is."""

from __future__ import annotations

import pytest

from earshot_satellite.capture.devices import Device, DeviceError, choose

DEVICES = [
    Device(0, "USB Speakerphone: Audio (hw:1,0)", 1, 2),
    Device(1, "HDMI", 0, 8),
    Device(2, "pulse", 32, 32),
    Device(3, "default", 32, 32, default_input=True, default_output=True),
    Device(4, "pulse monitor", 2, 0),
]


@pytest.mark.parametrize(
    ("wanted", "index"),
    [(None, 3), ("", 3), ("0", 0), ("pulse", 2), ("speakerphone", 0), ("  default ", 3)],
)
def test_index_name_unique_part_or_default(wanted: str | None, index: int) -> None:
    assert choose(DEVICES, wanted).index == index


@pytest.mark.parametrize("wanted", ["HDMI", "1", "99", "puls", "no such device", "-1"])
def test_wrong_microphone_names_every_right_one(wanted: str) -> None:
    with pytest.raises(DeviceError) as caught:
        choose(DEVICES, wanted)
    assert caught.value.code == "microphone_missing"
    for able in (0, 2, 3, 4):
        assert DEVICES[able].name in caught.value.detail


def test_loudspeakers_are_chosen_among_outputs() -> None:
    assert choose(DEVICES, "hdmi", output=True).index == 1
    with pytest.raises(DeviceError) as caught:
        choose(DEVICES, "monitor", output=True)
    assert caught.value.code == "speaker_missing"


def test_no_device_at_all() -> None:
    """Nothing is offered to choose from where there is nothing."""
    for wanted, word in ((None, "connect one"), ("usb", "connect it")):
        with pytest.raises(DeviceError, match=word) as caught:
            choose([], wanted)
        assert "name one of" not in caught.value.detail
