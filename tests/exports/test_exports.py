"""What is exported says of every row what `assign` says, run by libraries of others."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from click.testing import CliRunner

import shoal
import sql_kit as kit
from cluster import java
from model_kit import of_two_columns
from shoal.cli.main import app
from shoal.types import Feature, MadeColumn, Recipe

pytest.importorskip("onnxruntime")
kits = pytest.importorskip("export_kit", reason="skops is not installed")
pytestmark = pytest.mark.filterwarnings("ignore::UserWarning")


def shop(rows: int = 300) -> pa.Table:
    """Customers with words, flags, gaps, sums to be made, and columns called as labels are."""
    rng = np.random.default_rng(1)
    kind = rng.integers(0, 3, rows)
    spent = rng.lognormal(np.array([3, 4, 6])[kind], 0.4)
    return pa.table(
        {
            "customer_id": np.arange(rows) + 1,
            "margin": pa.array(spent, mask=rng.random(rows) < 0.1),
            'a "b" <c> & Ü': rng.poisson(np.array([2, 9, 30])[kind]),
            "shoal_n1": rng.normal(np.array([0, 5, 9])[kind], 1.0).astype(np.float32),
            "plan": pa.array(
                np.array(["Basic", "Plus", 'Pro\'s "x" <é>'])[kind], mask=rng.random(rows) < 0.1
            ),
            "member": np.where(rng.random(rows) < 0.5, "Yes", "No"),
            "active": rng.random(rows) < 0.4,
        }
    )


BY = ["margin", 'a "b" <c> & Ü', "shoal_n1", "plan", "member", "active"]


@pytest.fixture(scope="module")
def scored() -> tuple[shoal.Model, pa.Table, pa.Table]:
    """A model, a table with rows that are odd, and what `assign` says of them."""
    table = shop()
    model = shoal.segment(table, by=BY, id="customer_id", k=4, weights={"plan": 2}).model
    odd = kit.with_odd_rows(table, model)
    return model, odd, model.assign(odd, id=kit.KEY)


def test_onnx(scored: Any, tmp_path: Path) -> None:
    import onnx

    model, table, want = scored
    written = model.export("onnx", tmp_path / "m.onnx")
    found = kit.differences(kits.by_onnx(written, table), want)
    assert found == dict.fromkeys(found, 0)
    graph = onnx.load(written.path)
    onnx.checker.check_model(graph, full_check=True)
    assert {p.key: p.value for p in graph.metadata_props}["shoal.model_id"] == model.id
    assert written.labels["margin"] == "shoal_margin"
    assert (written.not_carried, written.without_values) == ((), None)


@pytest.mark.skipif(not java(), reason="there is no Java")
def test_pmml(scored: Any, tmp_path: Path) -> None:
    pytest.importorskip("pypmml")
    model, table, want = scored
    written = model.export("pmml", tmp_path / "m.pmml")
    found = kit.differences(kits.by_pmml(written, table, tmp_path), want)
    assert found == dict.fromkeys(found, 0)
    assert model.id in Path(written.path).read_text("utf-8")


def test_sklearn(scored: Any, tmp_path: Path) -> None:
    """Loaded without a type being trusted, where shoal cannot be imported."""
    model, table, _ = scored
    written = model.export("sklearn", tmp_path / "m.skops")
    plain = kits.only_plain(table, model)
    assert len(plain) > 300 + 10
    assert kits.by_sklearn(written, plain) == model.assign(plain)["segment"].to_pylist()
    code = f"""
        import sys; sys.modules["shoal"] = None
        import pandas as pd, skops.io
        pipeline = skops.io.load({written.path!r})
        empty = {{name: [None] for name in {BY!r}}}
        numbers = [name for name in {BY!r} if name not in ("plan", "member")]
        frame = pd.DataFrame(empty).astype({{name: "float64" for name in numbers}})
        print(pipeline.predict(frame)[0], pipeline.shoal_model_id, len(pipeline.shoal_names))
    """
    import textwrap

    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code)], capture_output=True, text=True, check=False
    )
    assert done.stdout.split() == [str(written.without_values), model.id, "4"], done.stderr[-2000:]
    assert written.not_carried == ("name", "runner_up", "margin", "unlike_anyone")


def by_hand(**changed: Any) -> shoal.Model:
    """Three centroids of which two are equally near to (1, 0)."""
    own: dict[str, Any] = {
        "centres": np.array([[0.0, 0.0], [2.0, 0.0], [0.0, 9.0]]),
        "far": np.array([1.5, np.inf, 1.0]),
        "names": ("A", "B & co", ""),
        "ids": (1, 4, 7),
    }
    return of_two_columns(**own | changed)


def test_ties_gaps_in_ids_and_one_segment(tmp_path: Path) -> None:
    """(1, 0): the first of two; (5, 0): far from no centroid; nothing: nowhere."""
    table = pa.table(
        {"x": [1.0, 5.0, 0.0, None], "y": [0.0, None, 7.0, None], kit.KEY: [1, 2, 3, 4]}
    )
    model = by_hand()
    want = [
        (1, 1, "A", "B & co", 0.0, False),
        (2, 4, "B & co", "A", 0.4, False),
        (3, 7, "", "A", 0.7143, True),
        (4, None, "", "", 0.0, False),
    ]
    assert kits.by_onnx(model.export("onnx", tmp_path / "m.onnx"), table) == want
    assert kits.by_sklearn(model.export("sklearn", tmp_path / "m.skops"), table) == [1, 4, 7, 1]
    one = by_hand(
        centres=np.zeros((1, 2)),
        far=np.array([6.0]),
        ids=(1,),
        names=("A",),
        colours=("#000000",),
        sizes=(3,),
    )
    rows = kits.by_onnx(one.export("onnx", tmp_path / "m.onnx"), table)
    assert rows[1:] == [(2, 1, "A", "", 1.0, False), (3, 1, "A", "", 1.0, True), want[3]]
    if java():
        assert kits.by_pmml(model.export("pmml", tmp_path / "m.pmml"), table, tmp_path) == want


DATES = MadeColumn("days since last", "days since", ("last",), day="2024-06-30")
SUM = MadeColumn("total", "total", ("x", "z"))


def of_made(made: MadeColumn) -> shoal.Model:
    features = tuple(Feature(column=name, kind="number", fill=1.0) for name in (made.name, "y"))
    return by_hand(recipe=Recipe(features=features, scaling="none"), made=(made,))


def test_sums_of_columns(tmp_path: Path) -> None:
    table = pa.table({"x": [1.0, None], "z": [1.5, None], "y": [0.0, 9.0], kit.KEY: [1, 2]})
    rows = kits.by_onnx(of_made(SUM).export("onnx", tmp_path / "m.onnx"), table)
    assert [row[1] for row in rows] == [4, 7]
    if java():
        rows = kits.by_pmml(of_made(SUM).export("pmml", tmp_path / "m.pmml"), table, tmp_path)
        assert [row[1] for row in rows] == [4, 7]


@pytest.mark.parametrize(
    ("model", "to", "named"),
    [
        (of_made(DATES), "onnx", '"days since last"'),
        (of_made(DATES), "pmml", '"last"'),
        (of_made(DATES), "sklearn", "2024-06-30"),
        (of_made(SUM), "sklearn", '"total"'),
        (by_hand(names=("A", "B\x00", "C")), "pmml", "XML"),
        (by_hand(), "xml", "pmml, onnx, sklearn"),
    ],
)
def test_what_a_format_cannot_carry_is_refused(
    model: shoal.Model, to: str, named: str, tmp_path: Path
) -> None:
    with pytest.raises(shoal.OptionError, match=named):
        model.export(to, tmp_path / "m")
    assert list(tmp_path.iterdir()) == []


def test_the_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    hand = by_hand(names=("A", "B", "C"))
    model = hand.save(tmp_path / "model.json")
    done = CliRunner().invoke(app, ["export", str(model), "--to", "sklearn", "--json"])
    body = json.loads(done.stdout)
    assert body["outputs"] == {"sklearn": str(tmp_path / "model.skops")}
    assert body["inputs"] == [{"column": "x", "kind": "number"}, {"column": "y", "kind": "number"}]
    assert (body["without_values"], body["model_id"]) == (1, hand.id)
    monkeypatch.setitem(sys.modules, "onnx", None)
    for more, named in (
        (["--to", "pmml", "--out", str(model)], "is the model itself"),
        (["--to", "onnx"], "pip install 'shoal\\[export\\]'"),
        (["--to", "xml"], "none of pmml, onnx, sklearn"),
    ):
        with pytest.raises(shoal.OptionError, match=named):
            CliRunner().invoke(app, ["export", str(model), *more], catch_exceptions=False)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["model.json", "model.skops"]
