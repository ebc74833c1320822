"""Files are fetched over TLS from where they may come from, and nothing else of them counts."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from earshot_satellite import checked_files
from earshot_satellite.checked_files import InstallError, fetch, staging
from plugins.downloads import Source, source

BODY = bytes(range(256)) * 3000
LIMIT = len(BODY)


@pytest.fixture
def net(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Source]:
    with source(tmp_path, monkeypatch) as told:
        yield told


def get(
    net: Source, target: Path, path: str = "a", limit: int = LIMIT
) -> list[tuple[int, int | None]]:
    steps: list[tuple[int, int | None]] = []
    fetch(
        net.address + path,
        target,
        limit,
        lambda address: address.startswith(net.address),
        lambda name, done, size: steps.append((done, size)) if name == target.name else None,
    )
    return steps


def test_a_file_is_fetched_and_its_progress_told(net: Source, tmp_path: Path) -> None:
    net.answers["/a"] = BODY
    steps = get(net, tmp_path / "a")
    assert (tmp_path / "a").read_bytes() == BODY
    assert steps[-1] == (len(BODY), len(BODY))
    assert len(steps) > 2
    assert steps == sorted(steps)


def test_it_is_followed_to_where_files_may_come_from_only(net: Source, tmp_path: Path) -> None:
    net.answers["/a"] = BODY
    net.moved["/b"] = "/a"
    get(net, tmp_path / "b", "b")
    assert (tmp_path / "b").read_bytes() == BODY
    net.moved["/c"] = net.address.replace("localhost", "127.0.0.1") + "a"
    with pytest.raises(InstallError, match=r"leads to 127\.0\.0\.1"):
        get(net, tmp_path / "c", "c")
    assert net.asked == ["/b", "/a", "/c"]


@pytest.mark.parametrize(
    "answer",
    [
        b"", b"\r\n\r\n", b"garbage", b"\0" * 9000,
        b"HTTP/1.1 200 OK\r\n" + b"x: y\r\n" * 500, b"HTTP/1.1 200 " + b"x" * 70000,
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"HTTP/1.1 500 no\r\n\r\n", b"HTTP/1.1 302 x\r\nLocation: https://[\r\n\r\n",
    ],
)  # fmt: skip
def test_what_is_no_answer_is_told_with_the_remedy(
    net: Source, tmp_path: Path, answer: bytes
) -> None:
    net.raw["/a"] = answer
    with pytest.raises(InstallError, match="--from FOLDER"):
        get(net, tmp_path / "a")


def test_a_file_that_does_not_end_is_given_up(
    net: Source, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    net.answers["/a"] = BODY
    with pytest.raises(InstallError, match="larger than"):
        get(net, tmp_path / "a", limit=LIMIT - 1)
    monkeypatch.setattr(checked_files, "FETCH_ALL_S", 0.0)
    with pytest.raises(InstallError, match="too long"):
        get(net, tmp_path / "a")


def test_a_stranger_in_its_place_is_not_believed(
    net: Source, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SSL_CERT_FILE")
    net.answers["/a"] = BODY
    with pytest.raises(InstallError, match="cannot be fetched"):
        get(net, tmp_path / "a")
    assert net.asked == []


def test_a_source_that_drips_is_given_up(
    net: Source, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    net.drip["/a"] = BODY[:100]
    monkeypatch.setattr(checked_files, "FETCH_ALL_S", 0.5)
    with pytest.raises(InstallError, match="too long"):
        get(net, tmp_path / "a")
    assert 0 < (tmp_path / "a").stat().st_size < 50


def test_a_full_disk_is_told_as_what_it_is(net: Source, tmp_path: Path) -> None:
    """Neither the network nor the source is at fault."""
    net.answers["/a"] = BODY
    (tmp_path / "new").mkdir()
    (tmp_path / "new/a").symlink_to("/dev/full")
    with pytest.raises(InstallError, match="cannot be written: No space left"):
        get(net, tmp_path / "new/a")


def test_what_a_killed_download_left_goes(tmp_path: Path) -> None:
    old, young = tmp_path / ".new-old", tmp_path / ".new-young"
    for folder in (old, young):
        folder.mkdir()
        (folder / "half").write_bytes(b"x")
    os.utime(old, (0, 0))
    with staging(tmp_path):
        assert not old.exists()
        assert young.exists()
