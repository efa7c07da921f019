"""Pairs of runs side by side: is a result lost, and is anything left?

`python bench/side_by_side.py [PAIRS]`.

Twenty pairs of real processes by default: segment, assign and orders, into one folder or into two
with neighbouring names, both to their end or one killed at a random moment. After each pair one
more run goes into the same folders. A survivor must have exited with 0, and its files must be there
with the bytes of a run alone; where both write the same names, all files must be of one of the two.
Afterwards neither the folders of results nor the temporary folder may hold anything else. Prints a
table, and exits with 1 when a pair fails.
"""

from __future__ import annotations

import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import cycle, islice, product
from pathlib import Path

ROWS = 2_000
TABLES = ("north", "south")
VERBS = ("segment", "assign", "orders")
PLACES = ("one folder", "neighbours")
SAME_BYTES = {"customers.csv", "segments.csv", "model.json"}  # others name their folder


@dataclass(frozen=True)
class Job:
    """One run: what it does with which table, and the folder it writes into."""

    verb: str
    table: str
    out: Path

    @property
    def target(self) -> Path:
        """What `--out` names."""
        return self.out if self.verb == "segment" else self.out / f"{self.table}.csv"

    def command(self, home: Path) -> list[str]:
        """As typed in the shell."""
        given = {
            "segment": [home / f"{self.table}.csv", "--k", "3"],
            "assign": [home / "alone-segment-north" / "model.json", home / f"{self.table}.csv"],
            "orders": [home / f"{self.table}-orders.csv"],
        }[self.verb]
        words = [self.verb, *given, "--out", self.target]
        return [sys.executable, "-m", "shoal.cli.main", *map(str, words)]

    def start(self, home: Path, temporary: Path) -> subprocess.Popen[str]:
        """Begin, with temporary files in a folder that can be looked into afterwards."""
        places = dict.fromkeys(("TMPDIR", "TEMP", "TMP"), str(temporary))
        return subprocess.Popen(
            self.command(home),
            env=os.environ | places,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )


def main() -> None:
    pairs = int(sys.argv[1]) if len(sys.argv) > 1 else 20
    chance = random.Random(0)
    failed = 0
    with tempfile.TemporaryDirectory() as name:
        home = Path(name)
        write_tables(home)
        seconds = {verb: run_alone(home, verb) for verb in VERBS}
        print(f"{'pair':>4}  {'verb':8} {'where':11} {'killed after':>12}  result")
        for number, (verb, place, killed) in enumerate(islice(cycle(scenarios()), pairs), 1):
            after = chance.uniform(0, 1.5 * seconds[verb]) if killed else None
            wrong = run_pair(home, number, verb, place, after)
            failed += bool(wrong)
            when = "" if after is None else f"{after:.2f} s"
            told = "; ".join(wrong) or "whole, and nothing left"
            print(f"{number:4}  {verb:8} {place:11} {when:>12}  {told}", flush=True)
    print(f"{pairs - failed} of {pairs} pairs are as they should be")
    sys.exit(1 if failed else 0)


def scenarios() -> Iterator[tuple[str, str, bool]]:
    """Every verb, place and fate; the first three are one of each verb and both fates."""
    for round_, (place, verb) in enumerate(product(PLACES, VERBS)):
        yield verb, place, round_ % 2 == 0
    for round_, (place, verb) in enumerate(product(PLACES, VERBS)):
        yield verb, place, round_ % 2 == 1


def write_tables(home: Path) -> None:
    """Customers in three groups, and their orders; the south spends more."""
    chance = random.Random(1)
    for factor, name in enumerate(TABLES, 1):
        people = [customer(chance, number, factor) for number in range(ROWS)]
        lines = ["customer_id,visits,spend", *(f"{i},{v},{s:.2f}" for i, v, s in people)]
        (home / f"{name}.csv").write_text("\n".join(lines))
        orders = [f"{i},2024-0{1 + v % 9}-1{i % 9},{s:.2f}" for i, v, s in people for _ in range(3)]
        text = "\n".join(["customer,date,amount", *orders])
        (home / f"{name}-orders.csv").write_text(text)


def customer(chance: random.Random, number: int, factor: int) -> tuple[int, int, float]:
    group = number % 3
    visits = 5 + 20 * group + chance.randrange(5)
    return number, visits, factor * (100.0 * (group + 1) + chance.random())


def run_alone(home: Path, verb: str) -> float:
    """The results that every later run must have again, and how long one takes."""
    began = time.monotonic()
    for table in TABLES:
        job = Job(verb, table, home / f"alone-{verb}-{table}")
        run = job.start(home, home)
        _, said = run.communicate()
        assert run.returncode == 0, said
    return (time.monotonic() - began) / len(TABLES)


def run_pair(home: Path, number: int, verb: str, place: str, after: float | None) -> list[str]:
    """What is wrong with a pair, and with the run that came later."""
    results, temporary = home / f"pair-{number}", home / f"temporary-{number}"
    temporary.mkdir()
    outs = ("results", "results") if place == "one folder" else ("results", "results-eu")
    pairs = zip(TABLES, outs, strict=True)
    jobs = [Job(verb, table, results / out) for table, out in pairs]
    survivors, wrong = run_both(home, temporary, jobs, after)
    wrong += lost(home, survivors, jobs)
    later = jobs[0]
    survivor = later.start(home, temporary)
    _, said = survivor.communicate()
    wrong += [f"the later run: {said}"] if survivor.returncode else lost(home, [later], [later])
    return wrong + left(results, temporary)


def run_both(
    home: Path, temporary: Path, jobs: list[Job], after: float | None
) -> tuple[list[Job], list[str]]:
    """The jobs that ended by themselves, and what they said when it was an error."""
    runs = [job.start(home, temporary) for job in jobs]
    if after is not None:
        time.sleep(after)
        runs[0].kill()
    said = [run.communicate()[1] for run in runs]
    codes = [run.returncode for run in runs]
    survivors = [job for job, code in zip(jobs, codes, strict=True) if code == 0]
    errors = [text for code, text in zip(codes, said, strict=True) if code > 0]
    return survivors, errors


def lost(home: Path, survivors: list[Job], jobs: list[Job]) -> list[str]:
    """Promised files that are missing, or not as they are when a run is alone.

    Where several jobs write the same names, the last one's stay: also those of a run that was
    killed behind its last file.
    """
    wrong = []
    for out in {job.out for job in survivors}:
        if survivors[0].verb == "segment":
            ok = any(is_whole(home, job) for job in jobs if job.out == out)
        else:
            ok = all(is_whole(home, job) for job in survivors if job.out == out)
        wrong += [] if ok else [f"lost or changed in {out.name}: {names(out)}"]
    return wrong


def is_whole(home: Path, job: Job) -> bool:
    """Whether all files of a run are there, with the bytes that they have when it is alone."""
    alone = home / f"alone-{job.verb}-{job.table}"
    for path in (path for path in alone.rglob("*") if path.is_file()):
        there = job.out / path.relative_to(alone)
        if not there.is_file():
            return False
        same = path.name in SAME_BYTES or job.verb != "segment"
        if same and there.read_bytes() != path.read_bytes():
            return False
    page = job.out / "report.html"
    return not page.exists() or page.read_text("utf-8").rstrip().endswith("</html>")


def left(results: Path, temporary: Path) -> list[str]:
    """Staging folders, locks and temporary files that nobody needs any more."""
    hidden = [str(path.relative_to(results)) for path in results.rglob(".*")]
    return [f"left: {name}" for name in [*hidden, *names(temporary)]]


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir()) if folder.exists() else []


if __name__ == "__main__":
    main()
