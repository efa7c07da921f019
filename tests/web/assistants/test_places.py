"""Where an assistant may read and write, and what the command says of wrong folders."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from shoal import InputError, OptionError
from shoal.cli.main import app

pytest.importorskip("mcp")
from shoal.web.assistants import answers, places
from shoal.web.assistants.settings import MOST_LETTERS, Settings


def settings(folder: Path, *roots: str) -> Settings:
    made = [folder / root for root in roots]
    for root in made:
        root.mkdir(parents=True, exist_ok=True)
    return Settings(tuple(root.resolve() for root in made))


def test_files_of_several_folders_are_called_so_that_they_are_found(tmp_path: Path) -> None:
    known = settings(tmp_path, "a", "b")
    for path in ("a/x.csv", "b/x.csv", "b/y.csv"):
        (tmp_path / path).write_text("a\n1\n")
    names, every = places.tables(known)
    assert every == 3
    assert sorted(names) == sorted(["x.csv", "y.csv", str((tmp_path / "b/x.csv").resolve())])
    found = {places.found(name, known) for name in names}
    assert found == {(tmp_path / p).resolve() for p in ("a/x.csv", "b/x.csv", "b/y.csv")}


def test_a_link_inside_is_followed_and_one_outside_is_not(tmp_path: Path) -> None:
    known = settings(tmp_path, "a")
    (tmp_path / "a/x.csv").write_text("a\n1\n")
    (tmp_path / "z.csv").write_text("a\n1\n")
    (tmp_path / "a/in.csv").symlink_to(tmp_path / "a/x.csv")
    (tmp_path / "a/out.csv").symlink_to(tmp_path / "z.csv")
    assert places.found("in.csv", known).name == "x.csv"
    with pytest.raises(InputError, match="no file"):
        places.found("out.csv", known)


def test_a_database_is_read_by_its_table(tmp_path: Path) -> None:
    known = settings(tmp_path, "a")
    (tmp_path / "a/shop.duckdb").write_bytes(b"")
    (tmp_path / "a/x.csv").write_text("a\n1\n")
    address, name = places.source("shop.duckdb", "crm; x", known)
    assert address.endswith("shop.duckdb?table=crm%3B%20x")
    assert address.startswith("duckdb:///")
    assert name == "crm; x of shop.duckdb"
    with pytest.raises(OptionError, match="is none"):
        places.source("x.csv", "crm", known)


def test_nothing_is_written_without_a_folder(tmp_path: Path) -> None:
    with pytest.raises(OptionError, match="--out"):
        places.goal("report.html", (".html",), settings(tmp_path, "a"))


def test_answers_have_an_end_and_say_what_was_left_off(tmp_path: Path) -> None:
    body = answers.answer("x", columns=[{"name": "y" * 200}] * 4000, notes=["z"] * 3)
    made = answers.finished(body, settings(tmp_path, "a"))
    assert len(answers._written(made)) < MOST_LETTERS + 200
    assert made["left_off"]["columns"] + len(made["columns"]) == 4000
    assert made["notes"] == ["z"] * 3


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["mcp"], "--root"),
        (["mcp", "--root", "nowhere"], "is no folder"),
        (["mcp", "--root", ".", "--out", "nowhere"], "is no folder"),
    ],
)
def test_wrong_folders_are_said(arguments: list[str], said: str) -> None:
    done = CliRunner().invoke(app, arguments)
    assert done.exit_code != 0
    assert said in done.output + str(done.exception)
