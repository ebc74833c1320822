"""P4: what may be kept is kept sealed, and what may not is never written."""

import asyncio
import io
import os
import stat
import subprocess
import sys
import textwrap
import wave
from datetime import UTC, datetime, time, timedelta
from pathlib import Path

import pytest

from custom_components.earshot.policy.retention import Outcome
from custom_components.earshot.vault import (
    CaptureUnknownError,
    NewCapture,
    Vault,
    VaultBusyError,
    VaultClosedError,
    VaultState,
    VaultUnavailableError,
)

from .conftest import NOW, WORDS, at, capture, contents, tone, verdict

ROOT = Path(__file__).parents[2]


async def test_a_capture_comes_back_whole_also_after_a_restart(vault, folder):
    given = capture()
    kept = await vault.async_keep(given, verdict())
    await vault.async_close()

    reopened = await Vault.async_open(folder)
    read = await reopened.async_read(kept, at(NOW))
    await reopened.async_close()
    assert (read.room_id, read.started, read.outcome) == ("kitchen", NOW, Outcome.UNDERSTOOD)
    assert read.transcript == WORDS
    assert read.record == given.record | {"kept_by": {"audio": "room", "transcript": "house"}}
    assert read.audio_expires == NOW + timedelta(hours=1)
    assert read.transcript_expires == NOW + timedelta(hours=2)
    assert read.audio_type in ("audio/flac", "audio/wav")


async def test_no_word_and_no_sound_is_on_disk_in_clear(vault, folder, monkeypatch):
    """Nor the head of an audio file, with either encoder, while open and when closed."""
    await vault.async_keep(capture(), verdict())
    monkeypatch.setitem(sys.modules, "av", None)
    await vault.async_keep(capture(), verdict())
    for _ in range(2):
        everything = b"".join(contents(folder).values())
        assert len(everything) > 32_000
        pcm = tone()
        for marker in (b"RIFF", b"WAVE", b"fLaC", pcm[400:420], b"PLANTED", b"HassTurnOn"):
            assert marker not in everything
        await vault.async_close()


@pytest.mark.parametrize(
    "given",
    [
        (capture(), verdict(0, 0)),
        (capture(transcript=None, record={}), verdict(0, None)),
        (capture(pcm=None), verdict(None, 0)),
        (capture(pcm=b"", transcript="", record={}), verdict()),
    ],
)
async def test_nothing_to_keep_writes_not_one_byte(vault, folder, given):
    """Also not to the write-ahead logs: the folder is the same to the byte and the clock tick."""

    def everything():
        return {
            path: (stat_.st_mtime_ns, stat_.st_size, path.read_bytes() if path.is_file() else b"")
            for path in (folder, *folder.rglob("*"))
            if (stat_ := path.stat())
        }

    before = everything()
    assert await vault.async_keep(*given) is None
    assert everything() == before


async def test_audio_and_words_are_kept_apart(vault, folder):
    only_words = await vault.async_keep(capture(), verdict(audio=0))
    assert not list((folder / "audio").iterdir())
    only_audio = await vault.async_keep(capture(), verdict(transcript=0))

    words = await vault.async_read(only_words, at(NOW))
    assert (words.audio, words.transcript) == (None, WORDS)
    audio = await vault.async_read(only_audio, at(NOW))
    assert audio.audio
    assert (audio.transcript, audio.record) == (None, None)


async def test_only_the_owner_can_read_the_files(vault, folder):
    await vault.async_keep(capture(), verdict())
    for path in (folder, *folder.rglob("*")):
        mode = stat.S_IMODE(path.stat().st_mode)
        assert mode == (0o700 if path.is_dir() else 0o600), path


async def test_without_pyav_the_samples_come_back(vault, monkeypatch):
    monkeypatch.setitem(sys.modules, "av", None)
    kept = await vault.async_keep(capture(pcm=tone(0.4)), verdict())
    read = await vault.async_read(kept, at(NOW))
    with wave.open(io.BytesIO(read.audio)) as reader:
        assert reader.readframes(reader.getnframes()) == tone(0.4)


async def test_what_an_intent_was_given_need_not_be_json(vault):
    kept = await vault.async_keep(capture(record={"at": time(7, 30)}), verdict())
    assert (await vault.async_read(kept, at(NOW))).record["at"] == "07:30:00"


async def test_usage_is_told_by_room(vault):
    assert await vault.async_usage() == {}
    await vault.async_keep(capture("kitchen"), verdict(3_600, 60))
    await vault.async_keep(capture("kitchen", at=NOW - timedelta(hours=2)), verdict(None, None))
    await vault.async_keep(capture("study"), verdict(0, None))
    usage = await vault.async_usage()
    assert set(usage) == {"kitchen", "study"}
    assert usage["kitchen"].captures == 2
    assert usage["kitchen"].oldest == NOW - timedelta(hours=2)
    assert usage["kitchen"].next_expiry == NOW + timedelta(seconds=60)
    assert usage["kitchen"].bytes > usage["study"].bytes > 0
    assert usage["study"].next_expiry is None


