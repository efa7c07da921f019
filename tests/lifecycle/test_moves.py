"""Moves: exact in customers and money, causes as they were planted, ids followed or said."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner
from matplotlib.axes import Axes

import shoal
from shoal.cli.main import app

RNG = np.random.default_rng(5)
PLACES = np.array([[10.0, 5.0], [60.0, 25.0], [110.0, 5.0]])


def around(kind: np.ndarray) -> np.ndarray:
    return PLACES[kind] + np.random.default_rng(len(kind)).normal(size=(len(kind), 2))


def table(ids: Any, values: np.ndarray, spent: np.ndarray) -> pd.DataFrame:
    return pd.DataFrame({"id": ids, "x": values[:, 0], "y": values[:, 1], "spent": spent})


def cents(rows: int) -> np.ndarray:
    return RNG.integers(1, 10**6, rows) / 100


KIND = np.arange(900) % 3
BEFORE = table(np.arange(900), around(KIND), cents(900))
LATER_KIND = np.where(np.arange(900) < 90, (KIND + 1) % 3, KIND)  # ninety have changed
AFTER = table(np.arange(900), around(LATER_KIND), cents(900)).iloc[50:]
AFTER = pd.concat([AFTER, table(np.arange(900, 960), around(KIND[:60]), cents(60))])
STUDY = shoal.segment(BEFORE, by=["x", "y"], k=3, value="spent")


def exact(frame: pd.DataFrame) -> Decimal:
    return sum((Decimal(str(v)) for v in frame.spent), Decimal(0))


def test_customers_and_money_add_up_to_the_cent() -> None:
    found = STUDY.moves(BEFORE, AFTER)
    own, new = STUDY.assign(BEFORE), STUDY.assign(AFTER)
    both = BEFORE.assign(s=own.segment.to_numpy()).merge(
        AFTER.assign(s=new.segment.to_numpy()), on="id", how="outer", suffixes=("_b", "_a")
    )
    expected = {}
    for (start, end), part in both.groupby([both.s_b.fillna(-1), both.s_a.fillna(-1)]):
        money = tuple(
            sum((Decimal(str(v)) for v in part[c].dropna()), Decimal(0))
            for c in ("spent_b", "spent_a")
        )
        key = tuple(None if v < 0 else int(v) for v in (start, end))
        expected[key] = (len(part), *money)
    told = {
        (f.start, f.end): (f.amounts.customers, f.amounts.money_before, f.amounts.money_after)
        for f in found.flows
    }
    assert told == expected
    assert found.everybody.money_before == exact(BEFORE)
    assert found.everybody.money_after == exact(AFTER)
    assert found.of_kind("departed").customers == 50
    assert found.of_kind("arrived").customers == 60
    body = found.to_json()
    assert body["customers"] == 960
    assert round(sum(f["money"] for f in body["flows"]), 2) == round(body["money"], 2)
    assert body["money_before"] == float(exact(BEFORE))
    for segment in (1, 2, 3):
        of_rows = [f["money"] for f in body["flows"] if f["from"] == segment]
        assert round(sum(of_rows), 2) == float(exact(BEFORE[own.segment.to_numpy() == segment]))


def test_the_worst_come_first_and_in_sentences() -> None:
    found = STUDY.moves(BEFORE, AFTER)
    leaving = [f for f in found.flows if f.kind in ("moved", "departed")]
    changes = [f.amounts.change for f in leaving]
    assert changes == sorted(changes)
    assert list(found.flows[: len(leaving)]) == leaving
    assert found.summary[0].text == (
        "850 customers are in both tables: 810 stayed in their segment, 40 moved. "
        "50 are there no more, 60 are new."
    )
    assert all(
        ("→" in said.text and "-" in said.text) or "before." in said.text for said in found.worries
    )
    first = found.flows[0]
    assert f"{first.amounts.money_before:,.2f}" in found.worries[0].text


def moved_model(model: shoal.Model, segment: int, by: list[float]) -> bytes:
    """The same model with another centre of one segment, as bytes of a file."""
    from shoal.output.model_file import to_json

    body = json.loads(to_json(model.segmentation, model.about))
    centre = body["model"]["centres"][segment - 1]
    body["model"]["centres"][segment - 1] = [c + d for c, d in zip(centre, by, strict=True)]
    return json.dumps(body).encode()


def test_each_cause_is_told_where_it_was_planted() -> None:
    """Two segments trade places in the new model for whom the centre of one moves over."""
    rng = np.random.default_rng(0)
    x = np.r_[rng.uniform(0, 4, 300), rng.uniform(6, 10, 300), np.full(40, 5.0)]
    before = pd.DataFrame({"id": np.arange(640), "x": x, "spent": 1.0})
    study = shoal.segment(before, by=["x"], k=2, scale="none", value="spent")
    centres = study.model.segmentation.centres[:, 0]
    high = int(centres.argmax()) + 1
    after = before.copy()
    changed, border = np.arange(0, 30), np.arange(600, 640)
    after.loc[changed, "x"] = 9.5  # themselves, far into the other segment
    after.loc[border, "x"] = np.where(border % 2, 5.2, 4.8)
    shifted = moved_model(study.model, high, [-2.0])  # the border moves from about 5 to about 4
    found = shoal.moves(before, after, model_before=study, model_after=shoal.load(shifted))
    old, new = study.assign(before).segment, shoal.load(shifted).assign(after).segment
    moved = (old != new).to_numpy()
    margins = np.minimum(study.assign(before).margin, shoal.load(shifted).assign(after).margin)
    assert found.why is not None
    counts = {cause: each.customers for cause, each in found.why.items()}
    assert sum(counts.values()) == moved.sum()
    assert counts["customer"] == 30
    by_model = moved & (np.arange(640) >= 30) & (margins > 0.19).to_numpy()
    assert counts["model"] >= by_model.sum()
    assert not found.same_model
    assert "because they changed themselves" in found.summary[1].text


def test_segments_of_two_models_are_matched_by_their_members() -> None:
    again = AFTER.assign(x=AFTER.x * -1)  # the other way round: other numbers and names
    other = shoal.segment(again, by=["x", "y"], k=3, value="spent")
    same = shoal.segment(AFTER, by=["x", "y"], k=3, value="spent").renamed({1: "One", 2: "Two"})
    found = shoal.moves(BEFORE, AFTER, model_before=STUDY, model_after=same)
    assert found.of_kind("stayed").customers == 810
    assert {s.same for s in found.segments_before} == {1, 2, 3}
    assert found.why is not None
    assert found.why["model"].customers == 0
    with pytest.raises(shoal.OptionError, match="value"):
        shoal.moves(BEFORE, again, model_before=STUDY, model_after=other, value="no such")


def labelled(study: shoal.Study, frame: pd.DataFrame) -> pd.DataFrame:
    return study.assign(frame).merge(frame, on="id")


def test_labels_alone_tell_flows_but_not_why() -> None:
    found = shoal.moves(labelled(STUDY, BEFORE), labelled(STUDY, AFTER), value="spent")
    by_model = STUDY.moves(BEFORE, AFTER)
    assert {(f.start, f.end): f.amounts for f in found.flows} == {
        (f.start, f.end): f.amounts for f in by_model.flows
    }
    assert [f.code for f in found.findings] == ["causes-not-told"]
    flow = next(f for f in found.to_json()["flows"] if f["kind"] == "moved")
    assert flow["customer_changed"] is flow["model_changed"] is None


def test_numbers_of_segments_alone_are_followed() -> None:
    before = pd.DataFrame({"id": list("abcdef"), "segment": [1, 1, 1, 2, 2, 2], "spent": 1.0})
    after = before.assign(segment=[1, 1, 2, 2, 2, 3])
    named = after.assign(name=[f"Group {n}" for n in after.segment])
    for later in (after, named):
        found = shoal.moves(before, later, value="spent")
        kinds = {(f.start, f.end): (f.kind, f.amounts.customers) for f in found.flows}
        assert kinds == {
            (1, 1): ("stayed", 2),
            (1, 2): ("moved", 1),
            (2, 2): ("stayed", 2),
            (2, 3): ("moved", 1),
        }
        assert [s.name for s in found.segments_before] == ["segment 1", "segment 2"]
        assert found.plot().axes


def test_ids_that_cannot_be_followed_are_counted_and_said() -> None:
    before = BEFORE.assign(id=[f"c{i:04}" for i in BEFORE.id])
    after = AFTER.assign(id=[f"c{i:04}" for i in AFTER.id])
    after.iloc[:3, 0] = None
    after = pd.concat([after, after.iloc[[10, 10, 11]]])
    after.iloc[20:25, 0] = after.iloc[20:25, 0].str.upper()
    found = STUDY.moves(before, after)
    said = {f.code: f for f in found.findings}
    assert said["rows-without-id"].values["rows"] == 3
    repeated = [f for f in found.findings if f.code == "repeated-ids"]
    assert [(f.values["ids"], f.values["rows"]) for f in repeated] == [(0, 2), (2, 5)]
    assert "2 rows of table have an id that stands on several rows" in repeated[0].message
    assert said["respelled-ids"].values["ids"] == 5
    rows = found.after
    assert rows.read == len(after) == rows.customers + rows.without_id + rows.of_repeated_ids
    followed = [f for f in found.flows if f.end is not None]
    assert sum(f.amounts.customers for f in followed) == rows.customers
    assert found.before.read == 900 == found.before.customers + found.before.of_repeated_ids
    nobody = STUDY.moves(before, after.assign(id=[f"z{i}" for i in range(len(after))]))
    assert "nobody-twice" in {f.code for f in nobody.findings}


def test_ids_are_the_same_however_they_are_held() -> None:
    whole = STUDY.moves(BEFORE, AFTER)
    for kind in ("str", "float64"):
        other = STUDY.moves(BEFORE, AFTER.assign(id=AFTER.id.astype(kind)))
        assert other.flows == whole.flows, kind


def test_who_cannot_be_placed_and_what_money_is_unknown() -> None:
    after = AFTER.copy()
    after.iloc[:4, 1:3] = None
    after.iloc[10:12, 3] = None
    found = STUDY.moves(BEFORE, after)
    assert sum(f.amounts.customers for f in found.flows if f.end == 0) == 4
    assert {f.end_name for f in found.flows if f.end == 0} == {"not placed"}
    said = {f.code: f for f in found.findings}
    assert said["money-not-known"].values["rows"] == 2
    plain = STUDY.moves(BEFORE.drop(columns="spent"), after.drop(columns="spent"))
    assert plain.value is None
    assert plain.to_json()["money"] is None


def test_the_command_and_its_files(tmp_path: Path) -> None:
    BEFORE.to_csv(tmp_path / "may.csv", index=False)
    AFTER.to_csv(tmp_path / "june.csv", index=False)
    model = STUDY.save(tmp_path / "model.json")
    call = ["moves", *map(str, (tmp_path / "may.csv", tmp_path / "june.csv"))]
    call += ["--model-before", str(model)]
    told = CliRunner().invoke(app, [*call, "--json", "--out", str(tmp_path / "moves")])
    assert told.exit_code == 0, told.output
    assert json.loads(told.stdout) == STUDY.moves(BEFORE, AFTER).to_json() | {
        key: json.loads(told.stdout)[key] for key in ("rows_before", "rows_after", "summary")
    }
    shown = CliRunner().invoke(app, call).stdout
    assert "there no more" in shown
    names = {f.name for f in (tmp_path / "moves").iterdir()}
    assert names == {"moves.html", "moves.xlsx", "moves.csv", "moves.svg", "moves.json"}
    assert '<div class="scroll"' in (tmp_path / "moves" / "moves.html").read_text("utf-8")
    table = pd.read_csv(tmp_path / "moves" / "moves.csv")
    assert table.customers.sum() == 960
    import openpyxl

    sheet = openpyxl.load_workbook(tmp_path / "moves" / "moves.xlsx")["Moves"]
    cells = [[c.value for c in row] for row in sheet.iter_rows()]
    together = next(row for row in cells if row[0] == "Together")
    assert together[3] == 960
    assert together[4] == pytest.approx(float(exact(BEFORE)))
    refused = CliRunner().invoke(app, call[:3])
    assert isinstance(refused.exception, shoal.InputError)
    assert 'has no column "segment"' in str(refused.exception)


def test_the_margin_of_labels_is_no_money(tmp_path: Path) -> None:
    frame = BEFORE.drop(columns="spent")
    labelled = frame.merge(shoal.segment(frame, by=["x", "y"], k=3, id="id").customers, on="id")
    assert "margin" in labelled
    assert shoal.moves(labelled, labelled, id="id").value is None


def test_two_files_of_one_name_are_told_apart(tmp_path: Path) -> None:
    for month, frame in (("jan", BEFORE), ("feb", AFTER)):
        (tmp_path / month).mkdir()
        STUDY.assign(frame).to_csv(tmp_path / month / "customers.csv", index=False)
    found = shoal.moves(*(tmp_path / month / "customers.csv" for month in ("jan", "feb")))
    assert [found.before.name, found.after.name] == ["jan/customers", "feb/customers"]


def test_report_and_workbook_of_a_study_take_moves(tmp_path: Path) -> None:
    found = STUDY.moves(BEFORE, AFTER)
    report = STUDY.report(tmp_path / "report.html", moves=found).read_text("utf-8")
    assert '<section id="moves">' in report
    assert found.worries[0].text.replace('"', "&#34;") in report
    assert '<section id="moves">' not in STUDY.report(tmp_path / "r.html").read_text("utf-8")
    import openpyxl

    book = openpyxl.load_workbook(STUDY.workbook(tmp_path / "book.xlsx", moves=found))
    assert book.sheetnames[-1] == "Moves"
    assert book["Moves"]["A2"].value == found.summary[0].text


def test_what_stops_the_reading_is_raised_as_it_is(tmp_path: Path) -> None:
    def stop(step: str, done: int, total: int | None) -> None:
        if step == "placing":
            raise shoal.Stopped

    with pytest.raises(shoal.Stopped):
        STUDY.moves(BEFORE, AFTER, progress=stop)


def test_the_figure_has_axes_and_everybody() -> None:
    figure = STUDY.moves(BEFORE, AFTER).plot()
    axes = figure.axes[0]
    assert isinstance(axes, Axes)
    heights = [-bar.get_height() for bar in axes.patches]
    assert sum(heights) == 2 * 960
    texts = [label.get_text() for label in axes.get_yticklabels()]
    assert any("not there yet: 60" in text.replace("\n", " ") for text in texts)


def test_amounts_are_whole_where_all_of_them_are(tmp_path: Path) -> None:
    before, after = (t.assign(spent=t.spent.round() + 1) for t in (BEFORE, AFTER))
    cents_once = after.assign(spent=after.spent + np.append(0.25, np.zeros(len(after) - 1)))
    for later, decimals in ((after, False), (cents_once, True)):
        found = STUDY.moves(before, later)
        told = [found.written(flow.amounts.change) for flow in found.flows]
        assert all(("." in each) == decimals for each in told)
        assert (".00" in found.report(tmp_path / "moves.html").read_text("utf-8")) == decimals
        assert not any(".00" in said.text for said in found.worries)
