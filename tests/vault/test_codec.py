"""What was heard comes back to the sample, whichever encoder there is."""

import io
import sys
import wave

import pytest

from custom_components.earshot.vault.codec import encode, media_type

from .conftest import tone


@pytest.mark.parametrize("seconds", [0.0005, 0.5, 1.0, 2.345])
def test_flac_loses_nothing(seconds):
    av = pytest.importorskip("av")
    pcm = tone(seconds)
    audio = encode(pcm)
    assert media_type(audio) == "audio/flac"
    with av.open(io.BytesIO(audio)) as container:
        assert container.streams.audio[0].rate == 16_000
        heard = b"".join(
            bytes(frame.planes[0])[: frame.samples * 2] for frame in container.decode(audio=0)
        )
    assert heard == pcm


def test_a_home_assistant_without_pyav_keeps_wav(monkeypatch):
    monkeypatch.setitem(sys.modules, "av", None)
    pcm = tone(0.3)
    audio = encode(pcm)
    assert media_type(audio) == "audio/wav"
    with wave.open(io.BytesIO(audio)) as reader:
        assert (reader.getframerate(), reader.getsampwidth(), reader.getnchannels()) == (
            16_000,
            2,
            1,
        )
        assert reader.readframes(reader.getnframes()) == pcm
