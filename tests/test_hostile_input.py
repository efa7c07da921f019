"""Damaged, absurd and huge input: each is done right, or refused with one clear message."""

from __future__ import annotations

import json
import os
import re
import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import shoal
from shoal.engine.fingerprint import UNCHANGING
from shoal.engine.table import Table

ROWS = 120


def customers() -> pd.DataFrame:
    rng = np.random.default_rng(3)
    return pd.DataFrame(
        {
            "id": np.arange(1, ROWS + 1),
            "income": rng.normal(50, 10, ROWS).round(3),
            "spent": rng.lognormal(3, 1.5, ROWS).round(3),
            "visits": rng.integers(1, 30, ROWS),
        }
    )


# --- options that cannot be --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"by": []}, r'by=\[\] must name columns, such as by=\["income", "visits"\]'),
        ({"weights": {"income": 1e300}}, "between 0.000001 and 1000000"),
        ({"out": 3}, "out=3 names no place"),
        ({"out": " "}, "out is empty"),
        *[({"out": path}, "names no place") for path in ("\ud800", "a\0b")],
        ({"mute": 3}, "mute=3 must name codes"),
        ({"mute": [3]}, "is no code of a finding"),
        ({"mute": [["a"]]}, "is no code of a finding"),
        *[({"columns": path}, "is not valid TOML") for path in ("\ud800", "a\0b")],
        *[({"playbook": path}, "is not valid TOML") for path in ("\ud800", "a\0b")],
        ({"threads": 10**30}, "at most 4096"),
        ({"columns": 7}, "columns=7 cannot be read"),
        ({"playbook": 7}, "playbook=7 must be the path"),
        ({"value": "\ud800"}, "no such column"),
        *[({"encoding": name}, f'no encoding "{name}"') for name in ("rot13", "hex", "base64")],
    ],
)
def test_options_that_cannot_be_are_refused(
    options: dict[str, Any], said: str, tmp_path: Path
) -> None:
    customers().to_csv(tmp_path / "t.csv", index=False)
    with pytest.raises(shoal.OptionError, match=said):
        shoal.segment(tmp_path / "t.csv", **({"by": ["income", "spent"]} | options))


@pytest.mark.parametrize(
    "ask",
    [
        lambda table: shoal.segment(table, by=["zzz"]),
        lambda table: shoal.segment(table, id="q" * 5000),
        lambda table: shoal.segment(table, scale="q" * 5000),
        lambda table: shoal.segment("q" * 5000),
        lambda table: shoal.inspect(table.iloc[:0]),
        lambda table: shoal.segment(table.assign(**{"x" * 6000: 1})[["x" * 6000]]),
    ],
)
def test_messages_stay_short_and_steer_no_terminal(ask: Callable[[pd.DataFrame], Any]) -> None:
    table = customers().rename(columns={"income": "\x1b[2J" + "i" * 6000, "spent": "s" * 6000})
    with pytest.raises(shoal.ShoalError) as told:
        ask(table)
    assert len(str(told.value)) < 2001
    assert str(told.value).isprintable()


# --- numbers that are too large, too small or too close ------------------------------------------


def with_cells(column: str, cells: Any) -> pd.DataFrame:
    table = customers().astype({column: float})
    table.loc[: len(cells) - 1, column] = cells
    return table


@pytest.mark.parametrize(
    ("cells", "gaps", "scale"),
    [
        ([1e308], 1, "auto"),
        ([1e160] * 30, 30, "none"),
    ],
    ids=["one", "thirty"],
)
def test_absurdly_large_numbers_are_gaps_and_said(cells: Any, gaps: int, scale: Any) -> None:
    study = shoal.segment(with_cells("income", cells), by=["income", "visits"], k=3, scale=scale)
    placed = study.customers
    assert placed["margin"].between(0, 1).all()
    assert placed["segment"].between(1, 3).all()
    said = [f.values["infinite"] for f in study.findings if f.code == "infinite"]
    assert said == ([gaps] if gaps else [])
    pd.testing.assert_frame_equal(
        study.assign(with_cells("income", cells)).reset_index(drop=True),
        placed.reset_index(drop=True),
    )


