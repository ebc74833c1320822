"""The ring is the only home of audio: it must give back exactly what went in, and forget it."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from earshot_satellite.capture.ring import Ring


@given(st.lists(st.integers(1, 250), max_size=12), st.integers(1, 100))
def test_newest_samples_come_back_in_order(lengths: list[int], wanted: int) -> None:
    ring = Ring(100)
    written = np.zeros(100, np.int16)
    for length in lengths:
        block = np.arange(len(written), len(written) + length).astype(np.int16)
        ring.write(block)
        written = np.concatenate((written, block))
    got = np.empty(wanted, np.int16)
    ring.last(got)
    assert (got == written[-wanted:]).all()


def test_a_wiped_ring_holds_nothing() -> None:
    """P3: after a turn and on mute not one sample stays."""
    ring = Ring(100)
    ring.write(np.full(250, 7, np.int16))
    ring.wipe()
    got = np.ones(100, np.int16)
    ring.last(got)
    assert not got.any()


def test_more_than_it_holds_is_refused() -> None:
    with pytest.raises(ValueError, match="holds 100"):
        Ring(100).last(np.empty(101, np.int16))
