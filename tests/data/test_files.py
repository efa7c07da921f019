"""Broken files of every kind, written here, and what must become of them."""

import bz2
import gzip
import io
import zipfile
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from shoal.data.read import read
from shoal.engine.table import Table
from shoal.errors import InputError, OptionError
from shoal.findings.reading import CODES
from workbooks import workbook

HEADER = "id,sex,age,income"
ROWS = [f"{i},{'MF'[i % 2]},{20 + i % 50},{15 + i * 1.5:.1f}" for i in range(1, 61)]
CLEAN = "\n".join([HEADER, *ROWS]) + "\n"
NAMES = ["id", "sex", "age", "income"]


def whole(table: Table) -> pa.Table:
    return pa.Table.from_batches(list(table.batches()), table.schema)


def codes(table: Table) -> set[str]:
    found = {f.code for f in table.findings}
    assert found <= set(CODES)
    return found


@pytest.fixture
def put(tmp_path: Path) -> Any:
    def write(data: str | bytes, name: str = "table.csv") -> Path:
        path = tmp_path / name
        path.write_bytes(data if isinstance(data, bytes) else data.encode())
        return path

    return write


def zipped(text: str) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("inside.csv", text)
    return packed.getvalue()


# the same sixty customers, whatever was done to the file: data, codes that must be said, options
SAME = {
    "clean": (CLEAN, set(), {}),
    "semicolons and decimal commas": (CLEAN.replace(",", ";").replace(".", ","), set(), {}),
    "tabs": (CLEAN.replace(",", "\t"), set(), {}),
    "pipes": (CLEAN.replace(",", "|"), set(), {}),
    "colons": (CLEAN.replace(",", ":"), set(), {}),
    "blanks": (CLEAN.replace(",", "   "), set(), {}),
    "excel sep line": ("sep=;\n" + CLEAN.replace(",", ";"), set(), {}),
    "byte order mark": ("\ufeff" + CLEAN, set(), {}),
    "utf-16": (CLEAN.encode("utf-16"), {"encoding"}, {}),
    "utf-16 without mark": (CLEAN.encode("utf-16-le"), {"encoding"}, {}),
    "old mac lines": (CLEAN.replace("\n", "\r"), set(), {}),
    "mixed line ends": (CLEAN.replace("\n", "\r\n", 20), set(), {}),
    "NUL bytes": (CLEAN.replace("M", "M\0"), {"nul-bytes"}, {}),
    "gzip": (gzip.compress(CLEAN.encode()), {"unpacked"}, {}),
    "bzip2": (bz2.compress(CLEAN.encode()), {"unpacked"}, {}),
    "zip": (zipped(CLEAN), {"unpacked"}, {}),
    "title lines": ("Our customers 2020\n\n" + CLEAN, {"title-lines"}, {}),
    "title in the first cell": ("Our customers 2020,,,\n,,,\n" + CLEAN, {"title-lines"}, {}),
    "comments": ("# made by us\n" + CLEAN + "# end\n", {"title-lines", "comment-lines"}, {}),
    "total row": (CLEAN + "Total,,2000,5000\n", {"footer-dropped"}, {}),
    "source line": (CLEAN + "\nSource: our own shop\n", {"footer-dropped"}, {}),
    "a sentence below": (
        CLEAN + "Note: amounts in EUR, net of tax, shipping not included\n",
        {"footer-dropped"},
        {},
    ),
    "a longer sentence below": (
        CLEAN + "\nMade by the CRM team, please keep it to yourself, thank you, we mean it\n",
        {"footer-dropped"},
        {},
    ),
    "trailing separators": (CLEAN.replace("\n", ",,\n"), {"empty-columns-dropped"}, {}),
    "index column": (
        "\n".join(f"{i - 1 if i else ''},{line}" for i, line in enumerate(CLEAN.splitlines())),
        {"index-column-dropped"},
        {},
    ),
    "units below the names": (
        CLEAN.replace(HEADER, HEADER + "\n,,years,k$"),
        {"header-several-rows"},
        {},
    ),
    "another table below": (
        CLEAN + "\nproduct,price,,stock\nP1,9.5,,3\nP2,7.5,,4\n",
        {"table-left-out"},
        {},
    ),
    "header again": (CLEAN.replace("\n30,", f"\n{HEADER}\n30,"), {"header-repeated"}, {}),
    "separator changes": (CLEAN[:200].replace(",", ";") + CLEAN[200:], {"separator-mixed"}, {}),
    "open quote": (
        CLEAN.replace("12,F", '12,"F').replace("12,M", '12,"M'),
        {"quotes-unbalanced"},
        {},
    ),
    "a line of its own": (CLEAN.replace("\n30,", "\nRegion North\n30,"), {"stray-lines"}, {}),
    "notes beside": (
        CLEAN.replace("\n", ",,\n").replace("7,F,27,25.5,,", "7,F,27,25.5,,see below"),
        {"notes-beside-table"},
        {},
    ),
    "header asked": ("w,x,y,z\n" + CLEAN, set(), {"header": 2}),
}


