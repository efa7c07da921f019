"""segments.xlsx, read back with openpyxl: what stands in which cell, and as what."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd
import pytest

import shoal
from shoal.output.workbook import MOST_CELLS, MOST_CUSTOMERS, cells, pages

ROWS = 120


def customers() -> pd.DataFrame:
    """Three groups, and beside them every kind of cell that Excel likes to change."""
    rng = np.random.default_rng(2)
    group = np.arange(ROWS) % 3
    frame = pd.DataFrame(
        {
            "customer_id": [f"{i:03d}" for i in range(ROWS)],
            "visits": np.array([3.0, 20.0, 40.0])[group] + rng.normal(0, 1, ROWS),
            "spend": np.array([900.0, 90.0, 300.0])[group] + rng.normal(0, 9, ROWS),
            "phone": [f"+49 30 {i}" for i in range(ROWS)],
            "note": ["=1+1", "@sum", "-3", "http://a.example/?q=<r>", "<r><t>x</t></r>", "a\x07b"]
            * (ROWS // 6),
            "serial": np.arange(ROWS) + 1234567890123456789,
            "joined": pd.to_datetime("2020-01-31") + pd.to_timedelta(np.arange(ROWS), "D"),
            "vip": group == 1,
            "name": [f"Ann {i}" for i in range(ROWS)],
        }
    )
    frame.loc[5, "spend"] = np.nan
    return frame


@pytest.fixture(scope="module")
def study() -> shoal.Study:
    return shoal.segment(customers(), k=3, by=["visits", "spend"])


@pytest.fixture(scope="module")
def book(study: shoal.Study, tmp_path_factory: pytest.TempPathFactory) -> openpyxl.Workbook:
    return openpyxl.load_workbook(study.workbook(tmp_path_factory.mktemp("book") / "s.xlsx"))


def frame_of(sheet: openpyxl.worksheet.worksheet.Worksheet) -> pd.DataFrame:
    rows = list(sheet.iter_rows(values_only=True))
    return pd.DataFrame(rows[1:], columns=rows[0])


def everybody(book: openpyxl.Workbook) -> pd.DataFrame:
    parts = [frame_of(book[name]) for name in book.sheetnames[2:]]
    return pd.concat(parts).sort_values("customer_id").reset_index(drop=True)


def test_every_customer_is_on_the_sheet_of_the_segment_with_all_columns(
    study: shoal.Study, book: openpyxl.Workbook
) -> None:
    assert book.sheetnames[:2] == ["Summary", "Profile"]
    assert len(book.sheetnames) == 5
    for number, name in enumerate(book.sheetnames[2:], 1):
        assert name.startswith(f"{number} ")
        assert set(frame_of(book[name])["segment"]) == {number}
    found, given, labels = everybody(book), customers(), study.customers
    assert found["customer_id"].tolist() == given["customer_id"].tolist()
    assert found["segment"].tolist() == labels["segment"].tolist()
    assert found["name"].tolist() == labels["name"].tolist()
    assert np.allclose(found["margin"].astype(float), labels["margin"])
    verdicts = dict(zip(study.segments.index, study.segments["verdict"], strict=True))
    assert all(
        told.startswith(verdicts[s])
        for told, s in zip(found["how sure"], labels["segment"], strict=True)
    )
    for column in ("visits", "spend"):
        assert np.allclose(found[column].astype(float), given[column], equal_nan=True)
    assert found["name (input)"].tolist() == given["name"].tolist()
    assert found["vip"].tolist() == given["vip"].tolist()


def test_text_stays_text_and_dates_are_dates(book: openpyxl.Workbook) -> None:
    found, given = everybody(book), customers()
    sheet = book[book.sheetnames[2]]
    kinds = {sheet.cell(1, at + 1).value: sheet.cell(2, at + 1) for at in range(sheet.max_column)}
    for column in ("customer_id", "phone", "note", "serial"):
        assert kinds[column].data_type == "s"
    assert found["phone"].tolist() == given["phone"].tolist()
    assert found["serial"].tolist() == [str(n) for n in given["serial"]]
    read = [openpyxl.utils.escape.unescape(text) for text in found["note"]]
    assert read == given["note"].tolist()
    assert [pd.Timestamp(day) for day in found["joined"]] == given["joined"].tolist()
    assert kinds["joined"].is_date
    assert kinds["visits"].data_type == "n"


def test_sheets_can_be_scrolled_and_sorted(book: openpyxl.Workbook) -> None:
    sheet = book[book.sheetnames[2]]
    assert sheet.freeze_panes == "B2"
    assert sheet.auto_filter.ref == f"A1:{openpyxl.utils.get_column_letter(16)}{sheet.max_row}"
    assert sheet.column_dimensions["A"].width > 8


def table_of(book: openpyxl.Workbook) -> pd.DataFrame:
    rows = list(book["Summary"].iter_rows(values_only=True))
    head = next(at for at, row in enumerate(rows) if "Segment" in row)
    end = next(at for at, row in enumerate(rows) if row[1] == "Everybody")
    return pd.DataFrame(rows[head + 1 : end + 1], columns=rows[head])


def test_the_summary_says_size_money_and_what_to_do(
    study: shoal.Study, book: openpyxl.Workbook
) -> None:
    table, given, labels = table_of(book), customers(), study.labels
    sums = given["spend"].groupby(labels).sum().tolist()
    sizes = given.groupby(labels).size().tolist()
    assert table["Customers"].tolist() == [*sizes, ROWS]
    assert np.allclose(table["% of customers"], [*(n / ROWS for n in sizes), 1])
    assert np.allclose(table["Sum of spend"], [*sums, given["spend"].sum()])
    means = given["spend"].groupby(labels).mean()
    assert np.allclose(table["Mean spend"], [*means, given["spend"].mean()])
    index = 100 * means / given["spend"].mean()
    assert np.allclose(table["Index (everybody 100)"], [*index, 100])
    assert table["Segment"][:3].tolist() == study.segments["name"].tolist()
    assert table["Do this"][:3].tolist() == study.segments["action"].tolist()
    for told, verdict in zip(table["How sure"], study.segments["verdict"], strict=False):
        assert told.startswith(verdict)
    assert len(book["Summary"]._images) == 1


def profile_of(book: openpyxl.Workbook) -> pd.DataFrame:
    rows = list(book["Profile"].iter_rows(values_only=True))
    return pd.DataFrame(rows[4:], columns=rows[3])


def test_the_profile_shows_every_column_for_everybody_and_each_segment(
    study: shoal.Study, book: openpyxl.Workbook
) -> None:
    table, given = profile_of(book), customers()
    assert list(dict.fromkeys(table["Column"])) == [*given, "days since joined"]
    mean = table[(table["Column"] == "visits") & (table["Shown"] == "mean")].iloc[0]
    by_segment = given["visits"].groupby(study.labels).mean()
    assert np.allclose(mean.tolist()[4:], [given["visits"].mean(), *by_segment])
    share = table[table["Column"] == "vip"].iloc[0]
    assert np.allclose(share.tolist()[4:], [1 / 3, *given["vip"].groupby(study.labels).mean()])


def test_codes_are_counted_not_averaged(study: shoal.Study) -> None:
    facts = study.facts
    coded = np.where(np.asarray(facts.sample.rows["vip"]), 7, 2)
    rows = facts.sample.rows.set_column(1, "visits", [coded])
    column = replace(facts.profile.column("visits"), meaning="code", distinct=2)
    kept = tuple(column if c.name == "visits" else c for c in facts.profile.columns)
    changed = replace(
        facts,
        sample=replace(facts.sample, rows=rows),
        profile=replace(facts.profile, columns=kept),
    )
    shown = list(pages._rows_of(changed, column))
    assert [(row.word, row.shown) for row in shown] == [("2", "share"), ("7", "share")]
    expected = [float((coded[facts.labels == s] == 2).mean()) for s in range(3)]
    assert np.allclose(shown[0].segments, expected)
    assert shown[0].everybody == pytest.approx(2 / 3)


def test_who_was_set_aside_has_a_sheet(tmp_path: Path) -> None:
    table = customers()
    table.loc[[3, 9], ["visits", "spend"]] = np.nan
    out = tmp_path / "out"
    shoal.segment(table, k=3, by=["visits", "spend"], out=out)
    book = openpyxl.load_workbook(out / "segments.xlsx")
    assert book.sheetnames[-1] == "Set aside"
    assert frame_of(book["Set aside"])["customer_id"].tolist() == ["003", "009"]
    assert len(everybody(book)) == ROWS
    aside = pd.read_csv(out / "set_aside.csv", dtype=str)
    assert aside["row"].tolist() == ["4", "10"]
    assert aside["customer_id"].tolist() == ["003", "009"]


def test_ids_alone(study: shoal.Study, tmp_path: Path) -> None:
    book = openpyxl.load_workbook(study.workbook(tmp_path / "s.xlsx", keep="id"))
    assert list(frame_of(book[book.sheetnames[2]])) == [
        "customer_id",
        "segment",
        "name",
        "how sure",
        "runner_up",
        "margin",
        "unlike_anyone",
    ]
    said = [row[0].value for row in book["Summary"].iter_rows() if row[0].value]
    assert any("the table's own columns were not kept" in str(line) for line in said)


def test_beyond_the_stated_size_a_note_stands_in_place_of_customers(
    study: shoal.Study, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shoal.output.workbook.MOST_CUSTOMERS", ROWS - 1)
    book = openpyxl.load_workbook(study.workbook(tmp_path / "s.xlsx"))
    assert book.sheetnames == ["Summary", "Profile"]
    said = [str(row[0].value) for row in book["Summary"].iter_rows()]
    assert any(
        line.startswith("The customers themselves are not in this workbook") for line in said
    )


def test_the_size_is_the_one_that_the_readme_states() -> None:
    readme = " ".join((Path(__file__).parents[2] / "README.md").read_text("utf-8").split())
    assert f"up to {MOST_CUSTOMERS:,} customers and {MOST_CELLS:,} cells" in readme


@pytest.mark.parametrize(
    "name",
    ["a/b\\c?d*e[f]g:h", "'quoted'", "x" * 60, "Größe · Umsatz", "", "😀" * 30, "History"],
)
def test_names_of_sheets_are_those_that_excel_takes(name: str) -> None:
    made = cells.sheet_name(4, name)
    assert made.startswith("4")
    assert not set(made) & set("[]:*?/\\")
    assert len(made.encode("utf-16-le")) <= 62
    assert not made.endswith("'")


def test_long_text_is_cut_and_early_days_are_words(tmp_path: Path) -> None:
    table = customers()
    table["note"] = "ä" * 40_000
    table["joined"] = dt.datetime(1850, 1, 1)
    book = openpyxl.load_workbook(
        shoal.segment(table, k=3, by=["visits", "spend"]).workbook(tmp_path / "s.xlsx")
    )
    found = everybody(book)
    assert found["note"][0] == "ä" * 32_766 + "…"
    assert found["joined"][0].startswith("1850-01-01")


def test_a_workbook_that_cannot_be_written_leaves_nothing(
    study: shoal.Study, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("shoal.output.workbook.CustomerSheets.add", full)
    (tmp_path / "s.xlsx").write_bytes(b"before")
    with pytest.raises(shoal.OutputError, match="No space left"):
        study.workbook(tmp_path / "s.xlsx")
    assert [path.name for path in tmp_path.iterdir()] == ["s.xlsx"]
    assert (tmp_path / "s.xlsx").read_bytes() == b"before"
