"""Streams that are closed, requests to end, and names that would steer a terminal."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

import shoal
from shoal.cli import main as cli
from shoal.cli.demo_data import write
from shoal.cli.streams import standard_stream


def test_a_reader_that_leaves_early_is_no_fault() -> None:
    for forgiven in ((BrokenPipeError,), (OSError,)):
        read, number = os.pipe()
        os.close(read)
        stream = standard_stream(number, forgiven)
        for _ in range(3):
            stream.write("x" * 100_000)
            stream.flush()
        os.close(number)


@pytest.mark.skipif(sys.platform == "win32", reason="a shell of Unix")
def test_streams_that_are_closed_from_the_start_are_no_failure(tmp_path: Path) -> None:
    sample = write(tmp_path / "sample.csv")
    command = (
        f"{sys.executable} -m shoal inspect {sample} --out {tmp_path}/profile.html <&- >&- 2>&-"
    )
    assert subprocess.run(command, shell=True, stderr=subprocess.DEVNULL).returncode == 0
    assert (tmp_path / "profile.html").read_text("utf-8").rstrip().endswith("</html>")


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)], ids=["Ctrl-C", "SIGTERM"]
)
def test_asked_to_end_it_ends_in_words(
    number: signal.Signals, code: int, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    before = signal.signal(signal.SIGTERM, cli._terminate)
    at_first = signal.signal(signal.SIGINT, signal.default_int_handler)  # jobs of a shell ignore it

    def stopped(*_: object, **__: object) -> None:
        signal.raise_signal(number)

    monkeypatch.setattr(shoal, "inspect", stopped, raising=False)
    try:
        ended = CliRunner().invoke(cli.app, ["inspect", str(tmp_path / "t.csv")])
    finally:
        signal.signal(signal.SIGTERM, before)
        signal.signal(signal.SIGINT, at_first)
    assert ended.exit_code == code
    assert ended.stderr == (
        "shoal: stopped. Results are whole or not there: nothing half-written was left. "
        "Run the same command to start again.\n"
    )


def test_names_steer_no_terminal(tmp_path: Path) -> None:
    odd = "\x1b[2J\x1b]0;owned\x07\x9b31mspent\u202e"
    rows = [f"{i},{i % 13},{'ab'[i % 2]}" for i in range(300)]
    (tmp_path / "t.csv").write_text("\n".join([f"id,{odd},word\x1b[1m", *rows]) + "\n", "utf-8")
    shown = CliRunner().invoke(cli.app, ["inspect", str(tmp_path / "t.csv")])
    assert shown.exit_code == 0, shown.output
    assert "spent" in shown.output
    assert all(c.isprintable() or c == "\n" for c in shown.output)
