"""Ids stay with the labels they belong to.

And a source that changes under a run is said to have changed.
"""

from __future__ import annotations

import copy
import os
import pickle
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

import shoal
from shoal.cli.main import main
from shoal.engine.table import Table
from workbooks import workbook

ROWS = 600
MANY = 60_000
CHANGED = "changed while it was read.* again"


def customers(rows: int = ROWS) -> pd.DataFrame:
    """Three groups, told apart by spending.

    Customer "c7" spends as much wherever its row stands.
    """
    rng = np.random.default_rng(4)
    group = np.arange(rows) % 3
    return pd.DataFrame(
        {
            "customer_id": [f"c{i}" for i in range(rows)],
            "visits": np.array([3.0, 20.0, 40.0])[group] + rng.normal(0, 1, rows),
            "spend": np.array([900.0, 90.0, 300.0])[group] + rng.normal(0, 9, rows),
        }
    )


def few_distinct(rows: int = MANY) -> pd.DataFrame:
    """So many customers on so few values that labels are made only when they are asked for."""
    group = np.arange(rows) % 3
    rng = np.random.default_rng(1)
    return pd.DataFrame(
        {
            "customer_id": np.arange(rows) + 5_000,
            "visits": np.array([3, 20, 40])[group] + rng.integers(0, 3, rows),
            "spend": np.array([900, 90, 300])[group] + rng.integers(0, 5, rows),
        }
    )


def group_of(labelled: pd.DataFrame, first: int) -> pd.Series:
    """The group that each customer was made in, by its number."""
    number = labelled["customer_id"].astype(str).str.removeprefix("c").astype(int) - first
    return number % 3


def assert_each_has_its_own(labelled: pd.DataFrame, first: int = 0) -> None:
    groups = group_of(labelled, first)
    assert labelled.groupby(groups)["segment"].nunique().tolist() == [1, 1, 1]
    assert labelled["segment"].nunique() == 3


def as_csv(frame: pd.DataFrame, folder: Path) -> Path:
    frame.to_csv(folder / "customers.csv", index=False)
    return folder / "customers.csv"


def as_parquet(frame: pd.DataFrame, folder: Path) -> Path:
    frame.to_parquet(folder / "customers.parquet")
    return folder / "customers.parquet"


def as_excel(frame: pd.DataFrame, folder: Path) -> Path:
    rows = [list(frame), *frame.to_numpy().tolist()]
    (folder / "customers.xlsx").write_bytes(workbook({"Customers": rows}))
    return folder / "customers.xlsx"


def as_files(frame: pd.DataFrame, folder: Path) -> str:
    half = len(frame) // 2
    frame[:half].to_csv(folder / "part1.csv", index=False)
    frame[half:].to_csv(folder / "part2.csv", index=False)
    return str(folder / "part*.csv")


def as_folder(frame: pd.DataFrame, folder: Path) -> Path:
    half = len(frame) // 2
    (folder / "parts").mkdir(exist_ok=True)
    frame[:half].to_parquet(folder / "parts" / "1.parquet")
    frame[half:].to_parquet(folder / "parts" / "2.parquet")
    return folder / "parts"


FILES = {
    "csv": as_csv,
    "parquet": as_parquet,
    "excel": as_excel,
    "many files": as_files,
    "a folder": as_folder,
}


@pytest.mark.parametrize("door", FILES)
def test_a_file_that_is_rewritten_afterwards_changes_no_label(door: str, tmp_path: Path) -> None:
    study = shoal.segment(FILES[door](customers(), tmp_path), k=3, k_max=3)
    FILES[door](customers()[::-1], tmp_path)
    assert study.customers["customer_id"].tolist() == [f"c{i}" for i in range(ROWS)]
    assert_each_has_its_own(study.customers)
    with pytest.raises(shoal.InputError, match=r"changed (since|while)"):
        study.write(tmp_path / "out")
    assert not (tmp_path / "out").exists()
    study.write(tmp_path / "out", keep="id")
    written = next((tmp_path / "out").glob("customers.*"))
    read = pd.read_csv if written.suffix == ".csv" else pd.read_parquet
    assert_each_has_its_own(read(written))
    url = f"sqlite:///{tmp_path}/shop.db?table=segments"
    assert study.to_database(url) == ROWS
    with sqlite3.connect(tmp_path / "shop.db") as base:
        assert_each_has_its_own(pd.read_sql("SELECT * FROM segments", base))
    assert study.labels.tolist() == study.customers["segment"].tolist()


