"""Tables that come in another writing than comma separated text."""

from __future__ import annotations

from pathlib import Path

import pytest

import shoal

ROWS = range(12)
NAMES = ["id", "spent", "town"]
BODY = [("K0", 0.5, "Bonn"), ("K11", 11.5, "Bonn")]  # the first and the last row


def lines(form: str) -> str:
    """A line for each row, from a form such as "K{i},{i}.5"."""
    return "".join(form.replace("{i}", str(i)) for i in ROWS)


PRINTS = {
    "psql": " id | spent | town \n----+-------+------\n"
    + lines(" K{i} |   {i}.5 | Bonn\n")
    + "(12 rows)\n\nTime: 1.2 ms\n",
    "mysql": "+----+-------+------+\n| id | spent | town |\n+----+-------+------+\n"
    + lines("| K{i} |  {i}.5 | Bonn |\n")
    + "+----+-------+------+\n12 rows in set (0.00 sec)\n",
    "markdown": "| id | spent | town |\n|---:|:-----:|------|\n" + lines("|K{i}|{i}.5|Bonn|\n"),
    "duckdb": "┌─────────┬────────┬─────────┐\n│   id    │ spent  │ town    │\n"
    "│ varchar │ double │ varchar │\n├─────────┼────────┼─────────┤\n"
    + lines("│ K{i} │ {i}.5 │ Bonn │\n")
    + "└─────────┴────────┴─────────┘\n",
    "sqlcmd": "id,spent,town\n---,-----,----\n"
    + lines("K{i},{i}.5,Bonn\n")
    + "\n(12 rows affected)\n",
    "tibble": "# A tibble: 12 × 3\n   id    spent town\n   <chr> <dbl> <chr>\n"
    + lines("{i} K{i} {i}.5 Bonn\n"),
    "pandas": "    id  spent  town\n"
    + "".join(f"{i:<3} K{i:<3} {i}.5  Bonn\n" for i in ROWS)
    + "\n[12 rows x 3 columns]\n",
    "clickhouse": "   ┌─id─┬─spent─┬─town─┐\n"
    + lines("{i}. │ K{i} │ {i}.5 │ Bonn │\n")
    + "   └────┴───────┴──────┘\n\n12 rows in set. Elapsed: 0.002 sec.\n",
    "sqlite3": "id   spent  town\n---  -----  ----\n" + lines("K{i}   {i}.5  Bonn\n"),
}
PRINTS |= {
    "psql upright": lines("-[ RECORD {i} ]--\nid    | K{i}\nspent | {i}.5\ntown  | Bonn\n"),
    "mysql upright": lines(
        "********** {i}. row **********\n   id: K{i}\nspent: {i}.5\n town: Bonn\n"
    )
    + "12 rows in set (0.00 sec)\n",
}
CASES = PRINTS | {
    "rows in quotes": '"id,spent,town"\n' + lines('"K{i},{i}.5,Bonn"\n'),
    "rows in quotes with quotes": '"id;spent;town";;\r\n' + lines('"K{i};{i}.5;""Bonn""";;\r\n'),
    "all but the header in quotes": "id,spent,town\n" + lines('"K{i},{i}.5,Bonn"\n'),
    "some rows in quotes": "id,spent,town\n"
    + lines("K{i},{i}.5,Bonn\n").replace("K3,3.5,Bonn", '"K3,3.5,Bonn"'),
    "single quotes": "'id','spent','town'\n" + lines("'K{i}','{i}.5','Bonn'\n"),
    "joined with marks": "\ufeffid,spent,town\n" + lines("K{i},{i}.5,Bonn\n"),
    "joined in a line": lines("K{i},{i}.5,Bonn\n").replace("K0,", "\ufeffid,spent,town\nK0,"),
    "two marks": "\ufeff\ufeffid,spent,town\n" + lines("K{i},{i}.5,Bonn\n"),
    "a mark misread": "ï»¿id,spent,town\n" + lines("K{i},{i}.5,Bonn\n"),
    "R's write.table": '"id" "spent" "town"\n' + lines('"{i}" "K{i}" {i}.5 "Bonn"\n'),
    "blanks before quotes": '"id", "spent", "town"\n' + lines('"K{i}", "{i}.5", "Bonn"\n'),
    "blanks behind quotes": '"id" ,"spent" ,"town"\n' + lines('"K{i}" ,"{i}.5" ,"Bonn"\n'),
    "quotes twice": '"""id""","""spent""","""town"""\n' + lines('"""K{i}""",{i}.5,Bonn\n'),
    "quotes of typesetters": "“id”;“spent”;“town”\n" + lines("“K{i}”;“{i}.5”;“Bonn”\n"),
    "separators behind": "id,spent,town,,,,\n" + lines("K{i},{i}.5,Bonn,,,,\n"),
    "numbers of columns": "id,spent,town\n1,2,3\n" + lines("K{i},{i}.5,Bonn\n"),
    "numbers in brackets": "id;spent;town\n(1);(2);(3)\n" + lines("K{i};{i}.5;Bonn\n"),
    "a sentence above": "Written for us, on demand, by the shop, and for no one else but us.\n"
    "id,spent,town\n" + lines("K{i},{i}.5,Bonn\n"),
    "the end said": "id,spent,town,\n" + lines("K{i},{i}.5,Bonn,\n") + "EOF\n",
    "the end of a disk": "id,spent,town\r\n" + lines("K{i},{i}.5,Bonn\r\n") + "\x1a",
    "a total in Russian": "id;spent;town\n" + lines("K{i};{i},5;Bonn\n") + "Итого;72;\n",
    "a total in Chinese": "id,spent,town\n" + lines("K{i},{i}.5,Bonn\n") + "合计,72,\n",
    "a total without a word": "id,spent,town\n" + lines("K{i},{i}.5,Bonn\n") + ",72.0,\n",
    "what no screen shows": "id\u200b,\u200espent,town\n" + lines("K{i},{i}.5,Bonn\n"),
    "another line end below the title": "Customers of ours\nid,spent,town\r\n"
    + lines("K{i},{i}.5,Bonn\r\n"),
}


