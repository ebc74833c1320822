"""What is committed is what the source builds, and stays small."""

import gzip
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FRONTEND = ROOT / "custom_components" / "earshot" / "frontend"
LOADER = 5_000
ALL = 60_000
_SECONDS = 60


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the cards anew."""
    out = tmp_path_factory.mktemp("frontend")
    command = ["node", "card/build.mjs", "--out", str(out)]
    subprocess.run(command, cwd=ROOT, check=True, timeout=_SECONDS)
    return out


def contents(folder: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in folder.iterdir()}


def test_the_committed_bundle_is_what_the_source_builds(built: Path) -> None:
    """An install from the repository runs what is reviewed here. Mend it: ./scripts/card build."""
    committed, fresh = contents(FRONTEND), contents(built)
    assert committed.keys() == fresh.keys()
    assert [name for name, data in fresh.items() if committed[name] != data] == []


def test_the_loader_and_all_of_it_are_small() -> None:
    """Every page of Home Assistant loads the loader, a wall tablet all of it."""
    files = contents(FRONTEND)
    assert len(files["loader.js"]) <= LOADER
    assert sum(len(gzip.compress(data, mtime=0)) for data in files.values()) <= ALL


def test_what_every_page_loads_brings_nothing_along() -> None:
    """The loader may import small things of its own at once; a card comes when it is used."""
    loader = (FRONTEND / "loader.js").read_text()
    first = [name for name in contents(FRONTEND) if f'from"./{name}"' in loader]
    size = len(loader) + sum((FRONTEND / name).stat().st_size for name in first)
    assert size <= LOADER
    assert "LitElement" not in loader


def test_nothing_in_it_asks_another_machine() -> None:
    """No font, script or picture from elsewhere; names of XML are no addresses."""
    for name, data in contents(FRONTEND).items():
        text = data.decode()
        for known in ("http://www.w3.org/", "https://github.com/earshot-voice/"):
            text = text.replace(known, "")
        assert "http:" not in text, name
        assert "https:" not in text, name
