"""Are moves told right: their causes, customers and money to the cent? And how fast, of how many?

    python bench/moves.py [--reps 20] [--seed 0] [--rows 4000]
    python bench/moves.py --large 10000000 [--folder DIR]

Planted: groups of customers in two periods. Some customers change (they go over to another group),
the model of the second period has some of its centres moved or two of its segments in other places,
and money is drawn anew. The cause of each move is known: who went over has changed; who stayed in
place and is elsewhere by the second model has been moved by it. Told are the shares of those not on
a border (margins above .2 in both periods) whose cause is right, and whether all sums are right.

With `--large` two files of so many rows are made (if they are not in the folder yet), and `assign`
of both and `moves` are timed, each in a process of its own with its peak of memory.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from decimal import Decimal
from pathlib import Path

import numpy as np
import pandas as pd

import shoal


def groups(rng: np.random.Generator, k: int, columns: int) -> np.ndarray:
    """Places of groups that lie apart."""
    while True:
        places = rng.uniform(-10, 10, (k, columns))
        apart = np.linalg.norm(places[:, None] - places, axis=2) + 99 * np.eye(k)
        if apart.min() > 5:
            return places


def table(rng: np.random.Generator, ids: np.ndarray, at: np.ndarray) -> pd.DataFrame:
    values = {f"c{i}": at[:, i] for i in range(at.shape[1])}
    cents = np.rint(np.exp(rng.normal(8, 2, len(ids)))).astype(np.int64)
    return pd.DataFrame({"customer": ids, **values, "spent": cents / 100})


def exact(frame: pd.DataFrame) -> Decimal:
    return Decimal(int(np.rint(frame.spent.to_numpy() * 100).astype(np.int64).sum())) / 100


def other_model(study: shoal.Study, rng: np.random.Generator, folder: Path) -> Path:
    """The same model with one centre moved over: a new border cuts through a group or beside it."""
    body = json.loads(study.save(folder / "before.json").read_text("utf-8"))
    centres = np.array(body["model"]["centres"])
    i, j = rng.choice(len(centres), 2, replace=False)
    if rng.random() < 0.5:
        centres[[i, j]] = centres[[j, i]]  # each has taken the place of the other
    else:
        centres[i] += (centres[j] - centres[i]) * 0.9  # it reaches into the other's group
    body["model"]["centres"] = centres.tolist()
    path = folder / "after.json"
    path.write_text(json.dumps(body), "utf-8")
    return path


def planted(rng: np.random.Generator, rows: int, folder: Path) -> tuple[int, int, bool]:
    """(causes that are right, causes told, whether all sums are right)."""
    k, columns = int(rng.integers(3, 7)), int(rng.integers(2, 6))
    places = groups(rng, k, columns)
    kind = rng.integers(0, k, rows)
    at = places[kind] + rng.normal(size=(rows, columns))
    before = table(rng, np.arange(rows), at)
    changed = rng.random(rows) < 0.15
    to = np.where(changed, (kind + rng.integers(1, k, rows)) % k, kind)
    later = np.where(changed[:, None], places[to] + rng.normal(size=at.shape), at)
    later += rng.normal(size=at.shape) * 0.05
    after = table(rng, np.arange(rows), later)
    after = pd.concat([after[rng.random(rows) < 0.9], table(rng, rows + np.arange(50), at[:50])])
    names = [f"c{i}" for i in range(columns)]
    study = shoal.segment(before, by=names, k=k, value="spent", scale="standard")
    model = shoal.load(other_model(study, rng, folder))
    found = shoal.moves(before, after, model_before=study, model_after=model, value="spent")
    sums = found.everybody.money_before == exact(before)
    sums &= found.everybody.money_after == exact(after)
    sums &= found.everybody.customers == rows + 50
    right, told = causes(before, after, study, model, changed)
    return right, told, bool(sums)


def causes(
    before: pd.DataFrame,
    after: pd.DataFrame,
    study: shoal.Study,
    model: shoal.Model,
    changed: np.ndarray,
) -> tuple[int, int]:
    """Customer by customer: each one's move told alone, where no border is near."""
    own = study.assign(before).set_index("customer")
    new = model.assign(after).set_index("customer")
    both = own.add_suffix("_b").join(new.add_suffix("_a"), how="inner")
    moved = both[(both.segment_b != both.segment_a) & (both.margin_b > 0.2) & (both.margin_a > 0.2)]
    right = 0
    for truth, cause in ((True, "customer"), (False, "model")):
        ids = [i for i in moved.index if changed[i] == truth]
        if not ids:
            continue
        few = shoal.moves(
            before[before.customer.isin(ids)],
            after[after.customer.isin(ids)],
            model_before=study,
            model_after=model,
            value="spent",
        )
        right += 0 if few.why is None else few.why[cause].customers  # type: ignore[index]
    return right, len(moved)