def arrow_of(frame: pd.DataFrame) -> pa.Table:
    columns = [pa.array(frame[name].to_numpy()) for name in frame]
    return pa.table(columns, names=list(frame))


FRAMES: dict[str, Callable[[pd.DataFrame], object]] = {
    "pandas": lambda frame: frame,
    "arrow over numpy": arrow_of,
    "polars": pl.from_pandas,
}


def shuffled_in_place(frame: pd.DataFrame) -> None:
    """Turn the rows round within the memory that the frame has."""
    for name in ("customer_id", "visits", "spend"):
        cells = frame[name].to_numpy()
        cells.flags.writeable = True
        cells[:] = cells[::-1].copy()


def numbered(rows: int = ROWS) -> pd.DataFrame:
    return customers(rows).assign(customer_id=np.arange(rows))


@pytest.mark.parametrize("door", FRAMES)
def test_a_frame_that_is_changed_in_place_afterwards_changes_no_label(door: str) -> None:
    frame = numbered()
    study = shoal.segment(FRAMES[door](frame), id="customer_id", k=3, k_max=3)
    shuffled_in_place(frame)
    labelled = study.customers  # of the kind that was given
    labelled = labelled if isinstance(labelled, pd.DataFrame) else labelled.to_pandas()
    assert labelled["customer_id"].tolist() == list(range(ROWS))
    assert_each_has_its_own(labelled)


