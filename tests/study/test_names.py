"""Names that people give to segments: kept wherever the segment is spoken of."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import shoal


@pytest.fixture(scope="module")
def table() -> pd.DataFrame:
    rng = np.random.default_rng(0)
    spent = np.concatenate([rng.normal(m, 1, 60) for m in (10, 30, 50)])
    return pd.DataFrame({"spent": spent, "visits": spent * 2 + rng.normal(0, 1, 180)})


def test_names_that_were_asked_for_are_everywhere(table, tmp_path):
    study = shoal.segment(table, names={3: "  Weekend   families "})
    assert study.segments.loc[3, "name"] == "Weekend families"
    assert study.portraits[2].name_evidence == ('"Weekend families": so you named it',)
    assert study.model.names[2] == "Weekend families"
    assert "Weekend families" in set(study.assign(table)["name"])
    study.report(tmp_path / "r.html")
    assert "Weekend families" in (tmp_path / "r.html").read_text("utf-8")


def test_a_study_and_a_model_are_renamed_without_being_changed(table, tmp_path):
    study = shoal.segment(table)
    other = study.renamed({1: "Sleepers"})
    assert (other.segments.loc[1, "name"], other.portraits[0].name) == ("Sleepers", "Sleepers")
    assert study.portraits[0].name == study.segments.loc[1, "name"] != "Sleepers"
    assert (other.labels == study.labels).all()
    path = study.save(tmp_path / "m.json")
    shoal.load(path).renamed({1: "Sleepers"}).save(path)
    again = shoal.load(path)
    assert again.names[0] == again.about["segments"][0]["name"] == "Sleepers"
    assert again.names[1:] == study.model.names[1:]


@pytest.mark.parametrize(
    ("names", "message"),
    [
        ({4: "x"}, 'There is no segment 4 to be called "x". Segments are numbered from 1 to 3.'),
        ({1: "x", 2: "X"}, 'Segments 1 and 2 would both be called "x"'),
        (["x"], 'names must say which segment has which name: names={3: "Weekend families"}.'),
        ({"one": "x"}, '"one" is no number of a segment. They count from 1: '),
    ],
)
def test_names_that_cannot_be_are_refused(table, names, message):
    with pytest.raises(shoal.OptionError) as refused:
        shoal.segment(table, names=names)
    assert message in str(refused.value)
