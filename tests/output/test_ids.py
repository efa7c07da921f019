"""Segments whose numbers have a gap, as a refresh leaves one where a segment went."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import shoal


@pytest.fixture(scope="module")
def table() -> pd.DataFrame:
    rng = np.random.default_rng(5)
    spent = np.concatenate([rng.normal(m, 1.0, 50) for m in (10, 30, 50)])
    visits = spent / 2 + rng.normal(0, 1, 150)
    return pd.DataFrame({"customer": range(150), "spent": spent, "visits": visits})


@pytest.fixture
def model(table: pd.DataFrame, tmp_path: Path) -> shoal.Model:
    path = shoal.segment(table, k=3, id="customer").save(tmp_path / "model.json")
    noted = json.loads(path.read_text("utf-8"))
    noted["model"]["ids"] = [1, 4, 7]
    path.write_text(json.dumps(noted), "utf-8")
    return shoal.load(path)


def test_labels_bear_the_numbers_of_their_segments(
    model: shoal.Model, table: pd.DataFrame, tmp_path: Path
) -> None:
    assert model.ids == (1, 4, 7)
    placed = model.assign(table)
    named = dict(zip(placed["segment"], placed["name"], strict=True))
    assert named == dict(zip((1, 4, 7), model.names, strict=True))
    assert [row["segment"] for row in model.place(table.to_dict("list"))] == list(placed.segment)
    out = tmp_path / "labels.csv"
    told = shoal.assign(model.save(tmp_path / "again.json"), table, out=out)
    assert [(s["id"], s["size"]) for s in told["segments"]] == [(1, 50), (4, 50), (7, 50)]
    assert sorted(pd.read_csv(out)["segment"].unique()) == [1, 4, 7]
    made = shoal.audience(tmp_path / "again.json", table, segment=7, out=tmp_path / "people")
    assert made["audiences"][0]["name"] == model.names[2]


def test_names_and_colours_are_given_by_number(model: shoal.Model, tmp_path: Path) -> None:
    assert model.renamed({7: "Sleepers"}).names[2] == "Sleepers"
    assert model.recoloured({4: "#aa3377"}).colours[1] == "#aa3377"
    with pytest.raises(shoal.OptionError, match=r"no segment 2 .*Segments are 1, 4 and 7"):
        model.renamed({2: "Nobody"})
    with pytest.raises(shoal.OptionError, match="They are 1, 4, 7"):
        shoal.audience(model.save(tmp_path / "m.json"), "none.csv", segment=2, out=tmp_path)


@pytest.mark.parametrize("ids", [[1, 1, 2], [3, 2, 1], [0, 1, 2], [1, 2], [1, 2, 40000]])
def test_other_numbers_are_refused(model: shoal.Model, tmp_path: Path, ids: list[int]) -> None:
    path = model.save(tmp_path / "odd.json")
    noted = json.loads(path.read_text("utf-8"))
    noted["model"]["ids"] = ids
    path.write_text(json.dumps(noted), "utf-8")
    with pytest.raises(shoal.InputError, match="ids that are none, or not 3"):
        shoal.load(path)
