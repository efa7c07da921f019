"""Nothing that names a person stands anywhere but in labelled files: searched byte for byte."""

from __future__ import annotations

import csv
import json
import re
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd
import pytest
from matplotlib.text import Text

import shoal
from people_kit import ROWS, met, people
from shoal.cli.main import main

LABELLED = (
    "customers.csv",
    "segments.xlsx",
)  # where persons may stand: the second has sheets of them


def written(folder: Path) -> Iterator[tuple[str, str]]:
    """The texts of a folder of results, but for labelled customers."""
    for path in sorted(folder.rglob("*")):
        if path.is_dir() or path.name in LABELLED or path.suffix == ".png":
            continue
        yield path.name, path.read_text("utf-8", errors="strict")
    with zipfile.ZipFile(folder / "segments.xlsx") as book:
        for sheet in ("sheet1.xml", "sheet2.xml"):  # summary and profile
            yield sheet, book.read(f"xl/worksheets/{sheet}").decode()


def test_no_figure_and_no_sheet_of_segments_names_a_person(tmp_path: Path) -> None:
    """Words of figures are pixels in PNG files: they are searched before they are drawn."""
    frame = people()
    frame["zuständig"] = np.array(["Kowalczyk", "Esposito", "Lindqvist"])[np.arange(ROWS) % 3]
    private = re.compile("|".join(["Kowalczyk", "Esposito", "Lindqvist"]))
    study = shoal.segment(frame, id="E-Mail", k=3, k_max=3, out=tmp_path / "out")
    figures = [getattr(study.plot, name)() for name in dir(study.plot)]
    words = [each.get_text() for figure in figures for each in figure.findobj(Text)]
    assert "spent" in words
    book = openpyxl.load_workbook(study.workbook(tmp_path / "segments.xlsx"))
    cells = [c for s in book.worksheets[:2] for row in s.iter_rows(values_only=True) for c in row]
    words += [str(cell) for cell in cells if cell is not None]
    with zipfile.ZipFile(tmp_path / "segments.xlsx") as parts:
        others = [n for n in parts.namelist() if not n.startswith(("xl/worksheets/", "xl/shared"))]
        words += [parts.read(name).decode("latin-1") for name in others]
    for path in tmp_path.rglob("*.png"):
        words.append(path.read_bytes().decode("latin-1"))
    for name, text in written(tmp_path / "out"):
        assert not private.search(text), name
    every = "\n".join(words)
    assert met(every) == set()
    assert not private.search(every)


def run(*arguments: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "shoal", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=False)


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("people") / "people.csv"
    people().to_csv(path, index=False)
    return path


@pytest.mark.parametrize("key", [None, "E-Mail"], ids=["rows", "e-mail as id"])
def test_persons_stand_in_labelled_files_alone(
    table: Path, tmp_path: Path, key: str | None
) -> None:
    asked = () if key is None else ("--id", key)
    done = run("segment", table, "--out", tmp_path / "out", *asked, "-v")
    looked = run("inspect", table, "--out", tmp_path / "inspect.html", *asked)
    as_json = run("inspect", table, "--json", *asked)
    told = dict(written(tmp_path / "out"))
    told |= {
        "stdout": done.stdout,
        "stderr": done.stderr,
        "terminal": looked.stdout + looked.stderr,
    }
    told |= {"page": (tmp_path / "inspect.html").read_text("utf-8"), "json": as_json.stdout}
    assert done.returncode == looked.returncode == as_json.returncode == 0
    assert {name: found for name, text in told.items() if (found := met(text))} == {}
    assert json.loads(told["summary.json"])["basis"] == ["spent", "visits"]
    with open(tmp_path / "out" / "customers.csv", encoding="utf-8", newline="") as file:
        labelled = list(csv.DictReader(file))
    assert [row["Telefon"] for row in labelled] == list(people()["Telefon"])
    assert [row["E-Mail"] for row in labelled] == list(people()["E-Mail"])


def broken(folder: Path, table: Path) -> list[tuple[object, ...]]:
    """Commands on tables and texts of persons that cannot be done."""
    text = table.read_text("utf-8")
    lines = text.splitlines()
    row, other = lines[1], lines[2]
    files = {
        "one.csv": row,
        "no_header.csv": f"{row}\n",
        "header_alone.csv": "Annika Ackermann,+49 30 5550100,annika@beispiel.example\n",
        "ragged.csv": "\n".join([lines[0], *(f"{line},x,y" for line in lines[1:60])]),
        "half.json": '[{"mail": "' + "annika@beispiel.example, " * 400,
        "records.json": json.dumps({"annika@beispiel.example": "Annika Ackermann"}),
        "names.csv": "Name\n" + "\n".join(people()["Name"]),
        "mails.csv": "id,mail\n" + "\n".join(f"{i},{m}" for i, m in enumerate(people()["E-Mail"])),
        "two.csv": f"a,b\n1,2\n\n{row}\n" + "\n".join(lines[1:40]),
        "bad.toml": '["Name"]\nmeaning = "annika@beispiel.example"\n',
        "columns.toml": '["Annika Ackermann"\n',
        "bytes.csv": row + "\0" * 900,
        "model.json": json.dumps({"format": "annika@beispiel.example"}),
        "conflict.csv": f"{lines[0]}\n<<<<<<< ours\n{row}\n=======\n{other}\n>>>>>>> theirs\n",
    }
    for name, content in files.items():
        (folder / name).write_text(content, "utf-8")
    on = {name: folder / name for name in files}
    tried: list[tuple[object, ...]] = [("segment", path) for path in on.values()]
    tried += [
        ("segment", table, "--by", "Vorname"),
        ("segment", table, "--by", "Name"),
        ("segment", table, "--value", "Telefon"),
        ("segment", table, "--value", "betreuer"),
        ("segment", table, "--describe", "referred_by"),
        ("segment", table, "--outcome", "betreuer=Klaus"),
        ("segment", table, "--columns", on["bad.toml"]),
        ("segment", table, "--columns", on["columns.toml"]),
        ("segment", table, "--k", "1000"),
        ("segment", table, "--orders"),
        ("orders", table, "--customer", "E-Mail", "--date-column", "Name"),
        ("orders", table, "--customer", "E-Mail", "--date-column", "spent", "--amount", "Telefon"),
        ("assign", on["model.json"], table),
        ("inspect", table, "--sep", ";"),
    ]
    return tried


