"""The folder of results: what a run replaces, it replaces whole."""

from __future__ import annotations

import json
from collections.abc import Callable
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
    "run.json",
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
    with pytest.raises(shoal.OptionError, match=r"holds customers.csv, summary.json, and no model"):
        shoal.segment(as_parquet, k=3, out=out)
    assert files(out) == {"customers.csv", "summary.json"}
    shoal.segment(as_parquet, k=3, out=out, force=True)
    assert (out / "customers.csv").read_bytes() == mine


@pytest.mark.parametrize(
    ("make", "out", "force", "told"),
    [
        (lambda: Path("results/report.html").mkdir(parents=True), "results", True, "is a folder"),
        (lambda: Path("results/figures").mkdir(parents=True), "results", False, "holds figures"),
        (lambda: Path("results").write_text("mine"), "results", True, "is a file"),
        (lambda: None, "", True, "is empty"),
        (lambda: None, "  ", False, "is empty"),
    ],
    ids=["folder named as a file", "figures of the user's", "a file", "empty", "blank"],
)
def test_what_is_the_users_is_known_before_anything_is_done(
    as_csv: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    make: Callable[[], object],
    out: str,
    force: bool,
    told: str,
) -> None:
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    make()
    before = sorted(Path().rglob("*"))
    with pytest.raises(shoal.OptionError, match=told):
        shoal.segment(as_csv, k=3, out=out, force=force)
    assert sorted(Path().rglob("*")) == before


@pytest.mark.parametrize("named", ["t.csv", "t*.csv", "link.csv"])
def test_no_door_writes_over_its_source(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, named: str
) -> None:
    monkeypatch.chdir(tmp_path)
    lines = [f"{i % 9},2024-01-{1 + i % 28:02},{i + 1}" for i in range(60)]
    Path("t.csv").write_text("\n".join(["customer,date,amount", *lines]) + "\n")
    if named == "link.csv":
        Path("link.csv").symlink_to("t.csv")
    before = Path("t.csv").read_bytes()
    doors: list[Callable[[], object]] = [
        lambda: shoal.inspect(named, out="t.csv"),
        lambda: shoal.inspect(named, write_columns="./t.csv"),
        lambda: shoal.write_customers(shoal.orders(named), "t.csv", source=named),
    ]
    for door in doors:
        with pytest.raises(shoal.OptionError, match=r"would replace .*csv, the table itself"):
            door()
    assert Path("t.csv").read_bytes() == before


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