@pytest.mark.parametrize("kind", SAME)
def test_the_same_table_comes_out(kind: str, put: Any) -> None:
    data, said, options = SAME[kind]
    table = read(put(data), **options)
    rows = whole(table)
    assert rows.column_names == NAMES
    assert [str(t) for t in rows.schema.types] == ["int64", "string", "int64", "double"]
    assert rows["id"].to_pylist() == list(range(1, 61))
    assert rows["sex"].to_pylist() == ["MF"[i % 2] for i in range(1, 61)]
    assert rows["income"].to_pylist() == [round(15 + i * 1.5, 1) for i in range(1, 61)]
    assert said <= codes(table)


REFUSED = {  # data, name, what the message must say
    "empty": ("", "t.csv", "is empty"),
    "blank lines": ("\n \n\n", "t.csv", "is empty"),
    "header only": (HEADER + "\n", "t.csv", "no rows below it"),
    "merge conflict": (
        CLEAN + "<<<<<<< HEAD\n1,M,2,3\n=======\n1,F,2,3\n>>>>>>> main\n",
        "t.csv",
        "2 merge-conflict markers",
    ),
    "git lfs": (
        "version https://git-lfs.github.com/spec/v1\noid sha256:1\nsize 3\n",
        "t.csv",
        "git lfs pull",
    ),
    "html": ("<!DOCTYPE html><html></html>", "t.csv", "web page"),
    "cut gzip": (gzip.compress((CLEAN * 50).encode())[:-300], "t.csv.gz", "cut short"),
    "cut zip": (zipped(CLEAN)[:300], "t.zip", "cut short"),
    "cut workbook": (zipped(CLEAN)[:300], "t.xlsx", "is a workbook that is damaged, cut short"),
    "cut utf-16": (CLEAN.encode("utf-16")[:-1], "t.csv", "cut short"),
    "bytes": (bytes(range(256)) * 20, "t.csv", "is no text"),
    "pdf": (b"%PDF-1.4 ...", "t.csv", "is a PDF"),
    "spss": (b"$FL2@(#) SPSS DATA FILE\0\0", "t.sav", r"frame that pandas\.read_spss makes"),
    "stata": (b"<stata_dta><header>", "t.dta", r"frame that pandas\.read_stata makes"),
    "broken workbook": (b"\xd0\xcf\x11\xe0" + b"\0" * 2000, "t.xls", "cannot be opened"),
    "broken json": ('[{"a": 1, "b":', "t.json", "cannot be read"),
    "far too ragged": (CLEAN + "1,M,2,3,4,5\n" * 20, "t.csv", "more cells than the header"),
}


@pytest.mark.parametrize("kind", REFUSED)
def test_one_clear_refusal(kind: str, put: Any) -> None:
    data, name, words = REFUSED[kind]
    with pytest.raises(InputError, match=words) as wrong:
        read(put(data, name))
    assert name.split(".")[0] in str(wrong.value)


def test_paths_that_are_no_table(tmp_path: Path, put: Any) -> None:
    put(CLEAN, "customers.csv")
    with pytest.raises(InputError, match=r'Did you mean ".*customers\.csv"'):
        read(tmp_path / "custmers.csv")
    with pytest.raises(InputError, match="folder without Parquet files"):
        read(tmp_path)
    with pytest.raises(InputError, match="No file matches"):
        read(str(tmp_path / "no*.csv"))
    with pytest.raises(InputError, match="is no table"):
        read(42)
    with pytest.raises(InputError) as wrong:
        read("postgresql://me:secret@host/shop")
    assert "secret" not in str(wrong.value)


def test_options_that_do_not_fit(put: Any) -> None:
    path = put(CLEAN)
    for options, words in (
        ({"sep": ";"}, '"," gives 4 columns'),
        ({"decimal": ","}, r'say decimal="\."'),
        ({"decimal": "x"}, "a dot or a comma"),
        ({"encoding": "klingon"}, "no encoding"),
        ({"header": 99}, "beyond"),
        ({"sheet": "x"}, "no sheets"),
    ):
        with pytest.raises(OptionError, match=words):
            read(path, **options)


def test_no_header_is_no_customer_lost(put: Any) -> None:
    table = read(put("\n".join(ROWS)))
    assert whole(table).num_rows == 60
    assert table.schema.names == ["column_1", "column_2", "column_3", "column_4"]
    assert table.read_as.header_row is None
    assert "no-header" in codes(table)