@pytest.mark.parametrize("door", ["csv", "parquet", "a folder"])
def test_labels_made_later_come_from_what_was_read_or_not_at_all(door: str, tmp_path: Path) -> None:
    source = FILES[door](few_distinct(), tmp_path)
    same, changed = (shoal.segment(source, id="customer_id", k=3, k_max=3) for _ in range(2))
    assert_each_has_its_own(same.customers, 5_000)
    FILES[door](few_distinct()[::-1], tmp_path)
    with pytest.raises(shoal.InputError, match=CHANGED):
        changed.customers  # noqa: B018
    with pytest.raises(shoal.InputError, match=r'has changed since .* alone: keep="id"'):
        changed.write(tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_labels_of_a_frame_made_later_come_from_what_was_read_or_not_at_all() -> None:
    frame = few_distinct()
    study = shoal.segment(frame, id="customer_id", k=3, k_max=3)
    shuffled_in_place(frame)
    with pytest.raises(shoal.InputError, match=f"dataframe {CHANGED}"):
        study.labels  # noqa: B018


def rewriting_at(reading: int, act: Callable[[], None], monkeypatch: pytest.MonkeyPatch) -> None:
    """Do something just before a table is read for the so-manieth time."""
    plain = Table.batches
    readings: list[int] = []

    def batches(self: Table, columns: object = None) -> Iterator[pa.RecordBatch]:
        readings.append(1)
        if len(readings) == reading:
            act()
        return plain(self, columns)  # type: ignore[arg-type]

    monkeypatch.setattr(Table, "batches", batches)


@pytest.mark.parametrize("door", ["csv", "parquet", "excel", "many files", "a folder"])
@pytest.mark.parametrize("reading", [1, 2])
def test_a_file_that_changes_while_it_is_read_ends_the_run(
    door: str, reading: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = FILES[door](customers(), tmp_path)
    rewriting_at(reading, lambda: FILES[door](customers()[::-1], tmp_path) and None, monkeypatch)
    with pytest.raises(shoal.InputError, match=CHANGED):
        shoal.segment(source, k=3, k_max=3, out=tmp_path / "out")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("reading", [1, 2])
def test_a_frame_that_changes_while_it_is_read_ends_the_run(
    reading: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    frame = numbered()
    rewriting_at(reading, lambda: shuffled_in_place(frame), monkeypatch)
    with pytest.raises(shoal.InputError, match=CHANGED):
        shoal.segment(frame, id="customer_id", k=3, k_max=3)


def test_the_command_line_says_that_a_file_changed_and_writes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    source, out = as_csv(customers(), tmp_path), tmp_path / "out"
    rewriting_at(2, lambda: as_csv(customers()[::-1], tmp_path) and None, monkeypatch)
    monkeypatch.setattr("sys.argv", ["shoal", "segment", str(source), "--out", str(out)])
    assert main() == 2
    assert f'shoal: "{source}" changed while it was read' in capsys.readouterr().err
    assert not out.exists()


def test_new_customers_that_change_while_they_are_placed_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = as_csv(customers(), tmp_path)
    model = shoal.segment(source, k=3, k_max=3).model
    rewriting_at(1, lambda: as_csv(customers()[::-1], tmp_path) and None, monkeypatch)
    with pytest.raises(shoal.InputError, match=CHANGED):
        model.assign(source)


def test_a_file_that_is_gone_is_said_to_have_changed(tmp_path: Path) -> None:
    source = as_csv(few_distinct(), tmp_path)
    study = shoal.segment(source, id="customer_id", k=3, k_max=3)
    os.unlink(source)
    with pytest.raises(shoal.InputError, match=CHANGED):
        study.labels  # noqa: B018


@pytest.fixture
def little_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shoal.analysis.assign.SHARE", 1e-6)


@pytest.mark.usefixtures("little_memory")
def test_the_same_on_disk_when_there_is_little_memory(tmp_path: Path) -> None:
    frame = customers(200_000)
    study = shoal.segment(as_parquet(frame, tmp_path), k=3, k_max=3)
    assert study._places().store._filed, "some were kept on disk"
    as_parquet(frame[:9], tmp_path)
    assert_each_has_its_own(study.customers)
    assert study.customers["customer_id"].tolist() == frame["customer_id"].tolist()


def test_rows_without_an_id_are_numbered_from_one(tmp_path: Path) -> None:
    study = shoal.segment(as_csv(customers().drop(columns="customer_id"), tmp_path), k=3, k_max=3)
    assert study.customers["row"].tolist() == list(range(1, ROWS + 1))


def pickled(study: shoal.Study) -> shoal.Study:
    return pickle.loads(pickle.dumps(study))


@pytest.mark.parametrize(
    ("rows", "turn"),
    [(customers(), pickled), (few_distinct(), pickled), (customers(), copy.deepcopy)],
    ids=["kept", "made later", "copied"],
)
def test_a_study_can_be_pickled_and_copied(
    rows: pd.DataFrame, turn: Callable[[shoal.Study], shoal.Study], tmp_path: Path
) -> None:
    source = as_csv(rows, tmp_path)
    study = shoal.segment(source, id="customer_id", k=3, k_max=3)
    other = turn(study)
    assert other.facts.segmentation.names == study.facts.segmentation.names
    pd.testing.assert_frame_equal(other.customers, study.customers)
    pd.testing.assert_frame_equal(other.segments, study.segments)
    np.testing.assert_array_equal(other.labels, study.labels)
    pd.testing.assert_frame_equal(other.assign(source), study.assign(source))
    assert len(other.plot.sizes().axes) >= 1
    assert set(other.write(tmp_path / "out")) >= {"customers", "model", "segments"}
    assert (tmp_path / "out" / "report.html").stat().st_size > 10_000


@pytest.mark.usefixtures("little_memory")
def test_a_pickled_study_has_its_spilled_labels_in_it(tmp_path: Path) -> None:
    frame = customers(200_000)
    study = shoal.segment(as_parquet(frame, tmp_path), k=3, k_max=3)
    other = pickle.loads(pickle.dumps(study))
    os.unlink(tmp_path / "customers.parquet")
    pd.testing.assert_frame_equal(other.customers, study.customers)


def test_segments_are_told_apart_by_their_index(tmp_path: Path) -> None:
    segments = shoal.segment(customers(), k=3, k_max=3).segments
    assert segments.index.name == "id"
    assert segments.index.tolist() == [1, 2, 3]
    assert "id" not in segments.columns
    assert segments.sort_values("id", ascending=False).index.tolist() == [3, 2, 1]
    assert segments.groupby("id")["size"].sum().tolist() == segments["size"].tolist()
    assert segments.reset_index().columns[0] == "id"
    assert len(segments.merge(segments[["size"]], on="id")) == 3


def test_numbers_in_the_frames_are_numbers_even_where_none_is_known() -> None:
    frame = customers()
    frame.loc[:4, ["visits", "spend"]] = np.nan
    study = shoal.segment(frame.rename(columns={"spend": "minutes"}), k=3, k_max=3)
    assert study.facts.value is None
    assert study.customers["segment"].isna().sum() == 5
    for name in ("segment", "margin"):
        assert pd.api.types.is_numeric_dtype(study.customers[name])
    assert study.customers["unlike_anyone"].dtype == bool
    for name in ("size", "share", "value_share", "value_sum", "stability", "at_stake"):
        assert pd.api.types.is_numeric_dtype(study.segments[name]), name
