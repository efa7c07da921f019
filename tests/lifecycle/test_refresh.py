"""The same segments on the customers of next month: ids, names, fates, and what is not fitted."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import shoal

PLACES = ((50, 20, 30), (80, 20, 60), (50, 60, 60), (90, 70, 20))
SIZE = 40  # customers around each
Places = tuple[tuple[int, ...], ...]


def planted(places: Places, seed: int, first: int = 1000) -> pd.DataFrame:
    """So many customers around each place, in three columns."""
    rng = np.random.default_rng(seed)
    around = np.concatenate([rng.normal(place, 3.0, (SIZE, 3)) for place in places])
    table = pd.DataFrame(around, columns=["spent", "visits", "age"])
    table.insert(0, "customer", np.arange(first, first + len(table)))
    return table


@pytest.fixture(scope="module")
def january() -> pd.DataFrame:
    return planted(PLACES, 1)


@pytest.fixture(scope="module")
def model(january: pd.DataFrame) -> shoal.Model:
    study = shoal.segment(january, by=["spent", "visits", "age"], id="customer")
    sleepers = int(study.labels[SIZE])  # those around the second place
    return study.renamed({sleepers: "Sleepers"}).recoloured({sleepers: "#aa3377"}).model


def place_of(refresh: shoal.Refresh, at: int) -> int:
    """The id of the segment that the customers around a place are in."""
    return int(refresh.study.labels[SIZE * at])


def ids_of(model: shoal.Model, table: pd.DataFrame) -> list[int]:
    return [int(n) for n in model.assign(table)["segment"][::SIZE]]


def fates(refresh: shoal.Refresh) -> dict[int, str]:
    return {each.id: each.fate for each in refresh.segments}


def test_the_same_customers_need_no_fit(model: shoal.Model, january: pd.DataFrame) -> None:
    found = model.refresh(january)
    assert not found.refitted
    assert set(fates(found).values()) == {"kept"}
    pd.testing.assert_frame_equal(found.study.customers, model.assign(january))
    assert (found.model.id, found.model.names) == (model.id, model.names)
    again = model.refresh(january, refit=True)
    assert again.refitted
    assert set(fates(again).values()) == {"kept"}
    pd.testing.assert_frame_equal(
        again.study.customers.drop(columns="unlike_anyone"),
        model.assign(january).drop(columns="unlike_anyone"),
    )


def test_a_segment_that_went_leaves_its_number_for_ever(
    model: shoal.Model, january: pd.DataFrame
) -> None:
    before = ids_of(model, january)
    found = model.refresh(planted((PLACES[0], PLACES[2], PLACES[3]), 2))
    assert fates(found) == {n: "gone" if n == before[1] else "kept" for n in before}
    assert [place_of(found, at) for at in range(3)] == [before[0], before[2], before[3]]
    assert sorted(found.model.ids) == sorted(set(before) - {before[1]})
    later = found.model.refresh(planted((PLACES[0], PLACES[2], PLACES[3], (20, 99, 99)), 3))
    assert fates(later)[5] == "born"  # and not one of the four
    assert place_of(later, 3) == 5


def test_names_colours_and_numbers_stay_where_another_is_born(
    model: shoal.Model, january: pd.DataFrame
) -> None:
    before = ids_of(model, january)
    found = model.refresh(planted((*PLACES, (20, 95, 95)), 2))
    assert [place_of(found, at) for at in range(4)] == before
    assert fates(found) == {1: "kept", 2: "kept", 3: "kept", 4: "kept", 5: "born"}
    assert found.model.names[:4] == model.names
    assert found.model.colours[:4] == model.colours
    assert len(set(found.model.colours)) == 5
    assert found.study.portraits[before[1] - 1].name == "Sleepers"
    born = next(each for each in found.segments if each.id == 5)
    assert born.came_from == ()
    assert born.name == found.model.names[4]


def test_who_comes_beside_a_segment_is_no_member_of_it(
    model: shoal.Model, january: pd.DataFrame
) -> None:
    before = ids_of(model, january)
    found = model.refresh(planted((*PLACES, (50, 2, 36)), 2))  # nearest to the first place
    assert fates(found) == {1: "kept", 2: "kept", 3: "kept", 4: "kept", 5: "born"}
    table = found.crosswalk.set_index(["from", "to"])
    stayed = table.loc[(before[0], before[0])]
    assert (stayed["customers"], stayed["share_of_from"]) == (SIZE, 1.0)
    assert found.crosswalk.customers.sum() == 5 * SIZE


def test_a_name_that_says_something_else_now_is_told(model: shoal.Model) -> None:
    found = model.refresh(
        planted((PLACES[0], (20, 20, 95), *PLACES[2:]), 1), old=planted(PLACES, 1)
    )
    assert "moved" in fates(found).values()
    assert {id for id, fate in fates(found).items() if fate == "moved"} >= set(found.outlived)
    said = [each.text for each in found.outlived.values()]
    assert any("so it was called before" in text for text in said)
    assert not model.refresh(planted(PLACES, 1)).outlived


def test_parts_and_wholes_are_told(model: shoal.Model, january: pd.DataFrame) -> None:
    before = ids_of(model, january)
    split = model.refresh(planted((*PLACES[:3], (90, 85, 20), (90, 55, 20)), 2))
    parts = {place_of(split, 3), place_of(split, 4)}
    assert parts == {before[3], 5}
    assert {each.id for each in split.segments if each.fate == "split"} == parts
    assert {each.came_from for each in split.segments if each.fate == "split"} == {(before[3],)}
    merged = model.refresh(planted((PLACES[0], (65, 40, 60), PLACES[3]), 2))
    whole = next(each for each in merged.segments if each.fate == "merged")
    assert sorted(whole.came_from) == sorted((before[1], before[2]))
    assert whole.id in whole.came_from
    assert place_of(merged, 1) == whole.id
    crossed = {(row["from"], row["to"]) for _, row in merged.crosswalk.iterrows()}
    assert {(before[1], whole.id), (before[2], whole.id)} <= crossed


def test_by_their_ids_customers_are_followed_wherever_they_go(
    model: shoal.Model, january: pd.DataFrame
) -> None:
    before = ids_of(model, january)
    gone_over = planted((PLACES[0], PLACES[0], PLACES[2], PLACES[3]), 2)
    alone = model.refresh(gone_over)
    assert fates(alone)[before[1]] == "gone"  # the model sees nobody there
    known = model.refresh(gone_over, old=model.assign(january))
    whole = next(each for each in known.segments if each.fate == "merged")
    assert sorted(whole.came_from) == sorted(before[:2])
    placed = model.refresh(gone_over, old=january)  # what is not labelled is placed
    assert placed.to_json()["segments"] == known.to_json()["segments"]
    with pytest.raises(shoal.InputError, match="in segment 9, which the model lacks"):
        model.refresh(gone_over, old=model.assign(january).assign(segment=9))


@pytest.mark.parametrize(
    ("change", "code", "said"),
    [
        (lambda t: t.assign(spent=t.spent * 100), "unit-changed", "100 times"),
        (lambda t: t.assign(age=t.age * 12), "unit-changed", "12 times"),
        (lambda t: t.assign(visits=t.visits / 1000), "unit-changed", "1/1,000 of"),
        (lambda t: t.rename(columns={"spent": "Spent (EUR)"}), "column-renamed", "its header"),
        (lambda t: t.rename(columns={"visits": "q17"}), "column-renamed", "its values"),
    ],
)
def test_columns_in_other_units_or_under_other_names_are_met(
    model: shoal.Model, january: pd.DataFrame, change: Any, code: str, said: str
) -> None:
    found = model.refresh(change(planted(PLACES, 4)))
    assert not found.refitted
    assert list(found.study.labels[::SIZE]) == ids_of(model, january)
    told = [f for f in found.study.findings if f.code == code]
    assert len(told) == 1
    assert said in told[0].message
    placed = found.model.assign(change(planted(PLACES, 4)))
    assert list(placed["segment"]) == list(found.study.labels)


def test_a_column_without_an_heir_is_asked_for(model: shoal.Model) -> None:
    table = planted(PLACES, 4).rename(columns={"visits": "q17"})
    table["q17"] = table["q17"].to_numpy()[::-1] * 40 + 9000
    with pytest.raises(shoal.InputError, match='lacks "visits", which the model needs'):
        model.refresh(table)


def test_the_folder_is_that_of_a_run_and_tells_who_went_where(
    model: shoal.Model, tmp_path: Path
) -> None:
    table = planted((*PLACES, (20, 95, 95)), 2)
    found = model.refresh(table, out=tmp_path / "feb", keep="id")
    rows = list(csv.DictReader((tmp_path / "feb/crosswalk.csv").open(encoding="utf-8")))
    assert [(r["from"], r["to"], r["customers"], r["fate"]) for r in rows] == [
        *((str(n), str(n), str(SIZE), "kept") for n in (1, 2, 3, 4)),
        ("", "5", str(SIZE), "born"),
    ]
    assert json.loads((tmp_path / "feb/summary.json").read_text("utf-8"))["k"] == 5
    assert shoal.load(tmp_path / "feb/model.json").ids == (1, 2, 3, 4, 5)
    assert found.study.outputs["crosswalk"].endswith("crosswalk.csv")
    assert found.to_json()["crosswalk"][0]["from"] == 1


def test_a_unit_is_met_where_a_longer_tail_asks_for_logarithms_now() -> None:
    places = np.repeat([20.0, 60.0], 400)

    def month(seed: int) -> pd.DataFrame:
        rng = np.random.default_rng(seed)
        return pd.DataFrame({"spent": rng.gamma(4, 50, 800), "visits": rng.normal(places, 2)})

    study = shoal.segment(month(0), by=["spent", "visits"], k=2)
    assert "heavy-tail" not in {finding.code for finding in study.findings}
    after = month(7)
    found = study.model.refresh(after.assign(spent=after.spent / 60))
    told = {finding.code: finding.message for finding in found.study.findings}
    assert "heavy-tail" in told
    assert "of what it was, as another unit" in told["unit-changed"]
    assert set(fates(found).values()) == {"kept"}
