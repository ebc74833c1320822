"""State that survives a restart, and fails closed."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from earshot_satellite.playback.phrases import MAX_PHRASES, Phrases
from earshot_satellite.state import MuteState, StateBusyError, StateError, StateFolder


def held(folder: Path) -> StateFolder:
    state = StateFolder(folder)
    state.hold()
    return state


def test_a_new_satellite_is_not_muted_and_says_who_it_is(tmp_path: Path) -> None:
    first = held(tmp_path / "state")
    assert first.mute().state == MuteState()
    known = first.satellite_id()
    first.release()
    again = held(tmp_path / "state")
    assert again.mute().state == MuteState()
    assert again.satellite_id() == known


def test_mute_is_kept(tmp_path: Path) -> None:
    first = held(tmp_path)
    first.write_mute(MuteState(remote=True))
    first.release()
    assert held(tmp_path).mute().state == MuteState(remote=True)


@pytest.mark.parametrize(
    "content",
    [None, b"", b"{", b"null", b"[]", b'{"local": false}', b'{"local":0,"remote":0,"paused":0}',
     b"\xff\xfe", b"[" * 20_000],
)  # fmt: skip
def test_lost_mute_state_starts_muted(tmp_path: Path, content: bytes | None) -> None:
    """SECURITY: missing, empty or unreadable mute state starts muted."""
    first = held(tmp_path)
    first.mute()
    first.satellite_id()
    first.release()
    if content is None:
        (tmp_path / "mute.json").unlink()
    else:
        (tmp_path / "mute.json").write_bytes(content)
    read = held(tmp_path).mute()
    assert read.state == MuteState(local=True)
    assert read.fault


def test_a_crash_in_the_middle_of_writing_leaves_the_old_state(tmp_path: Path) -> None:
    first = held(tmp_path)
    first.write_mute(MuteState(local=True))
    first.release()
    (tmp_path / ".mute.json.abc.partial").write_bytes(b'{"local": fal')
    again = held(tmp_path)
    assert again.mute().state == MuteState(local=True)
    assert not list(tmp_path.glob("*.partial"))


def test_two_satellites_do_not_share_a_folder(tmp_path: Path) -> None:
    first = held(tmp_path)
    with pytest.raises(StateBusyError, match="running with this state folder"):
        StateFolder(tmp_path).hold()
    first.release()
    held(tmp_path)


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StateError, match="make it writable"):
        StateFolder(tmp_path / "file" / "state").hold()


def test_positive_control_of_another_boot_does_not_count(tmp_path: Path) -> None:
    state = held(tmp_path)
    state.write_control({"alsa"}, {"mic"})
    assert state.control().shown == {"alsa"}
    text = (tmp_path / "control.json").read_text()
    boot = text.split('"boot_id": "')[1].split('"')[0]
    (tmp_path / "control.json").write_text(text.replace(boot, "another"))
    assert not state.control().shown


def test_phrases_are_kept_and_bounded(tmp_path: Path) -> None:
    phrases = Phrases(tmp_path / "phrases")
    phrases.load()
    for number in range(MAX_PHRASES):
        phrases.store(f"p{number}", 22_050, b"\1\2" * 100)
    with pytest.raises(ValueError, match="stored already"):
        phrases.store("one_more", 22_050, b"\1\2")
    phrases.store("p0", 16_000, b"\3\4" * 50)
    (tmp_path / "phrases" / "p1.wav").write_bytes(b"RIFF broken")
    again = Phrases(tmp_path / "phrases")
    again.load()
    found = again.get("p0")
    assert found is not None
    assert (found.rate, found.pcm) == (16_000, b"\3\4" * 50)
    assert again.get("p1") is None
    assert again.digests == {k: v for k, v in phrases.digests.items() if k != "p1"}


@pytest.mark.skipif(os.geteuid() != 0, reason="only root writes for others")
def test_what_root_writes_belongs_to_the_service(tmp_path: Path) -> None:
    """`sudo earshot-satellite mute` left files that the service's own user could not read."""
    folder = tmp_path / "state"
    folder.mkdir(mode=0o700)
    os.chown(folder, 12_345, 12_346)
    state = held(folder)
    state.write_mute(MuteState(local=True))
    for name in ("mute.json", "lock"):
        assert ((folder / name).stat().st_uid, (folder / name).stat().st_gid) == (12_345, 12_346)