@pytest.mark.parametrize(
    ("spent", "paid", "decimal"),
    [("3,15", "1,11", ","), ("3.15", "1,11", None), ("3.15", "1.11", "."), ("3", "1", ".")],
)
def test_one_decimal_mark_is_told_only_where_columns_agree(spent, paid, decimal, tmp_path) -> None:
    lines = [f"{i};{i}{spent};{i}{paid}" for i in range(1, 40)]
    file = tmp_path / "t.csv"
    file.write_text("\n".join(["ID;Spent;Paid", *lines]))
    table = read(file)
    assert table.read_as.decimal == decimal
    first = whole(table).slice(0, 1).to_pylist()[0]
    assert first["Spent"] == float(f"1{spent}".replace(",", "."))
    assert first["Paid"] == float(f"1{paid}".replace(",", "."))


def test_ragged_rows_are_counted(put: Any) -> None:
    short = read(put(CLEAN.replace("\n8,M,28,27.0", "\n8,M")))
    assert whole(short)["age"].null_count == 1
    assert "too few cells: 1, the first in line 9" in next(
        f.message for f in short.findings if f.code == "ragged-rows"
    )
    long = read(put(CLEAN.replace("\n8,M,28,27.0", "\n8,M,28,27.0,99")))
    assert whole(long).num_rows == 60
    assert "too many cells: 1, the first in line 9" in next(
        f.message for f in long.findings if f.code == "ragged-rows"
    )


def test_line_breaks_inside_quotes(put: Any) -> None:
    table = read(put(HEADER + ",note\n" + "\n".join(r + ',"two\nlines"' for r in ROWS)))
    assert whole(table)["note"].to_pylist() == ["two\nlines"] * 60


def test_names_are_unique(put: Any) -> None:
    table = read(put("a,a,,b\n" + "\n".join(f"{i},{i * 2},x,1.5" for i in range(1, 20))))
    assert table.schema.names == ["a", "a (2)", "column_3", "b"]
    assert {"duplicate-names", "unnamed-columns"} <= codes(table)


def test_windows_letters(put: Any) -> None:
    table = read(
        put(
            "name;price\n" + "\n".join(f"José;{i}.234,50 €" for i in range(1, 9)), "t.csv"
        ).with_name("t.csv")
    )
    assert table.read_as.encoding == "utf-8"
    path = put(
        ("name;price\n" + "\n".join(f"José;{i}.234,50\u00a0€" for i in range(1, 9))).encode(
            "cp1252"
        )
    )
    table = read(path)
    assert table.read_as.encoding == "cp1252"
    assert table.read_as.decimal == ","
    assert whole(table)["price"].to_pylist() == [i * 1000 + 234.5 for i in range(1, 9)]
    assert whole(table)["name"][0].as_py() == "José"


def test_globs_and_folders(tmp_path: Path) -> None:
    import pyarrow.parquet as pq

    (tmp_path / "b.csv").write_text("id,v\n3,1.5\n4,2.5\n")
    (tmp_path / "a.csv").write_text("id,v\n1,1\n2,2\n")
    both = whole(read(str(tmp_path / "*.csv")))
    assert both.to_pydict() == {"id": [1, 2, 3, 4], "v": [1.0, 2.0, 1.5, 2.5]}
    (tmp_path / "c.csv").write_text("id,w\n1,1\n")
    with pytest.raises(InputError, match=r'c\.csv" does not have the columns of .*lacks "v"'):
        read(str(tmp_path / "*.csv"))
    for year in (2020, 2021):
        (tmp_path / "hive" / f"year={year}").mkdir(parents=True)
        pq.write_table(
            pa.table({"id": [year * 10, year * 10 + 1]}),
            tmp_path / "hive" / f"year={year}" / "part.parquet",
        )
    assert whole(read(tmp_path / "hive")).to_pydict() == {
        "id": [20200, 20201, 20210, 20211],
        "year": [2020, 2020, 2021, 2021],
    }


def test_excel_sheets(put: Any) -> None:
    customers = [
        ["Report"],
        [],
        ["id", "when", "spend"],
        [1, "2020-01-31", 1.5],
        [2, "2020-02-28", 2],
        [3, "2020-03-01", None],
        ["Total", None, 3.5],
    ]
    path = put(workbook({"Notes": [["just", "words"]], "Customers": customers}), "book.xlsx")
    table = read(path)
    assert (table.read_as.format, table.read_as.sheet, table.read_as.header_row) == (
        "excel",
        "Customers",
        3,
    )
    assert whole(table)["id"].to_pylist() == [1, 2, 3]
    assert whole(table)["spend"].to_pylist() == [1.5, 2.0, None]
    assert {"sheet-chosen", "footer-dropped"} <= codes(table)
    with pytest.raises(OptionError, match='Did you mean "Customers"'):
        read(path, sheet="Custmers")
    assert "other-format" in codes(read(put(path.read_bytes(), "book.csv")))
