"""Hostile input through every door: is there ever a fault, a hang, or a row lost in silence?

    python bench/hostile.py [--kinds models doors shell workbooks json frames orders]
                            [--cases 500] [--seed 0]

`fuzz.py` damages text files. Here models are tampered with, options are absurd, command lines are
put together by chance, and workbooks, JSON, dataframes and orders hold what they should not. Right
is: a result in which every row is accounted for, or a refusal by an error of shoal's own.
"""

from __future__ import annotations

import argparse
import copy
import json
import math
import random
import subprocess
import sys
import tempfile
import time
import warnings
from collections import Counter
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

import shoal

ROWS = 80
PATIENCE = 60.0  # seconds of work after which a case is a hang,
WAITING = 600.0  # and those of the clock
STRANGE: list[Any] = [
    None, "", " ", "x", "a" * 3000, "\x1b[2J", "\ud800", "0", "-1", "1e999", "NaN", "n/a", "=1+1",
    "12%", "1.5K", "31/02/2024", "0000-00-00", "9999-12-31", "9" * 40, 0, -1, 1, 2**63, 10**30,
    -(2**63), 0.0, -0.0, 1e308, -1e308, 1e-320, math.inf, math.nan, True, False, [], {}, [1],
    {"a": 1}, b"\xff",
]  # fmt: skip


def table(rng: random.Random) -> pd.DataFrame:
    """Customers of every kind of column."""
    draw = np.random.default_rng(rng.randrange(2**32))
    days = pd.to_timedelta(draw.integers(0, 300, ROWS), unit="D")
    return pd.DataFrame(
        {
            "customer_id": np.arange(1, ROWS + 1),
            "income": draw.normal(50, 10, ROWS).round(2),
            "spent": draw.lognormal(3, 1.3, ROWS).round(2),
            "visits": draw.integers(0, 30, ROWS),
            "plan": draw.choice(["a", "b", "c"], ROWS),
            "member": draw.choice([True, False], ROWS),
            "last_order": pd.Timestamp("2024-11-01") - days,
        }
    )


def orders(rng: random.Random) -> pd.DataFrame:
    """Order lines of some customers."""
    draw = np.random.default_rng(rng.randrange(2**32))
    return pd.DataFrame(
        {
            "customer": draw.integers(1, 25, ROWS),
            "order_id": draw.integers(1000, 1060, ROWS),
            "date": pd.Timestamp("2024-01-01")
            + pd.to_timedelta(draw.integers(0, 300, ROWS), unit="D"),
            "amount": draw.gamma(2, 20, ROWS).round(2),
            "quantity": draw.integers(1, 5, ROWS),
            "product": draw.choice(["tea", "jam", "oil"], ROWS),
        }
    )