def test_no_error_quotes_a_person(
    table: Path,
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    recwarn: pytest.WarningsRecorder,
) -> None:
    failed = 0
    for command in broken(tmp_path, table):
        monkeypatch.setattr("sys.argv", ["shoal", *map(str, command)])
        failed += main() == 2
        done = capfd.readouterr()
        told = "".join([done.out, done.err, *(str(each.message) for each in recwarn)])
        typed = set(map(str, command))
        assert met(told) - typed == set(), (command, told)
        assert "Traceback" not in told
    assert failed >= 15


@pytest.mark.parametrize(
    "wrong",
    [
        lambda frame: shoal.segment(frame, columns=frame),
        lambda frame: shoal.segment(frame.to_json(orient="records")),
        lambda frame: shoal.segment(frame.to_csv(index=False)),
        lambda frame: shoal.segment(frame.to_dict("records")[0]),
        lambda frame: shoal.segment(frame, names=frame),
        lambda frame: shoal.segment(frame, date=frame),
        lambda frame: shoal.segment(frame, k=frame),
        lambda frame: shoal.segment(frame, weights={"Name": frame["Name"]}),
        lambda frame: shoal.read(list(frame["Name"])),
    ],
)
def test_no_error_of_python_quotes_a_person(wrong) -> None:
    with pytest.raises((shoal.ShoalError, ValueError, TypeError)) as raised:
        wrong(people())
    assert met(str(raised.value)) == set()


def test_what_is_asked_for_stands_in_the_report(table: Path, tmp_path: Path) -> None:
    """Typical customers are told by number; by their ids only where somebody wants it."""
    study = shoal.segment(people(), id="E-Mail", k=3, k_max=3)
    quiet = study.report(tmp_path / "quiet.html").read_text("utf-8")
    asked = study.report(tmp_path / "asked.html", show_ids=True).read_text("utf-8")
    first = study.portraits[0]
    rows = [int(study.facts.sample.index[i]) + 1 for i in first.typical]
    assert f"Typical customers: rows {rows[0]}, {rows[1]} and {rows[2]} of the table" in quiet
    assert [people()["E-Mail"][row - 1] for row in rows] == list(first.typical_ids)
    assert f"Typical customers: {', '.join(first.typical_ids)}" in asked


def test_a_persons_word_decides(tmp_path: Path) -> None:
    """Who says that a column is a code has its words in the report."""
    said = {"betreuer": {"meaning": "code", "role": "describe"}}
    study = shoal.segment(people(), columns=said)
    assert study.profile.column("betreuer").top[0][0] in ("Oliver Trautmann", "Sabine Wagenknecht")
    with pytest.raises(
        shoal.OptionError, match=r'describe names "betreuer", whose cells name pers'
    ):
        shoal.segment(people(), describe="betreuer")


@pytest.mark.parametrize(
    ("name", "cells", "private"),
    [
        ("prenom", ["Émile", "Chloé", "Noël"], True),
        ("Nom", ["Dubois", "Lefèvre"], True),
        ("nome", ["Rossi", "Bianchi"], True),
        ("product name", ["Anna", "Ivar", "Lotte"], True),  # most of them are given names
        ("product name", ["Billy", "Poäng", "Klippan"], False),
        ("city", ["San Diego", "San Francisco", "Paris"], False),
        ("city", ["Charlotte", "Austin", "Boston"], False),
        ("betreut", ["Müller", "Schmidt", "Weber"], True),  # no given name beside them
        ("rep", ["Dr. Lefèvre", "O'Brien, K.", "Kowalska", "van"], True),
        ("seller_code", ["MÜLLER", "GARCÍA-LÓPEZ", "JANSEN"], True),
        ("colour", ["Braun", "Schwarz", "Weiss", "Schmidt"], False),
        ("plan", ["Basic", "Winter", "Kaiser", "Gold"], False),
        ("state", ["Washington", "Lincoln", "Jackson"], False),
        ("owner", ["Sara Müller", "Jean-Luc Moreau"], True),
        ("source", ["web", "ann@shop.example", "shop"], True),
        ("contact", ["cellular", "telephone", "unknown"], False),
        ("street", ["Pave", "Grvl"], False),
        ("phone", ["iPhone", "Galaxy"], False),
        ("line", ["(030) 555 0100", "030/555 0101"], True),
        ("account", ["DE89 3704 0044 0532 0130 00", "FR14 2004 1010 0505 0001 3M02 606"], True),
        ("size", ["10-20", "20-50", "50-100"], False),
        ("day", ["01.02.2024", "02.02.2024"], False),
        ("color", ["rosa", "blau", "rot"], False),
    ],
)
def test_columns_that_name_persons(name: str, cells: list[str], private: bool) -> None:
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({"spent": rng.normal(10, 2, 120), name: np.resize(cells, 120)})
    column = shoal.inspect(frame).column(name)
    assert column.private == private
    assert (column.top == () and column.min is None) == private or column.kind == "date"
