"""The lean wake path gives the scores of the libraries whose models it runs."""

from __future__ import annotations

import numpy as np
import pytest
from hearing_tools import Samples, say, scene
from pymicro_wakeword import MicroWakeWord, MicroWakeWordFeatures
from pymicro_wakeword import Model as MicroModel
from pyopen_wakeword import Model as OpenModel
from pyopen_wakeword import OpenWakeWord, OpenWakeWordFeatures

from earshot_satellite.capture.ring import Ring
from earshot_satellite.wake.micro import MicroFeatures, MicroWord
from earshot_satellite.wake.models import find_word, open_folder
from earshot_satellite.wake.openwake import (
    LOOKS,
    OpenHead,
    OpenStream,
    SecondLook,
)

BLOCK = 1280
WORDS = ("hey_jarvis", "okay_nabu", "alexa", "hey_mycroft")


@pytest.fixture(scope="module")
def speech() -> Samples:
    """Every word, other speech, and noise."""
    return scene(
        *(2.0, say("hey jarvis"), 0.5, say("alexa", "rms"), 0.3, say("okay nabu", "kal16")),
        *(0.5, say("what a lovely morning it is"), 0.4, say("hey mycroft", "rms"), 1.0),
    )


def blocks(sound: Samples) -> list[Samples]:
    return [sound[at : at + BLOCK] for at in range(0, len(sound) - BLOCK + 1, BLOCK)]


@pytest.mark.parametrize("name", WORDS)
def test_stage_one_scores_are_the_librarys(name: str, speech: Samples) -> None:
    theirs, their_features = MicroWakeWord.from_builtin(MicroModel(name)), MicroWakeWordFeatures()
    model = find_word(name).micro
    assert model
    ours, our_features = MicroWord(model), MicroFeatures()
    expected, got = [], []
    for block in blocks(speech):
        scores = [
            theirs.process_streaming_prob(row)
            for row in their_features.process_streaming(block.tobytes())
        ]
        expected.append(max([score for score in scores if score is not None], default=0.0))
        got.append(ours.process(our_features.process(block.tobytes())))
    assert max(expected) > 0.5 or name == "hey_mycroft"
    assert got == pytest.approx(expected, abs=1e-6)


LAG = 1440
"""After N samples the library's newest embedding ends with the row that ends at N - 1,440: its
windows of 1,760 reach to N - 800, and it leaves their last four rows for later. Ours ends with
the newest row; the tolerance is for the other grid of windows, which moves what is clipped."""

CLOSE = 0.02


def library_stage_two(name: str, sound: Samples) -> list[float]:
    """Score each block of `sound` as the library does."""
    model = OpenWakeWord.from_builtin(OpenModel(name))
    features = OpenWakeWordFeatures.from_builtin()
    after = []
    for block in blocks(sound):
        scores = [
            score
            for embedding in features.process_streaming(block.tobytes())
            for score in model.process_streaming(embedding)
        ]
        after.append(scores[-1])
    return after


@pytest.mark.parametrize("name", WORDS)
def test_a_second_look_scores_as_the_library_does(name: str, speech: Samples) -> None:
    expected = library_stage_two(name, speech)
    path = find_word(name).head
    assert path
    head, ring, look = OpenHead(path), Ring(), SecondLook(open_folder())
    peak = int(np.argmax(expected))
    assert expected[peak] > 0.1 or name == "hey_mycroft"
    for newest in (peak - 3, peak, peak + 3, peak + LOOKS - 1):
        at = (newest + 1) * BLOCK - LAG
        ring.write(speech[:at])
        scores = head.scores(look.embeddings(ring, at))
        assert scores == pytest.approx(expected[newest - LOOKS + 1 : newest + 1], abs=CLOSE)


def test_a_look_that_goes_on_sees_what_a_new_one_sees(speech: Samples) -> None:
    """Most looks continue the one before, for an eighth of the work."""
    ring, going_on = Ring(), SecondLook(open_folder())
    at = 0
    for blocks_more in (40, 1, 1, 4, 1, 5, 0, 2, 40, 1):
        more = speech[at : at + blocks_more * BLOCK]
        at += len(more)
        ring.write(more)
        anew = SecondLook(open_folder()).embeddings(ring, at)
        assert going_on.embeddings(ring, at) == pytest.approx(anew, abs=1e-3)


def test_half_a_step_waits_for_the_other_half(speech: Samples) -> None:
    """Blocks are half as long while a command streams."""
    ring, look = Ring(), SecondLook(open_folder())
    ring.write(speech[: 40 * BLOCK])
    first = look.embeddings(ring, 40 * BLOCK).copy()
    ring.write(speech[40 * BLOCK : 40 * BLOCK + 640])
    assert (look.embeddings(ring, 40 * BLOCK + 640) == first).all()
    ring.write(speech[40 * BLOCK + 640 : 41 * BLOCK])
    anew = SecondLook(open_folder()).embeddings(ring, 41 * BLOCK)
    assert look.embeddings(ring, 41 * BLOCK) == pytest.approx(anew, abs=1e-3)


def test_a_look_into_a_wiped_ring_sees_nothing_of_before(speech: Samples) -> None:
    ring, look = Ring(), SecondLook(open_folder())
    ring.write(speech)
    look.embeddings(ring, len(speech))
    ring.wipe()
    look.forget()
    silent = SecondLook(open_folder()).embeddings(Ring(), 0)
    assert look.embeddings(ring, len(speech)) == pytest.approx(silent, abs=1e-3)


def test_the_stream_scores_as_the_library_does(speech: Samples) -> None:
    """A word that only openWakeWord knows runs on the stream, which needs 2.4 s to warm."""
    name = "hey_jarvis"
    shifted = np.concatenate((np.zeros(2 * BLOCK - LAG, np.int16), speech))
    expected = library_stage_two(name, shifted)[2:]
    path = find_word(name).head
    assert path
    head, ring, stream = OpenHead(path), Ring(), OpenStream(open_folder())
    got = []
    for block in blocks(speech):
        ring.write(block)
        got.append(head.score(stream.process(ring)))
    shared = min(len(got), len(expected))
    assert got[30:shared] == pytest.approx(expected[30:shared], abs=CLOSE)
    assert max(got[30:]) > 0.5