def spoiled(frame: pd.DataFrame, rng: random.Random) -> pd.DataFrame:
    """Some cells become strange ones, a column goes or is renamed, rows are repeated or gone."""
    frame = frame.astype(object)
    for _ in range(rng.randint(1, 6)):
        column = rng.randrange(frame.shape[1])
        rows = rng.sample(range(len(frame)), rng.choice([1, 1, 3, len(frame) // 2, len(frame)]))
        frame.iloc[rows, column] = pd.Series([rng.choice(STRANGE)] * len(rows), dtype=object).array
    if rng.random() < 0.2:
        names = list(frame.columns)
        names[rng.randrange(len(names))] = rng.choice(["", "income", "{src}", "a\nb", 7, None])
        frame.columns = pd.Index(names, dtype=object)
    if rng.random() < 0.2:
        frame = frame.iloc[rng.choices(range(len(frame)), k=rng.choice([0, 1, 2, 40, 200]))]
    return frame


# --- kinds of cases: each does something and raises where a row is lost ---------------------------


class LostError(Exception):
    """Rows are not accounted for, or a number that people see is none."""


def check(is_so: bool, wrong: str) -> None:
    """Raise LostError unless it is so."""
    if not is_so:
        raise LostError(wrong)


@cache
def saved(by: tuple[str, ...]) -> str:
    """A sound model as its file has it."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.json"
        shoal.segment(table(random.Random(0)), by=list(by), k=3).save(path)
        return path.read_text("utf-8")


def places(value: Any, way: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Every place in a JSON value, as the way to it."""
    yield way
    inside: Any = ()
    if isinstance(value, dict):
        inside = value.items()
    elif isinstance(value, list):
        inside = enumerate(value)
    for key, each in inside:
        yield from places(each, (*way, key))


def tampered(document: Any, rng: random.Random) -> str:
    """The document with one to three places changed, as text; or text with bytes changed."""
    document = copy.deepcopy(document)
    for _ in range(rng.randint(1, 3)):
        way = rng.choice([w for w in places(document) if w])
        inside = document
        for step in way[:-1]:
            inside = inside[step]
        fitting = [v for v in STRANGE if not isinstance(v, bytes)]
        action = rng.randrange(4)
        if action == 0:
            del inside[way[-1]]
        elif action == 1 and isinstance(inside, list):
            inside.append(copy.deepcopy(rng.choice(inside)))
        elif action == 2 and isinstance(inside[way[-1]], int | float):
            inside[way[-1]] *= rng.choice([-1, 0, 2, 1e10, 1e-10, 1e200])
        else:
            inside[way[-1]] = rng.choice(fitting)
    text = json.dumps(document)
    if rng.random() < 0.2:
        at = rng.randrange(len(text))
        text = text[:at] + chr(rng.randrange(256)) + text[at + rng.randint(0, 3) :]
    return text


def models(rng: random.Random, folder: Path) -> None:
    """A model that was tampered with places customers, is renamed and saved, or is refused."""
    by = rng.choice([("income", "spent"), ("income", "plan", "member", "days since last order")])
    path = folder / "model.json"
    path.write_text(tampered(json.loads(saved(by)), rng), "utf-8", errors="surrogatepass")
    new = table(rng)
    told = shoal.assign(path, new, out=folder / "placed.csv")
    check(told["rows_labelled"] + told["rows_set_aside"] == ROWS, "rows are lost")
    placed = shoal.load(path).assign(new)
    check(len(placed) == ROWS, "customers are lost")
    check(bool(placed["margin"].between(0, 1).all()), "a margin is no number")
    shoal.load(path).renamed({1: "Weekend families"}).save(path)
    shoal.load(path)


LIKELY: dict[str, list[Any]] = {  # what people ask for, so that cases come far
    "by": [["income", "spent"], ["spent", "visits", "income"], "visits"],
    "id": ["customer_id"],
    "describe": [["plan"], "member", ["income", "plan"]],
    "value": ["spent", "income"],
    "ignore": [["visits"], "plan"],
    "k": [2, 3, "3", 79, 80, 81],
    "k_max": [3, 10],
    "scale": ["none", "robust", "zscore", "rank", "auto"],
    "fill": ["median", "zero", "drop"],
    "weights": [{"income": 2}, {"spent": 0.5, "visits": 3}],
    "seed": [7],
    "date": ["2024-12-31", "2023-01-01"],
    "names": [{1: "Regulars"}, {2: "Others"}],
    "noun": ["session", "person/people"],
    "mute": ["gaps", ["heavy-tail"]],
    "memory": ["1GB"],
    "threads": [1, 2],
    "columns": [{"income": {"meaning": "means"}}, {"spent": {"role": "value", "unit": "$"}}],
    "outcome": ["member", "plan=a"],
    "currency": ["EUR", "$"],
    "keep": ["id", "all"],
    "sep": [",", ";", "tab"],
    "decimal": [".", ","],
    "encoding": ["utf-8", "cp1252", "utf-16"],
    "header": [0, 1, 2],
    "one_row_a_customer": [True],
    "orders": [True],
    "returns": ["net", "apart"],
    "since": ["2024-03-01"],
    "one_order": ["id", "day", "row"],
    "duplicates": ["drop"],
    "customer": ["customer"],
    "amount": ["amount", "quantity"],
    "refunded": ["amount", "quantity"],
    "breadth": [True, False],
}


def asked_of(door: Callable[..., Any]) -> list[str]:
    """Options that a door knows."""
    reading = ["sep", "decimal", "encoding", "header", "sheet", "query", "columns", "currency",
               "outcome"]  # fmt: skip
    known = {
        shoal.read: reading[:6],
        shoal.inspect: ["id", "date", "mute", "out", "write_columns", "memory", "threads", *reading],
        shoal.orders: ["date", "since", "customer", "order", "amount", "quantity", "price", "status",
                       "refunded", "cancelled", "one_order", "amount_per", "returns", "duplicates",
                       "breadth", *reading[:6]],
        shoal.segment: ["id", "by", "describe", "value", "ignore", "k", "k_max", "min_share",
                        "scale", "fill", "weights", "seed", "date", "playbook", "names", "noun",
                        "mute", "keep", "one_row_a_customer", "orders", "out", "memory", "threads",
                        *reading],
    }  # fmt: skip
    return known[door]


def doors(rng: random.Random, folder: Path) -> None:
    """Any door with options some of which cannot be."""
    words = [*STRANGE, "income", ["income"], ["income", "income"], {"income": -1}, {"income": 1e9},
             {1: "x"}, {"income": {"meaning": "x"}}, "none", "auto", 3, "2024-01-01"]  # fmt: skip
    door = rng.choice([shoal.inspect, shoal.read, shoal.segment, shoal.segment, shoal.orders])
    given: dict[str, Any] = {}
    for name in rng.sample(asked_of(door), rng.randint(1, 4)):
        usual = LIKELY.get(name)
        given[name] = rng.choice(usual if usual and rng.random() < 0.7 else words)
    if rng.random() < 0.05:
        given[rng.choice(["n_clusters", "", "kk", "sql"])] = 3
    for name in ("out", "write_columns"):
        if isinstance(given.get(name), str):
            given[name] = str(folder / given[name].replace("/", "")[:50])
    given.pop("memory", None) if given.get("memory") == 10**30 else None
    frame = orders(rng) if door is shoal.orders else table(rng)
    if rng.random() < 0.3:
        frame = spoiled(frame, rng)
    source: Any = frame
    if rng.random() < 0.5:
        source = folder / "t.csv"
        source.write_bytes(frame.to_csv(index=False).encode("utf-8", "surrogatepass"))
    if door is shoal.segment:
        given.setdefault("k", 2)
    found = door(source, **given)
    if door is shoal.segment:
        facts = found.facts
        check(facts.rows_read == facts.rows_labelled + facts.rows_set_aside, "rows are lost")
        check(len(found.customers) == facts.rows_read, "customers are lost")


def shell(rng: random.Random, folder: Path) -> None:
    """A command line put together by chance."""
    table(rng).to_csv(folder / "t.csv", index=False)
    (folder / "model.json").write_text(saved(("income", "spent")), "utf-8")
    words = ["t.csv", "*.csv", "model.json", "nothing.csv", "", ".", "-", "--", "--by", "income",
             "--k", "3", "-1", "x", "--out", "out", "out.csv", "--json", "--id", "customer_id",
             "--scale", "none", "--weight", "income=1e400", "--columns", "--header", "--encoding",
             "rot13", "--query", "select 1", "--orders", "--keep", "id", "--force"]  # fmt: skip
    command = rng.choice(["inspect", "segment", "assign", "orders", "rename", "xyz"])
    first = {"assign": ["model.json", "t.csv"], "rename": ["model.json", "1", "Abc"]}
    line = [command, *first.get(command, ["t.csv"]), *rng.choices(words, k=rng.randint(0, 5))]
    before = (folder / "t.csv").read_bytes()
    ended = subprocess.run(
        [sys.executable, "-m", "shoal", *line],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=WAITING,
    )
    said = ended.stderr
    check(ended.returncode in (0, 2), f"{line}: exit code {ended.returncode}: {said[-200:]}")
    check("Traceback" not in said and "fault of shoal" not in said, f"{line}: {said[-200:]}")
    check((folder / "t.csv").read_bytes() == before, f"{line}: the table was written over")


def inspected(source: Any, rows: int | None = None) -> None:
    """Inspect a source; where its rows are known, they must all be there or be spoken of."""
    profile = shoal.inspect(source)
    spoken = any(f.severity == "warning" or "row" in f.code for f in profile.findings)
    check(rows is None or profile.rows == rows or spoken, f"{rows} rows became {profile.rows}")


def workbooks(rng: random.Random, folder: Path) -> None:
    """A workbook with strange cells, some of whose bytes are others."""
    import xlsxwriter

    path = folder / "t.xlsx"
    frame = spoiled(table(rng), rng)
    with xlsxwriter.Workbook(path, {"nan_inf_to_errors": True}) as book:
        for name in rng.choice([["one"], ["notes", "one"]]):
            sheet = book.add_worksheet(name)
            start = rng.choice([0, 0, 3])
            for row, cells in enumerate([list(frame.columns), *frame.to_numpy().tolist()]):
                for column, cell in enumerate(cells):
                    plain = isinstance(cell, int | float | str | bool)
                    if isinstance(cell, str) or not plain:
                        cell = str(cell).encode("utf-8", "replace").decode()[:30_000]
                    sheet.write(row + start, column, cell)
    content = bytearray(path.read_bytes())
    for _ in range(rng.choice([0, 0, 1, 5])):
        content[rng.randrange(len(content))] = rng.randrange(256)
    path.write_bytes(content[: rng.choice([len(content), len(content), len(content) // 2])])
    inspected(path)


def plain_json(value: Any) -> Any:
    """A cell as JSON can hold it."""
    return value if isinstance(value, int | float | str | bool | list | dict) else str(value)


def json_files(rng: random.Random, folder: Path) -> None:
    """JSON in several shapes, with strange values, some of it tampered with."""
    frame = spoiled(table(rng), rng)
    names = [str(name) for name in frame.columns]
    rows = [dict(zip(names, map(plain_json, r), strict=True)) for r in frame.to_numpy().tolist()]
    shape = rng.randrange(4)
    if shape == 0:
        text = "\n".join(json.dumps(row) for row in rows)
    elif shape == 1:
        text = json.dumps(rows)
    elif shape == 2:
        text = json.dumps({"data": rows})
    else:
        text = tampered(rows, rng) if rows else "[]"
    path = folder / "t.json"
    path.write_bytes(text.encode(rng.choice(["utf-8", "utf-8", "utf-16"]), "surrogatepass"))
    inspected(path)


def frames(rng: random.Random, folder: Path) -> None:
    """Dataframes of pandas and Arrow with strange cells and types."""
    frame = spoiled(table(rng), rng)
    kind = rng.randrange(4)
    if kind == 0:
        inspected(frame, len(frame))
        return
    if kind == 1:
        inspected(table(rng).set_index("customer_id"), ROWS)
        return
    types = [pa.float16(), pa.decimal128(38, 0), pa.decimal256(60, 3), pa.uint64(), pa.date64(),
             pa.time64("ns"), pa.duration("s"), pa.large_string(), pa.binary(), pa.null(),
             pa.list_(pa.int8()), pa.timestamp("ns", "Asia/Tokyo"), pa.bool_()]  # fmt: skip
    arrow = pa.Table.from_pandas(table(rng))
    for name in ("odd", "odder")[: rng.randint(1, 2)]:
        chosen = rng.choice(types)
        values = [None] * ROWS if rng.random() < 0.5 else list(range(ROWS))
        try:
            column = pa.array(values, chosen)
        except (pa.ArrowException, TypeError, ValueError):
            column = pa.nulls(ROWS, chosen)
        arrow = arrow.append_column(name, column)
    if kind == 2:
        arrow = pa.Table.from_batches([b for b in arrow.to_batches(7) for _ in range(1)])
    inspected(arrow, ROWS)


def order_lines(rng: random.Random, folder: Path) -> None:
    """Orders with strange cells, as a dataframe or a file."""
    frame = spoiled(orders(rng), rng)
    source: Any = frame
    if rng.random() < 0.6:
        source = folder / "orders.csv"
        text = frame.to_csv(index=False).encode("utf-8", "surrogatepass")
        source.write_bytes(text)
    given = rng.choice([{}, {}, {"returns": "net"}, {"duplicates": "drop"}, {"one_order": "day"}])
    facts = shoal.orders(source, **given).facts
    aside = sum(dict(facts.set_aside).values())
    check(0 <= aside <= facts.rows, f"{aside} of {facts.rows} rows set aside")


KINDS: dict[str, Callable[[random.Random, Path], None]] = {
    "models": models,
    "doors": doors,
    "shell": shell,
    "workbooks": workbooks,
    "json": json_files,
    "frames": frames,
    "orders": order_lines,
}


def case(kind: str, number: int, seed: int = 0) -> str:
    """What came of one case: "done", "refused", or a sentence that says what is wrong."""
    rng = random.Random(f"{kind} {seed} {number}")
    began, worked = time.perf_counter(), time.process_time()
    found = "done"
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            KINDS[kind](rng, Path(folder))
        except shoal.ShoalError as error:
            said = str(error)
            plain = 20 < len(said) <= 2000 and all(c.isprintable() or c == "\n" for c in said)
            found = "refused" if plain else f"a refusal that says nothing: {said[:200]!r}"
        except Exception as error:
            found = f"a fault: {type(error).__name__}: {str(error)[:200]}"
    took, work = time.perf_counter() - began, time.process_time() - worked
    return f"a hang: {took:.0f} s" if work > PATIENCE or took > WAITING else found


def main() -> int:
    cli = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    cli.add_argument("--kinds", nargs="+", choices=list(KINDS), default=list(KINDS))
    cli.add_argument("--cases", type=int, default=500, help="of each kind; of shell a tenth")
    cli.add_argument("--first", type=int, default=0)
    cli.add_argument("--seed", type=int, default=0)
    options = cli.parse_args()
    wrong = 0
    for kind in options.kinds:
        counted, start = Counter[str](), time.perf_counter()
        cases = options.cases if kind != "shell" else max(options.cases // 10, 1)
        for number in range(options.first, options.first + cases):
            found = case(kind, number, options.seed)
            known = found if found in ("done", "refused") else "wrong"
            counted[known] += 1
            if known == "wrong":
                print(f"{kind} {number}: {found}", flush=True)
        wrong += counted["wrong"]
        seconds = time.perf_counter() - start
        print(f"{kind}: {cases} cases in {seconds:.0f} s: {dict(counted)}", flush=True)
    return int(wrong > 0)


if __name__ == "__main__":
    sys.exit(main())