@pytest.mark.parametrize("kind", CASES)
def test_another_writing_is_the_same_table(kind: str, tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    path.write_bytes(CASES[kind].encode())
    table = shoal.read(path).to_arrow()
    assert table.column_names == NAMES
    rows = [tuple(row.values()) for row in table.to_pylist()]
    assert len(rows) == len(ROWS)
    assert [rows[0], rows[-1]] == BODY


def test_files_joined_with_their_marks(tmp_path: Path) -> None:
    for glue in ("\n", ""):
        one = "\ufeffid,spent\n" + lines("K{i},{i}.5\n").rstrip("\n")
        path = tmp_path / "table.csv"
        path.write_text(one + glue + one, "utf-8")
        table = shoal.read(path)
        assert table.to_arrow()["spent"].to_pylist() == [i + 0.5 for i in ROWS] * 2
        assert "header-repeated" in {f.code for f in table.findings}


def test_months_without_a_sign_between_are_names(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    path.write_text("id,202401,202402\n" + lines("K{i},{i}.5,2\n"))
    assert shoal.read(path).to_arrow().column_names == ["id", "202401", "202402"]


def test_a_cell_in_single_quotes_may_hold_a_separator(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    path.write_text("id,name,x\n" + lines("{i},'O''Neil, \"{i}\"',{i}.5\n"))
    table = shoal.read(path).to_arrow()
    assert table["name"].to_pylist()[1] == 'O\'Neil, "1"'
    assert table["x"].to_pylist()[1] == 1.5


@pytest.mark.parametrize("after", [3, 12], ids=["between rows", "at the end"])
def test_separators_alone_are_no_row(after: int, tmp_path: Path) -> None:
    rows = lines("K{i};{i},5;Bonn\n").splitlines(keepends=True)
    path = tmp_path / "table.csv"
    path.write_text("id;spent;town\n" + "".join([*rows[:after], ";;\n;;\n", *rows[after:]]))
    table = shoal.read(path)
    assert table.to_arrow()["spent"].to_pylist() == [i + 0.5 for i in ROWS]
    assert [(f.code, f.values["lines"]) for f in table.findings] == [("empty-rows", 2)]


def test_rows_with_another_separator_are_no_footer(tmp_path: Path) -> None:
    first = "id;job;city;age;spent\n" + lines("K{i};clerk of bank;Bonn;{i};{i}.5\n") * 4
    path = tmp_path / "table.csv"
    path.write_text(first + lines("K{i},clerk of bank,Bonn,{i},{i}.5\n") * 3)
    table = shoal.read(path)
    assert table.to_arrow()["spent"].to_pylist() == [i + 0.5 for i in ROWS] * 7
    assert [f.code for f in table.findings] == ["separator-mixed"]


BACKSLASHES = {
    'name;spent\n"Cafe \\"Rio\\"; Bonn {i}";{i}.5\n': 'Cafe "Rio"; Bonn 11',
    'name,spent\n"{\\"a\\": \\"x\\\\\\\\y\\"}",{i}.5\n': '{"a": "x\\\\y"}',
    "name\tspent\nCafe\\\tRio\t{i}.5\n": "Cafe\tRio",
    'name,spent\n"a \\"b\\"\nc",{i}.5\n': 'a "b"\nc',
    'name,spent\n"C:\\dir\\",{i}.5\n': "C:\\dir\\",
    'name,spent\n"a ""b"" c\\d",{i}.5\n': 'a "b" c\\d',
}


@pytest.mark.parametrize("form", BACKSLASHES)
def test_backslashes_escape_where_rows_fit_only_so(form: str, tmp_path: Path) -> None:
    header, row = form.split("\n", 1)
    path = tmp_path / "table.csv"
    path.write_text(header + "\n" + lines(row), "utf-8")
    table = shoal.read(path).to_arrow()
    assert table["name"].to_pylist()[-1] == BACKSLASHES[form]
    assert table["spent"].to_pylist() == [i + 0.5 for i in ROWS]


@pytest.mark.parametrize("between", ["", "\n", "\ufeff"])
def test_a_title_above_two_columns(between: str, tmp_path: Path) -> None:
    rows = "".join(f"K{i};{i},5\n" for i in range(12))
    path = tmp_path / "titled.csv"
    path.write_text(f"Customers of 2024\n{between}customer;spent\n{rows}", "utf-8")
    table = shoal.read(path)
    assert table.to_arrow().column_names == ["customer", "spent"]
    assert table.to_arrow()["spent"].to_pylist() == [i + 0.5 for i in range(12)]
    assert [f.code for f in table.findings] == ["title-lines"]


def test_a_name_that_stands_over_names_of_rows(tmp_path: Path) -> None:
    path = tmp_path / "by_r.csv"
    path.write_text('"spent"\n' + "".join(f'"K{i}",{i}.5\n' for i in range(12)))
    assert shoal.read(path).to_arrow()["spent"].to_pylist() == [i + 0.5 for i in range(12)]


def test_a_print_of_some_rows_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "table.txt"
    shown = lines("K{i}  {i}.5  Bonn\n")
    path.write_text("  id  spent  town\n" + shown + "..  ..  ..\n\n[90 rows x 3 columns]\n")
    with pytest.raises(shoal.InputError, match="only some rows"):
        shoal.read(path)


HEADERS = {
    "id,0,1\n": ["id", "0", "1"],
    "0,1,2\n": ["0", "1", "2"],
    "id,0.25,0.5\n": ["id", "0.25", "0.5"],
}


@pytest.mark.parametrize("header", HEADERS)
def test_numbers_are_names_above_ids(header: str, tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    path.write_text(header + lines("K{i},{i}.5,2\n"))
    table = shoal.read(path).to_arrow()
    assert (table.column_names, table.num_rows) == (HEADERS[header], len(ROWS))


def test_rows_of_ids_alone_have_no_header(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    path.write_text(lines("K{i},{i}.5,2\n"))
    assert shoal.read(path).to_arrow().num_rows == len(ROWS)
