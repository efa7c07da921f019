"""Work shared with a process beside the run: the same results, whatever becomes of that process."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
import threading
import time
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import shoal
from make_facts import make_facts
from shoal import pipeline as road
from shoal.analysis.choose_k import choose
from shoal.analysis.stability import examine
from shoal.engine import worker as module
from shoal.engine.worker import Beside, beside, by_two, in_turn
from shoal.output.report import illustrated
from shoal.types import Points

ROOT = Path(__file__).parents[1]
NUMBERS = list(range(40))
ROOTS = [float(np.sqrt(n)) for n in NUMBERS]


@pytest.fixture(autouse=True)
def two_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "processors", lambda: 2)


@pytest.fixture
def crowd() -> Points:
    rng = np.random.default_rng(3)
    matrix = np.concatenate([rng.normal(m, 1, (300, 3)) for m in (0, 5, 9)])
    return Points(matrix, np.ones(900), np.arange(900))


def test_a_child_makes_the_same_report_and_is_gone_afterwards() -> None:
    facts = make_facts(k=3)
    with beside() as helper:
        child = helper._child
        assert child is not None
        drawn = helper.later(illustrated, facts)
        assert drawn() == illustrated(facts)
        assert child.poll() is None
    assert child.returncode is not None
    assert child.stdin is not None
    assert child.stdout is not None
    assert child.stdin.closed
    assert child.stdout.closed


def test_both_take_part_and_the_order_is_that_of_the_items() -> None:
    with beside() as helper:
        assert helper.later(np.sqrt, 4.0)() == 2.0  # it has started
        done = helper.each(process_of, NUMBERS)
    assert len(done) == len(NUMBERS)
    assert len(set(done)) == 2
    assert os.getpid() in done
    with beside() as helper:
        assert helper.each(np.sqrt, NUMBERS) == ROOTS
        assert helper.each(np.sqrt, NUMBERS[:1]) == ROOTS[:1]
        assert helper.each(np.sqrt, []) == []


def process_of(item: int) -> int:
    time.sleep(0.01)
    return os.getpid()


def test_choice_and_trust_are_the_same_to_the_bit_whoever_makes_them(crowd: Points) -> None:
    alone = choose(crowd, k_max=6, seed=1)
    fit = alone.fits[alone.k]
    trust = examine(crowd, fit, alone.fits, seed=1, resamples=25)
    with beside() as helper:
        helper.later(np.sqrt, 4.0)()
        shared = choose(crowd, k_max=6, seed=1, each=helper.each)
        again = examine(crowd, fit, alone.fits, seed=1, resamples=25, each=helper.each)
    assert shared.evidence == alone.evidence
    for k, each in alone.fits.items():
        assert np.array_equal(shared.fits[k].centres, each.centres)
        assert np.array_equal(shared.fits[k].labels, each.labels)
    assert again.segments == trust.segments
    assert np.array_equal(again.agreement, trust.agreement)


def test_a_child_that_dies_costs_nothing() -> None:
    for late in (False, True):
        with beside() as helper:
            assert helper._child is not None
            if late:
                helper.later(np.sqrt, 4.0)()
            waiting = helper.later(np.sqrt, 9.0) if late else None
            helper._child.kill()
            helper._child.wait()
            assert helper.each(np.sqrt, NUMBERS) == ROOTS
            assert helper.later(np.sqrt, 16.0)() == 4.0
            assert waiting is None or waiting() == 3.0


@pytest.mark.parametrize(
    "life",
    [
        "import sys; sys.exit(3)",
        "import sys; sys.stdin.buffer.read()",
        "print('no pickle')",
        "import time; time.sleep(60)",
    ],
    ids=["fails at once", "says nothing", "says nonsense", "hangs"],
)
def test_a_child_without_an_answer_costs_nothing(
    life: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_START", life)
    monkeypatch.setattr(module, "PATIENCE", 0.5)
    with beside() as helper:
        child = helper._child
        assert helper.each(np.sqrt, NUMBERS) == ROOTS
    with beside() as helper:
        assert helper.later(np.sqrt, 16.0)() == 4.0
    assert child is not None
    assert child.poll() is not None


def test_what_does_not_pickle_is_done_here() -> None:
    with beside() as helper:
        assert helper.each(lambda n: n + 1, [1, 2, 3]) == [2, 3, 4]
        assert helper.later(lambda n: n + 1, 5)() == 6


def test_an_error_is_raised_here_as_it_would_be_alone() -> None:
    with beside() as helper, pytest.raises(ZeroDivisionError):
        helper.each(partial(divmod, 1), [1, 2, 0])
    with beside() as helper:
        broken = helper.later(partial(divmod, 1), 0)
        with pytest.raises(ZeroDivisionError):
            broken()
        assert helper.each(partial(divmod, 1), [1, 2]) == [(1, 0), (0, 1)], (
            "the child goes on after an error"
        )


def test_a_copy_of_the_child_makes_every_second_item(monkeypatch: pytest.MonkeyPatch) -> None:
    assert by_two(process_of, [1, 2, 3]) == [os.getpid()] * 3, "no process but the child is copied"
    with beside() as helper:
        made = helper.later(
            partial(by_two, process_of), list(range(100))
        )()  # a second in all: longer than a copy takes to begin
        assert len(made) == 100
        assert len({*made, os.getpid()}) == 3
        assert helper.later(partial(by_two, np.sqrt), NUMBERS)() == ROOTS
        assert helper.later(
            partial(by_two, partial(dies_in_a_copy_of_the_child_of, os.getpid())), [1, 2, 3]
        )() == [1, 2, 3]
    assert in_turn(np.sqrt, NUMBERS) == ROOTS


def dies_in_a_copy_of_the_child_of(parent: int, item: int) -> int:
    return item if os.getppid() == parent else os._exit(9)


def test_ending_the_child_waits_for_no_copy_of_it() -> None:
    with beside() as helper:
        helper.later(partial(by_two, takes_long), [1, 2])
        helper.later(np.sqrt, 4.0)
        time.sleep(1.0)
        start = time.monotonic()
    assert time.monotonic() - start < 5.0


def takes_long(item: int) -> bytes:
    time.sleep(20.0)
    return bytes(item)


def test_no_child_unless_wanted_nor_without_a_second_core_or_a_plain_interpreter(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(subprocess, "Popen", lambda *_, **__: pytest.fail("a child was started"))
    with beside(False) as helper:
        assert isinstance(helper, Beside)
        assert helper.each(np.sqrt, NUMBERS) == ROOTS
    monkeypatch.setattr(sys, "executable", str(Path("/opt/uwsgi")))
    with beside():
        pass
    monkeypatch.undo()
    monkeypatch.setattr(subprocess, "Popen", lambda *_, **__: pytest.fail("a child was started"))
    monkeypatch.setattr(module, "processors", lambda: 1)
    with beside():
        pass


def test_one_thread_asked_for_is_one_process(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(subprocess, "Popen", lambda *_, **__: pytest.fail("a child was started"))
    spent = np.concatenate([np.arange(40.0), np.arange(100.0, 140.0)])
    shoal.segment(
        pd.DataFrame({"spent": spent, "visits": spent[::-1]}), out=tmp_path / "out", threads=1
    )
    assert (tmp_path / "out" / "report.html").exists()


def test_a_script_without_a_guard_runs_once_and_nothing_is_said(tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(
        textwrap.dedent(f"""
        import sys
        sys.path.insert(0, {str(ROOT / "tests")!r})
        print("running")
        from make_facts import make_facts
        from shoal.engine import worker as beside
        from shoal.output.report import illustrated
        beside.processors = lambda: 2
        with beside.beside() as helper:
            page, images = helper.later(illustrated, make_facts(k=2))()
        print(len(images), "matplotlib" in sys.modules)
    """)
    )
    (tmp_path / "numpy.py").write_text(
        "raise SystemExit('a file of the working directory was imported')"
    )
    done = subprocess.run(
        [sys.executable, "-P", str(script)],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        check=True,
    )
    assert done.stdout.split() == ["running", "8", "False"]
    assert done.stderr == ""


@pytest.mark.skipif(os.name != "posix", reason="looks for the child by its number")
def test_a_child_ends_with_its_parent() -> None:
    code = (
        "import os, sys, time; from shoal.engine import worker as beside; beside.processors = lambda: 2\n"
        "made = beside.Beside(beside._start()); print(made._child.pid, flush=True); os._exit(1)"
    )
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code], capture_output=True, text=True
    )
    assert gone(int(done.stdout))


def gone(pid: int) -> bool:
    """Whether a process ends within ten seconds."""
    for _ in range(200):
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return True
        if (
            Path(f"/proc/{pid}/stat").exists()
            and Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] == "Z"
        ):
            return True  # ended; nobody has asked how
        time.sleep(0.05)
    return False


def test_a_child_begun_early_is_the_one_that_is_used_or_ended() -> None:
    module.begin(road.warm_up)
    early = module._begun[0]
    with beside() as helper:
        assert helper._child is early
        assert helper.each(np.sqrt, NUMBERS) == ROOTS
    assert early.returncode is not None
    module.begin(road.warm_up)
    unwanted = module._begun[0]
    with beside(False) as helper:
        assert helper.each(np.sqrt, NUMBERS) == ROOTS
    assert unwanted.returncode is not None
    assert not module._begun


def test_a_process_with_a_second_thread_is_not_copied(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "fork", lambda: pytest.fail("a process with threads was copied"))
    done = threading.Event()
    other = threading.Thread(target=done.wait)
    other.start()
    try:
        module.begin(road.warm_up)
        with beside() as helper:
            assert helper.each(np.sqrt, NUMBERS) == ROOTS
    finally:
        done.set()
        other.join()


@pytest.mark.skipif(sys.platform != "linux", reason="processes are copied on Linux only")
@pytest.mark.parametrize("end", ["pass", "os._exit(1)"], ids=["closed", "parent gone"])
def test_a_copy_does_its_work_and_ends(end: str) -> None:
    """The copy of a process of one thread: it makes the same, says nothing, and never comes back into the code it was copied from."""
    code = textwrap.dedent(f"""
        import atexit, os, time
        os.environ["OPENBLAS_NUM_THREADS"] = "1"
        import numpy as np
        from shoal.engine import worker as beside
        atexit.register(print, "the end")
        beside.processors = lambda: 2
        beside.begin(lambda: print("warm"))
        pid = beside._begun[0].pid
        with beside.beside() as helper:
            assert isinstance(helper._child, beside._Copy)
            made = helper.later(np.sqrt, 9.0)()
            here = helper.each(time.sleep, [0.01] * 40)
            print(pid, float(made), len(here), flush=True)
            {end}
        print("here")
    """)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    said = done.stdout.split()
    assert said[1:] == (["3.0", "40", "here", "the", "end"] if end == "pass" else ["3.0", "40"])
    assert done.stderr == ""
    assert gone(int(said[0]))
