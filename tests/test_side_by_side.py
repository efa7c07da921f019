"""A short form of bench/side_by_side.py.

Pairs of real runs, of which the first and the third are killed.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

BENCH = Path(__file__).parents[1] / "bench" / "side_by_side.py"


def test_runs_side_by_side_lose_nothing_and_leave_nothing() -> None:
    run = subprocess.run([sys.executable, str(BENCH), "3"], capture_output=True, text=True)
    assert run.returncode == 0, run.stdout + run.stderr
    assert run.stdout.endswith("3 of 3 pairs are as they should be\n")