@pytest.mark.parametrize(
    ("cells", "gaps"), [([-1.7e308, np.inf], 2), ([1e61, -1e61], 2), ([1e59], 0)], ids=str
)
def test_what_is_absurdly_large_is_in_no_sum(cells: Any, gaps: int) -> None:
    column = shoal.inspect(with_cells("income", cells)).column("income")
    assert column.infinite == gaps
    assert column.max == pytest.approx(1e59 if not gaps else customers()["income"][2:].max())


def test_numbers_too_close_for_their_size_form_nothing_but_are_shown(tmp_path: Path) -> None:
    """The folder's name is no UTF-8 where such names can be."""
    table = customers().assign(account=9_000_000_000_000_000_000 + np.arange(ROWS))
    assert shoal.inspect(table).column("account").private
    shown = shoal.inspect(table, columns={"account": {"role": "basis"}}).column("account")
    assert shown.histogram is not None
    assert sum(shown.histogram.counts) == ROWS
    out = tmp_path / (os.fsdecode(b"r\xe9sultats") if sys.platform == "linux" else "results")
    study = shoal.segment(table, by=["account", "income"], k=3, out=out)
    assert json.loads((out / "summary.json").read_text("utf-8"))["outputs"]
    assert study.recipe.columns == ("income",)
    with pytest.raises(shoal.InputError, match="the same to twelve digits for every customer"):
        shoal.segment(table, by=["account"])


def test_zeros_for_gaps_in_a_heavy_tail() -> None:
    table = customers()
    table.loc[::5, "spent"] = np.nan
    study = shoal.segment(table, by=["spent", "income"], k=3, fill="zero")
    feature = next(f for f in study.recipe.features if f.column == "spent")
    assert (feature.fill, feature.filled) == (0.0, 24)
    assert feature.log_offset is not None
    assert feature.log_offset > 0
    assert study.customers["margin"].between(0, 1).all()


def test_dates_beyond_the_calendar_of_python_are_read() -> None:
    for days, kind in ((3_000_000, pa.date32()), (10**17, pa.timestamp("us"))):
        when = pa.array([days] * 5, pa.int32() if days < 2**31 else pa.int64()).cast(kind)
        arrow = pa.table({"spent": [1.0, 2.0, 3.0, 4.0, 5.0], "when": when})
        assert shoal.inspect(arrow).rows == 5


# --- files that are damaged, change, or have odd names --------------------------------------------


def write_rows(path: Path, rows: int, word: str = "a") -> Path:
    pd.DataFrame({"id": [f"{word}{i}" for i in range(rows)], "spent": range(rows)}).to_csv(
        path, index=False
    )
    return path


@pytest.mark.parametrize("name", ["c[1].csv", "c*.csv", "c?.csv", "d[x]/c.csv", "c[[]1].csv"])
@pytest.mark.parametrize("ending", ["csv", "parquet", "jsonl"])
def test_a_path_that_exists_is_that_path(tmp_path: Path, name: str, ending: str) -> None:
    (tmp_path / "d[x]").mkdir()
    (tmp_path / "dx").mkdir()
    path = tmp_path / name.replace("csv", ending)
    for each, word in ((tmp_path / f"c1.{ending}", "wrong"), (path, "right")):
        rows = pd.DataFrame({"id": [f"{word}{i}" for i in range(5)], "spent": range(5)})
        if ending == "csv":
            rows.to_csv(each, index=False)
        elif ending == "parquet":
            rows.to_parquet(each)
        else:
            rows.to_json(each, orient="records", lines=True)
    assert shoal.read(path).to_arrow()["id"].to_pylist() == [f"right{i}" for i in range(5)]


