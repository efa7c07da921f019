"""Work shared with a pool of processes: the same results, whatever becomes of those processes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import time
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import shoal
from make_facts import make_facts
from pool_kit import ends_its_process, process_of
from shoal.analysis.choose_k import choose
from shoal.analysis.stability import examine
from shoal.engine import worker
from shoal.engine.worker import Workers, workers
from shoal.output.report import illustrated
from shoal.pipeline import warm_up
from shoal.types import Points

NUMBERS = list(range(40))
ROOTS = [float(np.sqrt(n)) for n in NUMBERS]


@pytest.fixture
def crowd() -> Points:
    rng = np.random.default_rng(3)
    matrix = np.concatenate([rng.normal(m, 1, (300, 3)) for m in (0, 5, 9)])
    return Points(matrix, np.ones(900), np.arange(900))


def test_both_take_part_and_the_order_is_that_of_the_items() -> None:
    with workers(2) as pool:
        assert pool.later(np.sqrt, 4.0)() == 2.0  # it has started
        done = pool.each(process_of, NUMBERS)
        assert len(done) == len(NUMBERS)
        assert len(set(done)) == 2
        assert os.getpid() in done
        assert pool.each(np.sqrt, NUMBERS) == ROOTS
        assert pool.each(np.sqrt, NUMBERS[:1]) == ROOTS[:1]
        assert pool.each(np.sqrt, []) == []


def test_a_pool_that_is_not_ready_is_not_waited_for() -> None:
    with workers(2) as pool:
        assert set(pool.each(process_of, NUMBERS[:3])) == {os.getpid()}


def test_choice_and_stability_are_the_same_to_the_bit_whoever_makes_them(crowd: Points) -> None:
    alone = choose(crowd, k_max=6, seed=1)
    fit = alone.fits[alone.k]
    stable = examine(crowd, fit, alone.fits, seed=1, resamples=25)
    with workers(2, warm_up) as pool:
        pool.later(np.sqrt, 4.0)()
        shared = choose(crowd, k_max=6, seed=1, each=pool.each)
        again = examine(crowd, fit, alone.fits, seed=1, resamples=25, each=pool.each)
    assert shared.evidence == alone.evidence
    for k, each in alone.fits.items():
        assert np.array_equal(shared.fits[k].centres, each.centres)
        assert np.array_equal(shared.fits[k].labels, each.labels)
    assert again.segments == stable.segments
    assert np.array_equal(again.agreement, stable.agreement)


def test_the_report_is_the_same_whoever_draws_it() -> None:
    facts = make_facts(k=3)
    with workers(2, warm_up) as pool:
        assert pool.later(illustrated, facts)() == illustrated(facts)


def test_processes_that_die_cost_nothing() -> None:
    with workers(2) as pool:
        pool.later(np.sqrt, 4.0)()
        waiting = pool.later(partial(ends_its_process, os.getpid()), 5)
        assert waiting() == 5
        assert pool.each(np.sqrt, NUMBERS) == ROOTS
        assert pool.later(np.sqrt, 16.0)() == 4.0
    with workers(2) as pool:
        pool.later(np.sqrt, 4.0)()
        assert pool.each(partial(ends_its_process, os.getpid()), NUMBERS) == NUMBERS


def test_an_error_is_raised_here_as_it_would_be_alone() -> None:
    with workers(2) as pool, pytest.raises(ZeroDivisionError):
        pool.each(partial(divmod, 1), [1, 2, 0])
    with workers(2) as pool:
        broken = pool.later(partial(divmod, 1), 0)
        with pytest.raises(ZeroDivisionError):
            broken()
        assert pool.each(partial(divmod, 1), [1, 2]) == [(1, 0), (0, 1)]


def test_one_process_starts_no_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker, "ProcessPoolExecutor", lambda *_: pytest.fail("it was started"))
    assert Workers().each(np.sqrt, NUMBERS) == ROOTS
    assert Workers().later(np.sqrt, 9.0)() == 3.0
    spent = np.concatenate([np.arange(40.0), np.arange(100.0, 140.0)])
    table = pd.DataFrame({"spent": spent, "visits": spent[::-1]})
    shoal.segment(table, out=tmp_path / "out")
    assert (tmp_path / "out" / "report.html").exists()


def test_a_script_with_a_guard_runs_once_and_nothing_is_said(tmp_path: Path) -> None:
    spent = [*range(40), *range(100, 140)]
    pd.DataFrame({"spent": spent, "visits": spent[::-1]}).to_csv(tmp_path / "t.csv", index=False)
    script = tmp_path / "script.py"
    script.write_text(
        textwrap.dedent("""
        import shoal

        if __name__ == "__main__":
            print("running")
            print(shoal.segment("t.csv", out="out", processes=2).k)
        """)
    )
    done = subprocess.run(
        [sys.executable, str(script)], capture_output=True, text=True, cwd=tmp_path, check=True
    )
    assert done.stdout.split() == ["running", "2"]
    assert done.stderr == ""


LIFE = """
import os, sys, time
from shoal.engine.worker import workers
if __name__ == "__main__":
    with workers(2) as pool:
        print(pool.later(eval, "__import__('os').getpid()")(), flush=True)
        {end}
"""


@pytest.mark.parametrize(
    "end", ["pass", "os._exit(1)", "os.kill(os.getpid(), 9)", "raise KeyboardInterrupt"]
)
@pytest.mark.skipif(os.name != "posix", reason="looks for the process by its number")
def test_the_pool_ends_with_its_parent_however_that_ends(end: str, tmp_path: Path) -> None:
    script = tmp_path / "life.py"
    script.write_text(LIFE.format(end=end))
    done = subprocess.run([sys.executable, str(script)], capture_output=True, text=True)
    assert gone(int(done.stdout))


def gone(pid: int) -> bool:
    """Whether a process ends within ten seconds."""
    for _ in range(200):
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return True
        if _is_zombie(pid):
            return True  # ended; nobody has asked how
        time.sleep(0.05)
    os.kill(pid, signal.SIGKILL)
    return False


def _is_zombie(pid: int) -> bool:
    status = Path(f"/proc/{pid}/stat")
    return status.exists() and status.read_text().rsplit(")", 1)[1].split()[0] == "Z"
