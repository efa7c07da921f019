"""Columns, files and folders with names that SQL would take for something else."""

from __future__ import annotations

import gzip
import json
import zipfile
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.feather
import pyarrow.parquet as pq
import pytest

import shoal.data.csv.reader
import shoal.data.json
from shoal.data.read import read
from shoal.engine.table import Table
from workbooks import workbook

NAMES = ["{src}", 'say "hi"', "it's", "c1", "{0}", "a;b", "%s"]
CELLS = [
    ["1", "2", "3"],
    ["$1,000", "$2,500", "$3,000"],
    ["01/02/2024", "13/02/2024", "14/02/2024"],
    ["1.5", "2.5", "oops"],
    ["red", "N/A", "blue"],
    ["3", "2", "1"],
    ["x", " y ", "z"],
]
EXPECTED = {
    "{src}": [1, 2, 3],
    'say "hi"': [1000, 2500, 3000],
    "it's": ["2024-02-01", "2024-02-13", "2024-02-14"],
    "c1": ["1.5", "2.5", "oops"],
    "{0}": ["red", None, "blue"],
    "a;b": [3, 2, 1],
    "%s": ["x", "y", "z"],
}


def cells(table: Table) -> dict[str, list[object]]:
    found = pa.Table.from_batches(list(table.batches()), table.schema).to_pydict()
    return {
        name: [v.isoformat() if hasattr(v, "isoformat") else v for v in values]
        for name, values in found.items()
    }


def frame() -> pd.DataFrame:
    return pd.DataFrame(dict(zip(NAMES, CELLS, strict=True)))


def as_frame(folder: Path) -> object:
    return frame()


def as_arrow(folder: Path) -> object:
    return pa.Table.from_pandas(frame())


def as_stream(folder: Path) -> object:
    return pa.RecordBatchReader.from_batches(
        (whole := pa.Table.from_pandas(frame())).schema, whole.to_batches()
    )


def as_csv(folder: Path) -> object:
    frame().to_csv(folder / "t.csv", index=False)
    return folder / "t.csv"


def as_csv_with_row_numbers(folder: Path) -> object:
    frame().to_csv(folder / "t.csv")
    return folder / "t.csv"


def as_parquet(folder: Path) -> object:
    pq.write_table(pa.Table.from_pandas(frame()), folder / "t.parquet")
    return folder / "t.parquet"


def as_json(folder: Path) -> object:
    (folder / "t.json").write_text(json.dumps(frame().to_dict("records")))
    return folder / "t.json"


@pytest.mark.parametrize(
    "door",
    [as_frame, as_arrow, as_stream, as_csv, as_csv_with_row_numbers, as_parquet, as_json],
)
@pytest.mark.parametrize("once", [False, True], ids=["small", "large"])
def test_odd_names_of_columns_survive(
    door: Callable[[Path], object], once: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shoal.data.csv.reader, "PARSE_ONCE", 0 if once else 1 << 60)
    assert cells(read(door(tmp_path))) == EXPECTED


TEXT = "id,spend\n" + "".join(f"{i},{i}.5\n" for i in range(1, 41))
ROWS = {"id": list(range(1, 41)), "spend": [i + 0.5 for i in range(1, 41)]}


def put_csv(folder: Path) -> Path:
    (folder / "it's.csv").write_text(TEXT)
    return folder / "it's.csv"


def put_broken_csv(folder: Path) -> Path:
    (folder / "it's.csv").write_text(TEXT + "\nTotal,820\n")
    return folder / "it's.csv"


def put_gzip(folder: Path) -> Path:
    (folder / "it's.csv.gz").write_bytes(gzip.compress(TEXT.encode()))
    return folder / "it's.csv.gz"


def put_zip(folder: Path) -> Path:
    with zipfile.ZipFile(folder / "it's.zip", "w") as archive:
        archive.writestr("it's.csv", TEXT)
    return folder / "it's.zip"


def put_parquet(folder: Path) -> Path:
    pq.write_table(pa.table(ROWS), folder / "it's.parquet")
    return folder / "it's.parquet"


def put_parquet_to_mend(folder: Path) -> Path:
    texts = {"id": ROWS["id"], "spend": [f"${n}" for n in ROWS["spend"]]}
    pq.write_table(pa.table(texts), folder / "it's.parquet")
    return folder / "it's.parquet"


def put_folder(folder: Path) -> Path:
    (folder / "parts").mkdir()
    put_parquet_to_mend(folder / "parts")
    return folder / "parts"


def put_json(folder: Path) -> Path:
    rows = [dict(zip(ROWS, row, strict=True)) for row in zip(*ROWS.values(), strict=True)]
    (folder / "it's.json").write_text(json.dumps(rows))
    return folder / "it's.json"


def put_workbook(folder: Path) -> Path:
    rows = [list(ROWS), *map(list, zip(*ROWS.values(), strict=True))]
    (folder / "it's.xlsx").write_bytes(workbook({"one": rows}))
    return folder / "it's.xlsx"


def put_glob(folder: Path) -> str:
    put_csv(folder)
    return str(folder / "it's*.csv")


@pytest.mark.parametrize(
    "put",
    [
        put_csv,
        put_broken_csv,
        put_gzip,
        put_zip,
        put_parquet,
        put_parquet_to_mend,
        put_folder,
        put_json,
        put_workbook,
        put_glob,
    ],
)
@pytest.mark.parametrize("once", [False, True], ids=["small", "large"])
@pytest.mark.parametrize("place", ["it's", "a [1] folder", "50% {src}"])
def test_odd_names_of_files_and_folders_survive(
    put: Callable[[Path], Path | str],
    once: bool,
    place: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(shoal.data.csv.reader, "PARSE_ONCE", 0 if once else 1 << 60)
    folder = tmp_path / place
    folder.mkdir()
    if put is put_glob and "[" in place:
        pytest.skip("in a glob, brackets mean something")
    assert cells(read(put(folder))) == ROWS


def test_names_that_differ_in_case_stay_apart(tmp_path: Path) -> None:
    cells = {"id": ["a", "b"], "Age": [20.5, 30.5], "age": [1.5, 2.5], "AGE": ["x", "y"]}
    table = pa.table(cells)
    paths = [tmp_path / f"table.{ending}" for ending in ("csv", "parquet", "feather", "json")]
    pd.DataFrame(cells).to_csv(paths[0], index=False)
    pq.write_table(table, paths[1])
    pyarrow.feather.write_feather(table, paths[2])
    pd.DataFrame(cells).to_json(paths[3], orient="records")
    stream = pa.RecordBatchReader.from_batches(table.schema, table.to_batches())
    for source in (pd.DataFrame(cells), table, stream, *paths):
        assert read(source).to_arrow().to_pydict() == cells
