# ruff: noqa: SIM115 (shoal is given open files)
"""Open files, bytes, lists of paths, and frames that others wrap or cut: each read as its like."""

from __future__ import annotations

import gzip
import io
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import dask.dataframe as dd
import narwhals as nw
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

import shoal
from shoal import InputError

TEXT = "id;name;spent\nK1;Łucja;1,5\nK2;Zoë;\nK3;Ann;3,0\n"
WANT = {"id": ["K1", "K2", "K3"], "name": ["Łucja", "Zoë", "Ann"], "spent": [1.5, None, 3.0]}


def frame() -> pd.DataFrame:
    columns = {**WANT, "spent": [1.5, np.nan, 3.0]}
    return pd.DataFrame(columns, index=[30, 10, 20])


def read_on(folder: Path) -> Any:
    stream = open(folder / "table.csv", encoding="utf-8")
    assert stream.readline().startswith("# made")
    return stream


SOURCES: dict[str, Callable[[Path], Any]] = {
    "binary": lambda folder: open(folder / "customers.csv", "rb"),
    "text": lambda folder: open(folder / "customers.csv", encoding="ascii"),
    "text that was read from": read_on,
    "unpacked": lambda folder: gzip.open(folder / "customers.csv.gz", "rb"),
    "packed": lambda folder: open(folder / "customers.csv.gz", "rb"),
    "bytes in memory": lambda folder: io.BytesIO(TEXT.encode("utf-16")),
    "text in memory": lambda folder: io.StringIO(TEXT),
    "bytes": lambda folder: TEXT.encode(),
    "bytearray": lambda folder: bytearray(TEXT.encode()),
    "parquet": lambda folder: io.BytesIO(parquet()),
    "paths": lambda folder: [str(folder / "1.csv"), folder / "2.csv"],
    "one path": lambda folder: [folder / "customers.csv"],
    "globs": lambda folder: (folder / "[1]*.csv", folder / "2.csv"),
    "narwhals": lambda folder: nw.from_native(frame()),
    "narwhals, lazy": lambda folder: nw.from_native(pl.from_pandas(frame()).lazy()),
    "narwhals, arrow": lambda folder: nw.from_native(pa.Table.from_pandas(frame())),
    "dask": lambda folder: dd.from_pandas(frame(), npartitions=2, sort=False),
    "lazy": lambda folder: pl.from_pandas(frame()).lazy().filter(pl.col("id") != "K9"),
}


def parquet() -> bytes:
    made = io.BytesIO()
    frame().to_parquet(made, index=False)
    return made.getvalue()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("march", numbered=False)
    lines = TEXT.splitlines(keepends=True)
    files = {
        "customers.csv": TEXT,
        "table.csv": "# made by hand\n" + TEXT,
        "1.csv": "".join(lines[:3]),
        "2.csv": lines[0] + lines[3],
        "empty.csv": "",
    }
    for name, text in files.items():
        (folder / name).write_text(text, "utf-8")
    (folder / "customers.csv.gz").write_bytes(gzip.compress(TEXT.encode()))
    return folder


@pytest.mark.parametrize("name", SOURCES)
def test_every_source_is_read_as_its_like(name: str, folder: Path) -> None:
    table = shoal.open(SOURCES[name](folder))._table
    read = table.to_arrow()
    assert {column: read[column].to_pylist() for column in WANT} == WANT
    called = {"binary": "customers", "paths": "march", "one path": "customers", "bytes": "bytes"}
    assert table.name == called.get(name, table.name)


def closed(folder: Path) -> Any:
    with open(folder / "customers.csv", "rb") as stream:
        return stream


REFUSED: list[tuple[Callable[[Path], Any], str]] = [
    (closed, "customers.csv cannot be read: .*closed file. Open it anew, or give the path"),
    (lambda folder: b"", "There is nothing to read in bytes: it is empty"),
    (lambda folder: open(folder / "empty.csv"), "nothing to read in empty.csv"),
    (lambda folder: io.BytesIO(b"%PDF-1.7"), '^"BytesIO" is a PDF'),
    (lambda folder: [folder / "1.csv", folder / "3.csv"], 'no file ".*3.csv". Did you mean'),
    (lambda folder: [folder / "1.csv", folder / "1.csv"], 'csv" is in the list twice'),
    (lambda folder: ["https://example.com/a.csv", folder / "1.csv"], "an address that reading"),
    (lambda folder: dd.from_pandas(frame(), npartitions=1)["spent"].sum(), "A Scalar is no table"),
    (lambda folder: [folder / "1.csv", 5], "A list is no table, but for one of records"),
]


@pytest.mark.parametrize("number", range(len(REFUSED)))
def test_what_cannot_be_read_is_refused_in_words(number: int, folder: Path) -> None:
    make, why = REFUSED[number]
    with pytest.raises(InputError, match=why) as refused:
        shoal.open(make(folder))
    assert "/tmp/shoal" not in str(refused.value)


def test_files_of_a_list_are_not_written_over(folder: Path) -> None:
    from shoal.data import local_files

    assert local_files([folder / "1.csv", str(folder / "2.csv")]) == [
        folder / "1.csv",
        folder / "2.csv",
    ]


def test_frames_of_dask_keep_their_index_and_narwhals_its_kind() -> None:
    group = np.arange(90) % 3
    spent = pd.DataFrame({"spent": group * 300.0 + np.arange(90) % 7}, index=np.arange(90) * 2)
    study = shoal.segment(dd.from_pandas(spent, npartitions=4), by=["spent"], k=3)
    assert isinstance(study.customers, pd.DataFrame)
    assert study.customers.index.equals(spent.index)
    own = spent.assign(segment=study.customers["segment"]).groupby("segment")["spent"]
    assert sorted(own.max() - own.min()) == [6.0, 6.0, 6.0]
    wrapped = nw.from_native(pl.from_pandas(spent).lazy())
    assert isinstance(study.assign(wrapped), pl.DataFrame)


def test_standard_input_is_a_stream_like_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(TEXT.encode())))
    assert shoal.open(sys.stdin)._table.to_arrow()["spent"].to_pylist() == WANT["spent"]
