"""Careless tables: each is done right, or refused with one clear message.

None is wrong in silence.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import shoal
from shoal.cli import demo_data as demo

INCOME, SCORE = "Annual Income (k$)", "Spending Score (1-100)"
HEADER = f"CustomerID,Gender,Age,{INCOME},{SCORE}\n"


@pytest.fixture
def base() -> pd.DataFrame:
    return pd.DataFrame(demo.rows(120), columns=["CustomerID", "Gender", "Age", INCOME, SCORE])


def codes(study: shoal.Study) -> set[str]:
    return {f.code for f in study.findings}


def test_missing_values_are_filled_and_said(base: pd.DataFrame) -> None:
    base.loc[::10, INCOME] = np.nan
    study = shoal.segment(base, k=5)
    assert "gaps" in codes(study)
    assert any("12 gaps filled" in f.words for f in study.recipe.features)
    assert (study.labels > 0).all()


def test_a_constant_column_does_nothing(base: pd.DataFrame) -> None:
    study = shoal.segment(base.assign(x=1), k=5)
    assert "constant" in codes(study)
    assert study.facts.segmentation.basis == (INCOME, SCORE)


def test_ids_and_text_never_form_segments(base: pd.DataFrame) -> None:
    study = shoal.segment(
        base.assign(remark=[f"remark {i} of a customer" for i in range(120)]), k=5
    )
    assert study.facts.segmentation.basis == (INCOME, SCORE)
    assert study.profile.column("remark").role == "ignore"


def test_gender_as_text_describes_or_forms_as_asked(base: pd.DataFrame) -> None:
    study = shoal.segment(base, by=["Gender", INCOME], k=4)
    assert [f.kind for f in study.recipe.features] == ["number", "category"]
    assert study.k == 4


def test_infinite_values_are_gaps(base: pd.DataFrame) -> None:
    base[INCOME] = base[INCOME].astype(float)
    base.loc[3, INCOME] = np.inf
    base.loc[4, INCOME] = -np.inf
    study = shoal.segment(base, k=5)
    assert "infinite" in codes(study)
    assert study.recipe.features[0].filled == 2
    assert (study.labels > 0).all()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "empty"),
        (HEADER, "no rows"),
        (HEADER + "1,Male,20,30,40\n2,Male,21,31,41\n3,Male,22,32,42\n", "too few for 5 segments"),
        (HEADER + "1,Male,20,30,40\n" * 8, "it is constant"),
    ],
    ids=["empty file", "header only", "three rows and five segments", "all the same"],
)
def test_too_little(tmp_path: Path, content: str, said: str) -> None:
    (tmp_path / "t.csv").write_text(content)
    with pytest.raises(shoal.InputError, match=said):
        shoal.segment(tmp_path / "t.csv", k=5)


def test_three_rows_without_k_still_work_or_say_why(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text(HEADER + "1,Male,20,30,40\n2,Male,21,90,41\n3,Male,22,32,92\n")
    study = shoal.segment(tmp_path / "t.csv")
    assert study.k == 2
    assert not study.choice.structure


def test_everything_missing(base: pd.DataFrame) -> None:
    with pytest.raises(shoal.InputError, match="no column that segments could be formed on"):
        shoal.segment(base.assign(**{INCOME: np.nan, SCORE: np.nan})[["CustomerID", INCOME, SCORE]])


def test_a_table_pasted_three_times(base: pd.DataFrame) -> None:
    study = shoal.segment(pd.concat([base] * 3), k=5)
    assert {"duplicate-rows", "duplicate-ids"} <= codes(study)
    assert any("pasted several times" in f.message for f in study.findings)


def test_two_different_customers_only() -> None:
    table = pd.DataFrame({"income": [1.0, 9.0] * 30, "score": [2.0, 5.0] * 30})
    with pytest.raises(
        shoal.InputError, match=r"2 differ, .* too few for 5 segments\. Use k=2 at most"
    ):
        shoal.segment(table, k=5)
    assert shoal.segment(table).segments["size"].tolist() == [30, 30]


@pytest.mark.parametrize("encoding", ["cp1252", "utf-16", "utf-8-sig"])
def test_encodings(base: pd.DataFrame, tmp_path: Path, encoding: str) -> None:
    table = base.rename(columns={INCOME: "Jährliches Einkommen (k€)"})
    table.to_csv(tmp_path / "t.csv", index=False, encoding=encoding)
    assert shoal.segment(tmp_path / "t.csv", k=5).facts.segmentation.basis == (
        "Jährliches Einkommen (k€)",
        SCORE,
    )


def test_semicolons_and_decimal_commas(base: pd.DataFrame, tmp_path: Path) -> None:
    table = base.assign(**{INCOME: base[INCOME] + 0.5})
    table.to_csv(tmp_path / "t.csv", index=False, sep=";", decimal=",")
    study = shoal.segment(tmp_path / "t.csv", k=5)
    assert (study.profile.read_as.sep, study.profile.read_as.decimal) == (";", ",")
    assert study.profile.column(INCOME).sum == pytest.approx(table[INCOME].sum())


def test_money_as_text(base: pd.DataFrame) -> None:
    table = base.assign(**{INCOME: [f"${v * 1000:,}" for v in base[INCOME]]})
    study = shoal.segment(table, k=5)
    assert study.profile.column(INCOME).sum == pytest.approx(1000 * base[INCOME].sum())
    assert study.facts.segmentation.basis == (INCOME, SCORE)


def test_one_bad_cell(base: pd.DataFrame) -> None:
    table = base.astype({INCOME: object})
    table.loc[17, INCOME] = "n/a?"
    study = shoal.segment(table.astype({INCOME: str}), k=5)
    assert study.profile.column(INCOME).missing == 1
    said = [f.message for f in study.findings if f.column == INCOME and "n/a?" in f.message]
    assert said, [f.message for f in study.findings]


def test_a_typing_error_does_not_eat_the_segments(base: pd.DataFrame) -> None:
    clean = shoal.segment(base, k=5)
    typo = base.copy()
    typo.loc[60, INCOME] = 137_000_000
    study = shoal.segment(typo, k=5)
    assert "far-out" in codes(study)
    assert study.segments["size"].min() >= 5
    assert (clean.labels == study.labels).mean() > 0.95
    assert study.customers["unlike_anyone"][60]


def test_a_merge_conflict_is_refused(tmp_path: Path) -> None:
    rows = "".join(f"{i},Male,20,{i},{i % 9}\n" for i in range(20))
    (tmp_path / "t.csv").write_text(
        f"<<<<<<< HEAD\n{HEADER}{rows}=======\n{HEADER}{rows}>>>>>>> main\n"
    )
    with pytest.raises(shoal.InputError, match="merge"):
        shoal.segment(tmp_path / "t.csv")


def test_a_structureless_cloud_is_called_so() -> None:
    cloud = np.exp(np.random.default_rng(2).normal(size=(400, 3)))
    study = shoal.segment(pd.DataFrame(cloud, columns=["spent", "visits", "basket"]))
    assert not study.choice.structure
    assert "no-natural-groups" in codes(study)


def test_a_folder_a_missing_file_and_no_permission(tmp_path: Path, sample_file: Path) -> None:
    import os

    (tmp_path / "empty").mkdir()
    with pytest.raises(shoal.InputError, match="empty"):
        shoal.segment(tmp_path / "empty")
    with pytest.raises(shoal.InputError, match=r"sample_custmers\.csv"):
        shoal.segment(tmp_path / "sample_custmers.csv")
    sample_file.chmod(0)
    if os.access(sample_file, os.R_OK):
        pytest.skip("this user may read everything")
    with pytest.raises(shoal.InputError, match=r"[Pp]ermission"):
        shoal.segment(sample_file)
