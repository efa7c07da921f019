"""Somebody asks to be forgotten: their rows go, everything else stays as it was."""

from __future__ import annotations

import hashlib
import shutil
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner

import shoal
from shoal.cli.main import app
from shoal.errors import InputError, OptionError
from shoal.persons.forgotten import without_csv


def customers() -> pd.DataFrame:
    """Sixty customers of two kinds, the seventh without a value in what forms segments."""
    rng = np.random.default_rng(3)
    at = np.arange(60)
    frame = pd.DataFrame(
        {
            "customer_id": [f"K{i:03d}" for i in at],
            "spent": np.where(at % 2, 90.0, 10.0) + rng.normal(0, 1, 60),
            "visits": np.where(at % 2, 30.0, 5.0) + rng.normal(0, 1, 60),
            "E-Mail": [f"ann.{i}@shop.example" for i in at],
            "note": ['said "hello",\nthen & left' if i == 8 else f"wrote {i} times" for i in at],
        }
    )
    frame.loc[6, ["spent", "visits"]] = None
    return frame


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Results with ids shown, labels as Parquet, and audiences in folders of their own."""
    out: Path = tmp_path_factory.mktemp("made") / "results"
    table = customers()
    study = shoal.segment(table, k=2, by=["spent", "visits"], out=out, show_ids=True)
    study.write_customers(out / "labels.parquet")
    model = out / "model.json"
    shoal.audience(model, table, out=out / "autumn", hold_out=0.3)
    shoal.audience(model, table, out=out / "meta", format="meta", hold_out=0.3)
    (out / "mine.csv").write_text("customer_id,x\nK007,1\n")
    return out


@pytest.fixture
def folder(made: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(made, tmp_path / "results"))


def bodies(folder: Path) -> dict[str, bytes]:
    """What stands in each file; of a workbook in its sheets."""
    found = {}
    for path in sorted(p for p in folder.rglob("*") if p.is_file()):
        body = path.read_bytes()
        if path.suffix == ".xlsx":
            with zipfile.ZipFile(path) as book:
                body = b"".join(book.read(name) for name in book.namelist())
        found[path.relative_to(folder).as_posix()] = body
    return found


def went(told: dict[str, object], folder: Path) -> dict[str, int]:
    files: list[dict[str, object]] = told["files"]  # type: ignore[assignment]
    return {Path(str(f["file"])).relative_to(folder).as_posix(): int(str(f["rows"])) for f in files}


def test_a_customer_is_nowhere_and_all_others_are_as_they_were(made: Path, folder: Path) -> None:
    """K008, whose note is of two lines and has marks, is not held out; K007 and mine.csv stay."""
    before = bodies(folder)
    told = shoal.forget("K008", folder)
    after = bodies(folder)
    number = int(pd.read_csv(folder / "customers.csv").set_index("customer_id").segment["K010"])
    assert went(told, folder) == {
        f"autumn/audience-{number}.csv": 1,
        "autumn/members.csv": 1,
        "customers.csv": 1,
        "labels.parquet": 1,
        f"meta/audience-{number}-meta.csv": 1,
        "meta/members.csv": 1,
        "segments.xlsx": 1,
    }
    assert told["rows_removed"] == 7
    hashed = hashlib.sha256(b"ann.8@shop.example").hexdigest().encode()
    shown = {Path(path).relative_to(folder).as_posix() for path in told["make_anew"]}
    assert shown == {"report.html"}
    for name, body in after.items():
        gone = (b"K008", b"ann.8@shop", b"then & left", b"then &amp; left", hashed)
        assert name in shown or not any(text in body for text in gone), name
    lines = before["customers.csv"].split(b'"K008"')
    assert after["customers.csv"] == lines[0] + b'"K009"' + lines[1].partition(b'"K009"')[2]
    changed = {name for name in before if before[name] != after[name]}
    assert changed == set(went(told, folder))
    labels = pd.read_parquet(made / "labels.parquet")
    left = labels[labels.customer_id != "K008"].reset_index(drop=True)
    pd.testing.assert_frame_equal(pd.read_parquet(folder / "labels.parquet"), left)
    sheets = pd.read_excel(folder / "segments.xlsx", sheet_name=None)
    rows = pd.concat([s for name, s in sheets.items() if name not in ("Summary", "Profile")])
    ids = [f"K{i:03d}" for i in range(60) if i != 8]
    assert sorted(rows["customer_id"]) == ids
    (folder / "report.html").unlink()
    with pytest.raises(InputError, match="Nothing in"):
        shoal.forget("K008", folder)


def test_who_was_set_aside_or_held_out_is_forgotten_as_well(folder: Path) -> None:
    members = pd.read_csv(folder / "meta" / "members.csv")
    held = members[members.is_holdout].customer_id.iloc[0]
    sizes = [len(p.read_bytes()) for p in sorted((folder / "meta").glob("audience-*"))]
    assert "meta/members.csv" in went(shoal.forget(held, folder), folder)
    assert sizes == [len(p.read_bytes()) for p in sorted((folder / "meta").glob("audience-*"))]
    assert went(shoal.forget("K006", folder), folder) == {
        "customers.csv": 1,
        "labels.parquet": 1,
        "segments.xlsx": 1,
        "set_aside.csv": 1,
    }


def test_nothing_changes_where_it_cannot_be_whole(folder: Path, tmp_path: Path) -> None:
    before = bodies(folder)
    for asked in ("k008", "K8", " K008", "customer_id", "008"):
        with pytest.raises(InputError, match="to the letter") as said:
            shoal.forget(asked, folder)
        assert asked not in str(said.value).replace("customer_id", "") or asked == "customer_id"
    with zipfile.ZipFile(folder / "segments.xlsx", "a") as book:
        book.writestr("xl/sharedStrings.xml", "<sst/>")
    with pytest.raises(InputError, match="changed by another program"):
        shoal.forget("K008", folder)
    (folder / "segments.xlsx").unlink()
    assert bodies(folder) == {k: v for k, v in before.items() if k != "segments.xlsx"}
    (folder / "labels.parquet").write_bytes(b"PAR1")
    with pytest.raises(InputError, match="cannot be read"):
        shoal.forget("K008", folder)
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputError, match="holds no files of shoal's"):
        shoal.forget("K008", tmp_path / "empty")
    for id, place in (("K008", tmp_path / "none"), ("", folder)):
        with pytest.raises(OptionError):
            shoal.forget(id, place)


def test_the_command_says_what_went_and_ends_with_2_where_nothing_did(folder: Path) -> None:
    told = CliRunner().invoke(app, ["forget", "K008", str(folder)])
    assert told.exit_code == 0, told.output
    assert told.output.count(": 1 row taken out") == 7
    assert "report.html shows this id: delete it, or segment anew." in told.output
    assert "K008" not in told.output
    again = CliRunner().invoke(app, ["forget", "K8", str(folder)])
    assert isinstance(again.exception, InputError)
    assert again.exception.exit_code == 2


def test_numbers_are_compared_as_they_stand(tmp_path: Path) -> None:
    """Rows of a table without ids go by their numbers; 1 is neither 11 nor 1.0."""
    frame = customers()[["spent", "visits"]].dropna()
    (tmp_path / "r").mkdir()
    shoal.segment(frame, k=2).write_customers(tmp_path / "r" / "customers.csv")
    assert went(shoal.forget(1, tmp_path / "r"), tmp_path / "r") == {"customers.csv": 1}
    with pytest.raises(InputError):
        shoal.forget("2.0", tmp_path / "r")
    table = tmp_path / "t.csv"
    table.write_bytes(b'id,note\r\n1,"a\rb"\r\n11,\xff\r\n1,\r\n')
    assert without_csv(table, tmp_path / "u.csv", lambda cells: cells[0] == "1") == 2
    assert (tmp_path / "u.csv").read_bytes() == b"id,note\r\n11,\xff\r\n"
