"""The report made beside the run: the same page, whatever becomes of the process that makes it."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest

from make_facts import make_facts
from shoal.report import illustrated, reporter
from shoal.report.reporter import Reporter, reporting

ROOT = Path(__file__).parents[1]


@pytest.fixture(autouse=True)
def two_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reporter, "_cores", lambda: 2)


def test_a_child_makes_the_same_report_and_is_gone_afterwards() -> None:
    facts = make_facts(k=3)
    with reporting() as made:
        child = made._child
        assert child is not None
        made.begin(facts)
        assert made.report(facts) == illustrated(facts)
        assert child.returncode == 0
    assert child.stdin is not None
    assert child.stdout is not None
    assert child.stdin.closed
    assert child.stdout.closed


def test_a_child_that_dies_before_or_while_it_draws_costs_no_report(monkeypatch: pytest.MonkeyPatch) -> None:
    facts = make_facts(k=2)
    monkeypatch.setattr(reporter, "illustrated", lambda _: ("made here", {}))
    for late in (False, True):
        with reporting() as made:
            assert made._child is not None
            if late:
                made.begin(facts)
            made._child.kill()
            if not late:
                made._child.wait()
            assert made.report(facts) == ("made here", {})


@pytest.mark.parametrize(
    "life",
    ["import sys; sys.exit(3)", "import sys; sys.stdin.buffer.read()", "print('no pickle')", "import time; time.sleep(60)"],
    ids=["fails at once", "says nothing", "says nonsense", "hangs"],
)
def test_a_child_without_an_answer_costs_no_report(life: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reporter, "_START", life)
    monkeypatch.setattr(reporter, "PATIENCE", 1.0)
    monkeypatch.setattr(reporter, "illustrated", lambda _: ("made here", {}))
    with reporting() as made:
        child = made._child
        assert made.report(make_facts(k=2)) == ("made here", {})
    assert child is not None
    assert child.poll() is not None


def test_facts_that_do_not_pickle_are_drawn_here(monkeypatch: pytest.MonkeyPatch) -> None:
    facts = make_facts(k=2)
    facts.options["by"] = lambda: None
    monkeypatch.setattr(reporter, "illustrated", lambda _: ("made here", {}))
    with reporting() as made:
        assert made.report(facts) == ("made here", {})


def test_no_child_without_a_report_a_second_core_or_a_plain_interpreter(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(subprocess, "Popen", lambda *_, **__: pytest.fail("a child was started"))
    with reporting(False) as made:
        assert isinstance(made, Reporter)
    monkeypatch.setattr(sys, "executable", str(Path("/opt/uwsgi")))
    with reporting():
        pass
    monkeypatch.undo()
    monkeypatch.setattr(subprocess, "Popen", lambda *_, **__: pytest.fail("a child was started"))
    monkeypatch.setattr(reporter, "_cores", lambda: 1)
    with reporting():
        pass


def test_a_script_without_a_guard_runs_once_and_nothing_is_said(tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(
        textwrap.dedent(f"""
        import sys
        sys.path.insert(0, {str(ROOT / "tests")!r})
        print("running")
        from make_facts import make_facts
        from shoal.report import reporter
        reporter._cores = lambda: 2
        facts = make_facts(k=2)
        with reporter.reporting() as made:
            page, images = made.report(facts)
        print(len(images), "matplotlib" in sys.modules)
    """)
    )
    (tmp_path / "numpy.py").write_text("raise SystemExit('a file of the working directory was imported')")
    done = subprocess.run([sys.executable, "-P", str(script)], capture_output=True, text=True, cwd=tmp_path, check=True)
    assert done.stdout.split() == ["running", "8", "False"]
    assert done.stderr == ""


@pytest.mark.skipif(os.name != "posix", reason="looks for the child by its number")
def test_a_child_ends_with_its_parent() -> None:
    code = (
        "import os, sys, time; from shoal.report import reporter; reporter._cores = lambda: 2\n"
        "made = reporter.Reporter(reporter._start()); print(made._child.pid, flush=True); os._exit(1)"
    )
    done = subprocess.run([sys.executable, "-W", "error", "-c", code], capture_output=True, text=True)
    pid = int(done.stdout)
    for _ in range(200):
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return
        if Path(f"/proc/{pid}/stat").exists() and Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] == "Z":
            return  # ended; nobody has asked how
        time.sleep(0.05)
    pytest.fail("the child lives on")
