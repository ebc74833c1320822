"""The cards' own tests, which Node runs: one item here for each of their files."""

import os
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CARD = ROOT / "card"
FILES = sorted(CARD.glob("tests/*.test.ts"))
_SECONDS = 60


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the tests once."""
    out = tmp_path_factory.mktemp("card")
    node(str(CARD / "build.mjs"), "--tests", "--out", str(out))
    return out


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name.removesuffix(".test.ts"))
def test_the_cards_own_tests(built: Path, file: Path) -> None:
    output = node("--enable-source-maps", "--test", str(built / f"{file.stem}.mjs"))
    assert "\n# fail 0\n" in output
    assert "\n# pass 0\n" not in output


def node(*words: str) -> str:
    ended = subprocess.run(
        ["node", *words],
        cwd=CARD,
        env={**os.environ, "TZ": "UTC", "NODE_DISABLE_COLORS": "1"},
        capture_output=True,
        text=True,
        timeout=_SECONDS,
        check=False,
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return ended.stdout
