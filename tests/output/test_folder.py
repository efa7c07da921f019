"""The folder of results: what a run replaces, it replaces whole."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

import shoal
from shoal.api import assign

ALWAYS = {
    "report.html",
    "summary.html",
    "segments.xlsx",
    "segments.csv",
    "model.json",
    "columns.toml",
    "summary.json",
    "figures",
}


@pytest.fixture
def as_csv(sample_file: Path) -> Path:
    with open(sample_file, "a") as file:
        file.write("401,Male,30,,\n")  # one row is set aside
    return sample_file


@pytest.fixture
def as_parquet(sample_table: pd.DataFrame, tmp_path: Path) -> Path:
    path = tmp_path / "sample.parquet"
    sample_table.to_parquet(path)
    return path


def files(out: Path) -> set[str]:
    return {each.name for each in out.iterdir()}


def test_nothing_of_an_earlier_run_stays(as_csv: Path, as_parquet: Path, tmp_path: Path) -> None:
    out = tmp_path / "results"
    shoal.segment(as_csv, k=3, out=out)
    assert files(out) == ALWAYS | {"customers.csv", "set_aside.csv"}
    (out / "figures" / "map.png").rename(out / "figures" / "pairs.png")  # no longer drawn
    (out / "figures" / "my-own.png").write_bytes(b"mine")
    (out / "notes.csv").write_text("mine")
    shoal.segment(as_parquet, k=3, out=out)
    assert files(out) == ALWAYS | {"customers.parquet", "notes.csv"}
    pictures = files(out / "figures")
    assert "gorge.svg" in pictures
    assert "my-own.png" in pictures
    assert "pairs.png" not in pictures
    outputs = json.loads((out / "summary.json").read_text("utf-8"))["outputs"]
    assert all(Path(path).exists() for path in outputs.values())


def test_a_users_table_of_that_name_stays(as_csv: Path, as_parquet: Path, tmp_path: Path) -> None:
    out = tmp_path / "shop"
    out.mkdir()
    mine = as_csv.rename(out / "customers.csv").read_bytes()
    (out / "summary.json").write_text('["not of shoal"]')
    shoal.segment(as_parquet, k=3, out=out)
    assert (out / "customers.csv").read_bytes() == mine


@pytest.mark.parametrize("to", [".", "link"])
def test_results_do_not_take_the_place_of_the_table_itself(
    as_csv: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, to: str
) -> None:
    mine = as_csv.rename(tmp_path / "customers.csv").read_bytes()
    monkeypatch.chdir(tmp_path)
    Path("link").symlink_to(".", target_is_directory=True)
    told = r"out would replace customers\.csv, the table itself, by customers\.csv of the results"
    with pytest.raises(shoal.OptionError, match=told):
        shoal.segment("customers.csv", k=3, out=to)
    assert Path("customers.csv").read_bytes() == mine
    assert files(tmp_path) == {"customers.csv", "link"}


def test_labels_do_not_take_the_place_of_the_table_itself(as_csv: Path, tmp_path: Path) -> None:
    model = shoal.segment(as_csv, k=3).save(tmp_path / "model.json")
    before = as_csv.read_bytes()
    with pytest.raises(shoal.OptionError, match="would replace"):
        assign(model, as_csv, out=as_csv)
    assert as_csv.read_bytes() == before
