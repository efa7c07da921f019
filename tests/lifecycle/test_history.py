"""Runs in a folder: what each keeps, and what they say together."""

from __future__ import annotations

import json
import os
import sqlite3
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
from matplotlib.colors import to_rgb

import shoal

PLACES = ((10, 60), (40, 10), (70, 60), (40, 110))


def customers(seed: int, kinds: int = 3) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    around = np.concatenate([rng.normal(place, 2, (30, 2)) for place in PLACES[:kinds]])
    table = pd.DataFrame(around, columns=["spent", "visits"])
    table.insert(0, "customer", range(len(table)))
    return table


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three runs: a first one, one that it still serves, and one with another kind of customer."""
    folder = tmp_path_factory.mktemp("year") / "runs"
    customers(1).to_csv(folder.parent / "a.csv", index=False)
    model = shoal.segment(
        folder.parent / "a.csv", id="customer", by=["spent", "visits"], out=folder / "9"
    ).model
    second = model.refresh(customers(2), old=folder / "9" / "customers.csv", out=folder / "10")
    second.model.refresh(customers(3, kinds=4), out=folder / "11")
    return folder


def test_runs_keep_what_made_them_and_follow_each_other(runs: Path) -> None:
    first, second, third = (
        json.loads((runs / name / "run.json").read_text("utf-8")) for name in ("9", "10", "11")
    )
    source = runs.parent / "a.csv"
    assert first["inputs"][0]["name"] == "a.csv"
    assert first["inputs"][0]["bytes"] == source.stat().st_size
    assert first["options"]["by"] == ["spent", "visits"]
    assert first["versions"]["shoal"] == shoal.__version__
    assert second["model_id"] == second["previous_model_id"] == first["model_id"]
    assert third["previous_model_id"] == second["model_id"] != third["model_id"]


def test_history_tells_shares_by_run_in_the_order_of_names(runs: Path, tmp_path: Path) -> None:
    found = shoal.history(runs)
    assert [run.name for run in found.runs] == ["9", "10", "11"]
    assert [run.refitted for run in found.runs] == [None, False, True]
    assert [[s.size for s in run.segments] for run in found.runs] == [[30] * 3, [30] * 3, [30] * 4]
    assert [s.fate for s in found.runs[2].segments] == ["kept", "kept", "kept", "born"]
    assert list(found.table["share"][:3].round(4)) == [0.3333] * 3
    page = found.html(tmp_path / "h.html").read_text("utf-8")
    assert "3 runs, 4 segments" in page
    assert [run.stayed for run in found.runs] == [None, 1.0, None]
    assert not found.findings


def test_lines_of_equal_shares_are_all_seen(runs: Path) -> None:
    found = shoal.history(runs)
    figure = found.figure()
    figure.canvas.draw()
    seen = np.asarray(figure.canvas.buffer_rgba())[:, :400, :3].reshape(-1, 3)
    for id in (1, 2, 3):  # a third each in the first two runs
        shade = np.round(255 * np.array(to_rgb(found.facts.latest(id).colour)))
        assert (np.abs(seen - shade).max(axis=1) <= 2).sum() > 150, id


def test_runs_without_numbers_in_their_names_stand_as_they_were_written(
    runs: Path, tmp_path: Path
) -> None:
    for at, (name, called) in enumerate([("9", "jan"), ("10", "feb"), ("11", "mar")]):
        (tmp_path / called).mkdir()
        record = tmp_path / called / "run.json"
        record.write_bytes((runs / name / "run.json").read_bytes())
        os.utime(record, (1_700_000_000 + at, 1_700_000_000 + at))
    found = shoal.history(tmp_path)
    assert [run.name for run in found.runs] == ["jan", "feb", "mar"]
    assert [f.code for f in found.findings] == ["runs-as-written"]


def test_broken_and_unrelated_runs_are_said(runs: Path, tmp_path: Path) -> None:
    for name in ("9", "10"):
        (tmp_path / name).mkdir()
    (tmp_path / "9" / "run.json").write_bytes((runs / "11" / "run.json").read_bytes()[:300])
    record = json.loads((runs / "11" / "run.json").read_text("utf-8"))
    (tmp_path / "10" / "run.json").write_text(json.dumps(record), "utf-8")
    (tmp_path / "11").mkdir()
    other = record | {"model_id": "0" * 16, "previous_model_id": None}
    (tmp_path / "11" / "run.json").write_text(json.dumps(other), "utf-8")
    found = shoal.history(tmp_path)
    assert [f.code for f in found.findings] == ["run-not-read", "run-follows-none"]
    with pytest.raises(shoal.InputError, match="no runs in"):
        shoal.history(tmp_path / "9")
    with pytest.raises(shoal.InputError, match="no folder"):
        shoal.history(tmp_path / "none")


def test_what_the_model_says_of_columns_is_as_before_and_not_said_by_anybody(runs: Path) -> None:
    for name, how in (("9", 0), ("10", 3), ("11", 3)):
        columns = (runs / name / "columns.toml").read_text("utf-8")
        assert columns.count("# as before") == how
        report = (runs / name / "report.html").read_text("utf-8")
        for words in ("you said so", "set by you"):
            assert (words in columns, words in report) == (False, name == "9" and words[0] == "s")


def test_every_labelled_file_leads_to_its_model(runs: Path, tmp_path: Path) -> None:
    saved = runs / "11" / "model.json"
    model = shoal.load(saved)
    assert model.renamed({1: "Others"}).id == model.id
    told = shoal.assign(saved, customers(4), out=tmp_path / "a.parquet")
    assert told["model_id"] == model.id
    metadata = pq.read_schema(tmp_path / "a.parquet").metadata
    assert metadata[b"shoal.model_id"].decode() == model.id
    shoal.assign(saved, customers(4), out=tmp_path / "a.csv")
    beside = json.loads((tmp_path / "a.csv-metadata.json").read_text("utf-8"))
    assert (beside["url"], beside["shoal.model_id"]) == ("a.csv", model.id)
    assert json.loads(saved.read_text("utf-8"))["model_id"] == model.id
    assert model.id in (runs / "11" / "report.html").read_text("utf-8")
    with zipfile.ZipFile(runs / "11" / "segments.xlsx") as book:
        assert f"<vt:lpwstr>{model.id}<" in book.read("docProps/custom.xml").decode()
    study = shoal.segment(customers(4), k=2, id="customer")
    study.to_database(f"sqlite:///{tmp_path}/shop.db?table=segments")
    with sqlite3.connect(tmp_path / "shop.db") as shop:
        rows = shop.execute("SELECT model_id, count(segment) FROM segments GROUP BY 1").fetchall()
    assert rows == [(study.model.id, len(study.customers))]
    first = shoal.load(runs / "9" / "model.json")
    with pytest.raises(shoal.InputError, match=f"labelled by model {model.id}"):
        first.refresh(customers(5), old=tmp_path / "a.csv")


def test_the_report_says_what_changed_since_last_time(runs: Path) -> None:
    assert "Since last time" not in (runs / "9" / "report.html").read_text("utf-8")
    assert "No need to refit" in (runs / "10" / "report.html").read_text("utf-8")
    page = (runs / "11" / "report.html").read_text("utf-8")
    assert "Since last time" in page
    assert "born" in page