def test_a_glob_in_a_folder_with_brackets(tmp_path: Path) -> None:
    (tmp_path / "d[x]").mkdir()
    for name in "ab":
        write_rows(tmp_path / "d[x]" / f"{name}.csv", 3)
    assert shoal.read(str(tmp_path / "d[x]" / "*.csv")).to_arrow().num_rows == 6


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have no such names")
@pytest.mark.parametrize("ending", ["csv", "parquet", "xlsx", "jsonl"])
def test_names_that_are_no_utf8(tmp_path: Path, ending: str) -> None:
    path = tmp_path / os.fsdecode(b"caf\xe9." + ending.encode())
    write = tmp_path / f"t.{ending}"
    table = customers()
    makers: dict[str, Callable[[], Any]] = {
        "csv": lambda: table.to_csv(write, index=False),
        "parquet": lambda: table.to_parquet(write),
        "xlsx": lambda: table.to_excel(write, index=False),
        "jsonl": lambda: table.to_json(write, orient="records", lines=True),
    }
    makers[ending]()
    shutil.move(write, path)
    assert shoal.inspect(path).name == "caf\ufffd"


def damaged(path: Path, at: float, length: int = 24) -> None:
    content = bytearray(path.read_bytes())
    start = int(len(content) * at)
    for place in range(start, min(start + length, len(content) - 4)):
        content[place] ^= 0x5A
    path.write_bytes(bytes(content))


@pytest.mark.parametrize("compression", ["snappy", "gzip", "zstd", "none"])
@pytest.mark.parametrize("at", [0.02, 0.2, 0.45, 0.7, 0.9, 0.97])
def test_parquet_that_is_damaged_somewhere(tmp_path: Path, compression: Any, at: float) -> None:
    path = tmp_path / "t.parquet"
    table = customers().assign(
        name=[f"name {i}" for i in range(ROWS)], money=[f"${i},000" for i in range(ROWS)]
    )
    pq.write_table(pa.Table.from_pandas(table), path, compression=compression)
    damaged(path, at)
    try:
        assert shoal.inspect(path).rows == ROWS
    except shoal.InputError as told:
        assert "t.parquet" in str(told)  # noqa: PT017


@pytest.mark.parametrize(("at", "byte"), [(6, 70), (8, 0x41)])  # needs version 7.0; encrypted
def test_an_archive_that_this_python_cannot_unpack_is_one_message(
    tmp_path: Path, at: int, byte: int
) -> None:
    path = tmp_path / "t.xlsx"
    customers().to_excel(path, index=False)
    content = bytearray(path.read_bytes())
    for entry in re.finditer(b"PK\x01\x02", bytes(content)):  # of the directory
        content[entry.start() + at] = byte
    path.write_bytes(content)
    with pytest.raises(shoal.InputError, match=r't\.xlsx" cannot be read: .+fetch it again'):
        shoal.read(path)


@pytest.mark.parametrize("library", ["duckdb", "pyarrow", "fastexcel", "zlib"])
def test_what_any_reader_says_while_rows_come_is_one_message(library: str) -> None:
    import zlib

    import duckdb
    import fastexcel

    faults: dict[str, Exception] = {
        "duckdb": duckdb.IOException("Snappy decompression failure"),
        "pyarrow": pa.ArrowInvalid("Unexpected end of stream"),
        "fastexcel": fastexcel.CalamineError("no such part"),
        "zlib": zlib.error("invalid block type"),
    }

    def stream(columns: Any) -> Iterator[pa.RecordBatch]:
        yield pa.record_batch({"spent": [1.0]})
        raise faults[library]

    schema = pa.schema([("spent", pa.float64())])
    table = Table("shop.parquet", schema, shoal.read(customers()).read_as, stream)
    with pytest.raises(shoal.InputError, match=r"shop\.parquet cannot be read: .* fetch it again"):
        shoal.inspect(table)
    faults[library] = ZeroDivisionError("a fault of shoal's own")
    with pytest.raises(ZeroDivisionError):
        shoal.inspect(table)


