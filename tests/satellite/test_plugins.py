"""ALSA's AC-3 encoder is not loaded, unless somebody uses it; all other plugins stay."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from earshot_satellite.capture import plugins
from earshot_satellite.capture.plugins import leave_out_encoder

ENCODER = "libasound_module_pcm_a52.so"
OTHER = "libasound_module_pcm_pulse.so"


@pytest.fixture
def links(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Make a system with two plugins and nothing set; return where the links will be."""
    system = tmp_path / "usr/lib/alsa-lib"
    system.mkdir(parents=True)
    for name in (ENCODER, OTHER):
        (system / name).write_bytes(b"")
    monkeypatch.setattr(plugins, "_PLACES", (str(system),))
    monkeypatch.setattr(plugins, "_CONFIGURATIONS", (str(tmp_path / "asound.conf"),))
    monkeypatch.delenv("ALSA_CONFIG_PATH", raising=False)
    # As monkeypatch restores what it has seen only.
    monkeypatch.setenv("ALSA_PLUGIN_DIR", "")
    monkeypatch.delenv("ALSA_PLUGIN_DIR")
    return tmp_path / "links"


def test_all_but_the_encoder_are_linked(links: Path) -> None:
    """Again after an update of the system that moved them."""
    for _ in range(2):
        os.environ.pop("ALSA_PLUGIN_DIR", None)
        leave_out_encoder(links, ["", "hw:1"])
        assert os.environ["ALSA_PLUGIN_DIR"] == str(links)
        assert [each.name for each in links.iterdir()] == [OTHER]
        assert (links / OTHER).exists()
        (links / OTHER).unlink()
        (links / OTHER).symlink_to("/nowhere/old.so")
        (links / "gone.so").symlink_to("/nowhere/gone.so")


def test_who_uses_it_keeps_it(links: Path, tmp_path: Path) -> None:
    leave_out_encoder(links, ["a52:1"])
    (tmp_path / "asound.conf").write_text("pcm.!default { type a52 }")
    leave_out_encoder(links, [])
    assert "ALSA_PLUGIN_DIR" not in os.environ
    assert not links.exists()


def test_what_was_set_outside_stays(links: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALSA_PLUGIN_DIR", "/own")
    leave_out_encoder(links, [])
    assert os.environ["ALSA_PLUGIN_DIR"] == "/own"


def test_a_folder_that_cannot_be_written_costs_only_memory(links: Path) -> None:
    links.write_bytes(b"not a folder")
    leave_out_encoder(links, [])
    assert "ALSA_PLUGIN_DIR" not in os.environ


@pytest.mark.skipif(
    not [*Path("/usr/lib").glob(f"*/alsa-lib/{ENCODER}")], reason="this system has no encoder"
)
def test_the_video_library_is_not_loaded(tmp_path: Path) -> None:
    """With the system's real plugins, as PortAudio opens them."""
    code = (
        "import sys; from pathlib import Path\n"
        "from earshot_satellite.capture.plugins import leave_out_encoder\n"
        "if sys.argv[1:]: leave_out_encoder(Path(sys.argv[1]), [])\n"
        "import pyaudio; pyaudio.PyAudio(); print(Path('/proc/self/maps').read_text())"
    )
    environment = {k: v for k, v in os.environ.items() if k != "ALSA_PLUGIN_DIR"}

    def loaded(*words: str) -> str:
        return subprocess.run(
            [sys.executable, "-c", code, *words],
            capture_output=True,
            check=True,
            timeout=30,
            text=True,
            env=environment,
        ).stdout

    assert "libavcodec" in loaded()
    assert "libavcodec" not in loaded(str(tmp_path / "links"))
