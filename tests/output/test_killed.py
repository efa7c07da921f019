"""A run that is killed or stopped leaves results that are absent or whole.

And nothing in the way of the next run.
"""

import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

import shoal

ROWS = 40_000
WHOLE = {
    "report.html",
    "summary.html",
    "customers.parquet",
    "segments.csv",
    "segments.xlsx",
    "columns.toml",
    "model.json",
    "summary.json",
    "run.json",
    "figures",
}


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> Path:
    rng = np.random.default_rng(5)
    group = rng.integers(0, 4, ROWS)
    frame = pd.DataFrame(
        {
            "customer_id": np.arange(ROWS),
            "visits": group * 9 + rng.normal(0, 1, ROWS),
            "spend": rng.gamma(3, 20, ROWS),
        }
    )
    path = tmp_path_factory.mktemp("killed") / "customers.parquet"
    frame.to_parquet(path)
    return path


def start(table: Path, out: Path) -> subprocess.Popen[str]:
    command = [
        sys.executable,
        "-m",
        "shoal",
        "segment",
        str(table),
        "--out",
        str(out),
        "--k-max",
        "5",
    ]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)


def is_whole(out: Path) -> bool:
    assert {p.name for p in out.iterdir() if not p.name.startswith(".")} == WHOLE
    assert pq.read_metadata(out / "customers.parquet").num_rows == ROWS
    assert (out / "report.html").read_text("utf-8").rstrip().endswith("</html>")
    return shoal.load(out / "model.json").k >= 2


@pytest.fixture(scope="module")
def seconds(table: Path, tmp_path_factory: pytest.TempPathFactory) -> float:
    """How long a whole run takes on this machine."""
    began = time.monotonic()
    run = start(table, tmp_path_factory.mktemp("whole") / "out")
    assert run.wait() == 0, run.stderr and run.stderr.read()
    return time.monotonic() - began


@pytest.mark.parametrize("moment", [0.3, 0.6, 0.8, 0.9, 0.95, 1.0])
def test_killed(table: Path, seconds: float, tmp_path: Path, moment: float) -> None:
    out = tmp_path / "results"
    run = start(table, out)
    time.sleep(moment * seconds)
    run.kill()
    run.wait()
    assert not out.exists() or is_whole(out)


def test_after_a_kill_the_next_run_succeeds_and_cleans_up(
    table: Path, seconds: float, tmp_path: Path
) -> None:
    out = tmp_path / "results"
    left = tmp_path / ".shoal-writing-results-abc"  # as a run killed while writing leaves it
    left.mkdir()
    (left / "customers.parquet").write_bytes(b"PAR1")
    assert start(table, out).wait() == 0
    assert is_whole(out)
    assert [p.name for p in tmp_path.iterdir()] == ["results"]


@pytest.mark.parametrize("moment", [0.3, 0.9])
def test_stopped_by_the_keyboard_it_says_how_to_go_on(
    table: Path, seconds: float, tmp_path: Path, moment: float
) -> None:
    out = tmp_path / "results"
    run = start(table, out)
    time.sleep(moment * seconds)
    run.send_signal(signal.SIGINT)
    _, said = run.communicate()
    assert [p.name for p in tmp_path.iterdir()] in ([], ["results"])
    assert not out.exists() or is_whole(out)
    if run.returncode == 0:
        pytest.skip("the run was over before it could be stopped")
    assert run.returncode == 130
    assert said.strip() == (
        "shoal: stopped. Results are whole or not there: nothing half-written was left. "
        "Run the same command to start again."
    )