def test_rows_that_come_and_go_between_two_readings_are_noticed() -> None:
    whole = shoal.read(customers())
    readings = []

    def stream(columns: Any) -> Iterator[pa.RecordBatch]:
        readings.append(columns)
        yield from whole.stream(columns)
        if len(readings) > 1:
            yield next(whole.stream(columns)).slice(0, 5)

    growing = replace(whole, stream=stream, fingerprint=UNCHANGING, scan=None)
    with pytest.raises(shoal.InputError, match="120 rows at first, and 125 later"):
        shoal.segment(growing, k=3)


# --- models that were tampered with --------------------------------------------------------------


@pytest.fixture(scope="module")
def model() -> dict[str, Any]:
    import tempfile

    table = customers().assign(last_order=pd.Timestamp("2024-05-01"), plan=["a", "b", "c"] * 40)
    table["last_order"] -= pd.to_timedelta(np.arange(ROWS) % 90, unit="D")
    study = shoal.segment(table, by=["income", "plan", "days since last order"], k=3)
    with tempfile.TemporaryDirectory() as folder:
        study.save(Path(folder) / "model.json")
        saved: dict[str, Any] = json.loads((Path(folder) / "model.json").read_text("utf-8"))
    return saved


def at(path: str, model: dict[str, Any]) -> tuple[Any, Any]:
    *way, last = [int(step) if step.isdigit() else step for step in path.split(".")]
    for step in way:
        model = model[step]
    return model, last


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("recipe.features.0.scale", None),
        ("recipe.features.0.scale", 0),
        ("recipe.features.0.scale", -1.0),
        ("recipe.features.0.scale", 1e-320),
        ("recipe.features.0.weight", 0),
        ("recipe.features.0.centre", 1e300),
        ("recipe.features.0.column", "income"),
        ("recipe.features.0.log_offset", -5.0),
        ("recipe.features.0.low", 3.0),
        ("recipe.features.0.fill", "word"),
        ("recipe.features.2.shares", [0.5, 0.5]),
        ("recipe.features.2.shares", [9.0, 0.5, 0.5]),
        ("recipe.features.2.categories", ["a", "a", "b"]),
        ("recipe.features.2.most", 5.0),
        ("recipe.features.2.low", 5.0),
        ("recipe.features", []),
        ("centres.0.0", 1e200),
        ("centres.1", [1.0]),
        ("names.0", ""),
        ("names.0", None),
        ("sizes.0", -1),
        ("rows", 10**30),
        ("far.0", -1.0),
        ("far_rate", 5),
        ("id_column", "income"),
        ("made.0.day", "x"),
        ("made.0.columns", []),
        ("made.0.columns", ["last_order", "income"]),
    ],
)
def test_a_model_that_was_tampered_with_is_refused(
    model: dict[str, Any], path: str, value: Any, tmp_path: Path
) -> None:
    other = json.loads(json.dumps(model))
    where, last = at(path, other["model"])
    where[last] = value
    (tmp_path / "model.json").write_text(json.dumps(other))
    with pytest.raises(shoal.InputError, match=r"model\.json is damaged"):
        shoal.load(tmp_path / "model.json")


def test_a_model_with_made_columns_places_new_tables(model: dict[str, Any], tmp_path: Path) -> None:
    (tmp_path / "model.json").write_text(json.dumps(model))
    new = customers().assign(plan="a", last_order=pd.Timestamp("2024-04-01"))
    told = shoal.assign(tmp_path / "model.json", new, out=tmp_path / "placed.csv")
    assert told["rows_labelled"] == ROWS
    placed = pd.read_csv(tmp_path / "placed.csv")
    assert (placed["days since last order"] == 30).all()
    with pytest.raises(shoal.InputError, match='lacks "last_order", of which "days since last'):
        shoal.assign(tmp_path / "model.json", new.drop(columns="last_order"))
    with pytest.raises(shoal.InputError, match="is made of dates"):
        shoal.assign(tmp_path / "model.json", new.assign(last_order=5.5))