async def test_many_rooms_at_once_lose_nothing(vault):
    kept = await asyncio.gather(
        *(vault.async_keep(capture(f"room{at}", pcm=tone(0.05)), verdict()) for at in range(100))
    )
    assert len(set(kept)) == 100
    assert len(await vault.async_usage()) == 100


async def test_a_disk_that_does_not_keep_up_does_not_fill_the_memory(vault):
    """The queue to the writer is bounded; what is beyond it is refused, the rest is kept."""
    results = await asyncio.gather(
        *(vault.async_keep(capture(pcm=tone(0.05)), verdict()) for _ in range(200)),
        return_exceptions=True,
    )
    refused = [result for result in results if isinstance(result, VaultBusyError)]
    assert len(refused) == 200 - 128
    assert (await vault.async_usage())["kitchen"].captures == 128


async def test_two_programs_cannot_have_it_open(vault, folder):
    with pytest.raises(VaultUnavailableError, match="another program"):
        await Vault.async_open(folder)
    assert await vault.async_keep(capture(), verdict())


async def test_closing_waits_for_what_is_being_kept(vault, folder):
    keeping = [asyncio.create_task(vault.async_keep(capture(), verdict())) for _ in range(5)]
    await asyncio.sleep(0)
    await vault.async_close()
    kept = await asyncio.gather(*keeping)
    with pytest.raises(VaultClosedError):
        await vault.async_usage()
    reopened = await Vault.async_open(folder)
    for capture_id in kept:
        assert (await reopened.async_read(capture_id, at(NOW))).transcript == WORDS
    await reopened.async_close()


async def test_a_folder_that_cannot_be_made_is_told(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(VaultUnavailableError):
        await Vault.async_open(tmp_path / "file" / "earshot")


@pytest.mark.parametrize("strange", ["", "../../etc/passwd", "a" * 32, "\x00"])
async def test_an_id_of_nothing_is_unknown(vault, strange):
    with pytest.raises(CaptureUnknownError):
        await vault.async_read(strange, at(NOW))


@pytest.mark.parametrize(
    "wrong",
    [
        {"room_id": "../up"},
        {"room_id": ""},
        {"started": NOW.replace(tzinfo=None)},
        {"pcm": b"\0"},
        {"pcm": bytes(16_000 * 2 * 61)},
        {"transcript": "a" * 5_000},
    ],
)
def test_what_is_not_a_capture_is_refused(wrong):
    good = {"room_id": "r", "started": datetime(2026, 1, 1, tzinfo=UTC), "outcome": Outcome.FAILED}
    NewCapture(**good)
    with pytest.raises(ValueError, match=r"of a capture|room id"):
        NewCapture(**good | wrong)


def test_no_words_in_what_a_capture_prints():
    """Somebody will log one."""
    assert "PLANTED" not in repr(capture())


def test_a_full_disk_is_told_and_nothing_is_half_kept(tmp_path):
    """On a file system of 1 MB: what fits is kept, the rest refused, and deleting still works."""
    script = """
        import asyncio, sys
        from datetime import timedelta
        from pathlib import Path
        from tests.vault.conftest import NOW, at, capture, tone, verdict
        from custom_components.earshot.vault import Vault, VaultFullError
        import os

        sys.modules["av"] = None

        async def main():
            folder = Path(sys.argv[1]) / "earshot"
            vault = await Vault.async_open(folder)
            kept = []
            while True:
                try:
                    kept.append(await vault.async_keep(capture(pcm=os.urandom(60_000)), verdict()))
                except VaultFullError:
                    break
                assert len(kept) < 40
            assert len(kept) > 3
            assert len(list((folder / "audio").iterdir())) == len(kept)
            # Fill what is left, to the last block.
            with open(folder.parent / "filler", "wb", buffering=0) as filler:
                try:
                    while True:
                        filler.write(bytes(4_096))
                except OSError:
                    pass
            for capture_id in kept:
                assert (await vault.async_read(capture_id, at(NOW))).transcript
            report = await vault.async_purge(at(NOW + timedelta(days=1)))
            assert report.captures == len(kept), report
            assert not list((folder / "audio").iterdir())
            assert await vault.async_usage() == {}
            await vault.async_close()
            vault = await Vault.async_open(folder)
            assert await vault.async_keep(capture(pcm=tone(0.1)), verdict())
            await vault.async_close()
            print("held")

        asyncio.run(main())
    """
    mount = 'mount -t tmpfs -o size=1m none "$1" && shift && exec "$@"'
    if subprocess.run(["unshare", "-rm", "true"], check=False, capture_output=True).returncode:
        pytest.skip("this machine allows no mount of our own")
    done = subprocess.run(
        ["unshare", "-rm", "sh", "-c", mount, "sh", str(tmp_path), sys.executable, "-c",
         textwrap.dedent(script), str(tmp_path)],
        check=False, capture_output=True, text=True, timeout=60, cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    assert done.stdout == "held\n", done.stderr


async def test_a_fresh_vault_is_ready(vault):
    assert vault.state is VaultState.READY
    assert vault.lost == 0