def large(rows: int, folder: Path) -> None:
    """Time and memory of `assign` of both files, and of `moves` between them."""
    folder.mkdir(parents=True, exist_ok=True)
    files = [folder / f"{name}-{rows}.parquet" for name in ("before", "after")]
    for number, file in enumerate(files):
        if not file.exists():
            rng = np.random.default_rng(number)
            kind = rng.integers(0, 3, rows)
            frame = pd.DataFrame({"customer_id": np.arange(rows) + number * (rows // 10)})
            for i in range(8):
                frame[f"c{i}"] = rng.normal(kind * 3, 1).round(3)
            frame["spent"] = np.exp(rng.normal(3 + kind, 0.4)).round(2)
            frame.to_parquet(file, index=False)
    sample = pd.read_parquet(files[0], columns=None).head(20_000)
    names = [f"c{i}" for i in range(8)]
    model = shoal.segment(sample, by=names, k=3, value="spent").save(folder / "model.json")
    runs = {
        "assign": [
            ["assign", model, file, "--out", folder / "out.parquet", "--json"] for file in files
        ],
        "moves": [["moves", *files, "--model-before", model, "--json"]],
    }
    print("| of two files | seconds | peak of memory, MB |")
    print("|---|---|---|")
    for name, commands in runs.items():
        seconds, peak = 0.0, 0.0
        for command in commands:
            took, used = timed([str(part) for part in command])
            seconds, peak = seconds + took, max(peak, used)
        print(f"| {name} | {seconds:.1f} | {peak:,.0f} |", flush=True)


def timed(arguments: list[str]) -> tuple[float, float]:
    """Seconds, and megabytes at most, of a command in a process of its own."""
    code = (
        "import pathlib, re, sys\nfrom shoal.cli.main import main\n"
        "code = main()\n"
        "status = pathlib.Path('/proc/self/status').read_text()\n"
        "peak = int(re.search(r'VmHWM:\\s+(\\d+)', status)[1])\n"  # of this program alone
        "print(peak / 1e3, file=sys.stderr)\n"
        "sys.exit(code)"
    )
    began = time.perf_counter()
    command = [sys.executable, "-c", code, *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return time.perf_counter() - began, float(done.stderr.split()[-1])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--reps", type=int, default=20)
    parser.add_argument("--rows", type=int, default=4000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--large", type=int)
    parser.add_argument("--folder", type=Path, default=Path(tempfile.gettempdir()) / "moves")
    asked = parser.parse_args()
    if asked.large:
        large(asked.large, asked.folder)
        return
    right = told = sums = 0
    with tempfile.TemporaryDirectory() as folder:
        for rep in range(asked.reps):
            rng = np.random.default_rng([asked.seed, rep])
            found = planted(rng, asked.rows, Path(folder))
            right, told, sums = right + found[0], told + found[1], sums + found[2]
    print("| periods | moves not on a border | causes right | sums right to the cent |")
    print("|---|---|---|---|")
    print(f"| {asked.reps} | {told:,} | {right / told:.1%} | {sums} of {asked.reps} |")


if __name__ == "__main__":
    main()
