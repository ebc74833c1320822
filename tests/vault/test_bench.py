"""`scripts/bench vault` measures, and its JSON has what a reader of it looks for."""

import json
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_it_measures_a_small_vault(tmp_path):
    file = tmp_path / "figures.json"
    done = subprocess.run(
        [sys.executable, "-m", "house.bench", "vault", "--captures", "60", "--turns", "0",
         "--json", str(file)],
        check=False, capture_output=True, text=True, timeout=110, cwd=ROOT,
        env=os.environ | {"PYTHONPATH": f"{ROOT / 'scripts'}:{ROOT}"},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    figures = json.loads(file.read_text())
    assert all(isinstance(value, int | float) for value in figures.values())
    assert figures["keep_cpu_ms"] > 0
    for key in ("browse_p95_ms_60", "search_p95_ms_60", "purge_60_s", "startup_60_s"):
        assert figures[key] > 0
    assert {"rss_growth_mib_60", "index_mib_60"} <= figures.keys()
    assert "| browse, 50 a page, p95 |" in done.stdout
