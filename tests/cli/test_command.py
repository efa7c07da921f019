"""What every command has: help in groups, -h -q -v, the environment, completion."""

from __future__ import annotations

import json
import logging
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import get_args

import click
import pytest
from click.shell_completion import ShellComplete
from click.testing import CliRunner, Result

from shoal import options as known
from shoal.cli.command import GROUPS, Words
from shoal.cli.main import app
from shoal.errors import OptionError


def run(*arguments: object, **settings) -> Result:
    return CliRunner().invoke(app, [str(a) for a in arguments], **settings)


def test_choices_are_the_words_that_the_door_knows() -> None:
    asked = {
        "decimal": known.Mark,
        "scale": known.Scaling,
        "fill": known.Fill,
        "keep": known.Keep,
        "returns": known.Returns,
        "duplicates": known.Duplicates,
        "one_order": known.OneOrder,
        "amount_per": known.AmountPer,
        "if_exists": None,
    }
    segment = {p.name: p.type for p in app.commands["segment"].params}
    shown = {name: kind.choices for name, kind in segment.items() if isinstance(kind, Words)}
    assert set(shown) == set(asked)
    words = {name: get_args(kind) for name, kind in asked.items() if kind is not None}
    assert {name: set(shown[name]) for name in words} == {n: set(w) for n, w in words.items()}
    assert tuple(shown["if_exists"]) == ("fail", "replace", "append")


COMMANDS = {name: c for name, c in app.commands.items() if name != "campaign"}
COMMANDS |= {f"campaign {name}": c for name, c in app.commands["campaign"].commands.items()}


@pytest.mark.parametrize("name", COMMANDS)
def test_help_is_in_groups_and_shorter_to_ask_for(name: str) -> None:
    short, long = run(*name.split(), "-h"), run(*name.split(), "--help")
    assert (short.exit_code, short.output) == (0, long.output)
    heads = re.findall(r"^(\S[^\n]*):$", short.output, re.MULTILINE)
    assert set(heads) <= {"Positional arguments", *GROUPS, "Other options", "Options"}
    for flag in ("-q, --quiet", "-v, --verbose", "-h, --help"):
        assert flag in short.output


def test_every_option_stands_under_one_head() -> None:
    told = [name for names in GROUPS.values() for name in names]
    assert len(told) == len(set(told))
    own = {p.name for c in COMMANDS.values() for p in c.params}
    assert set(told) <= own
    segment = {p.name for p in app.commands["segment"].params if isinstance(p, click.Option)}
    assert segment - set(told) == {"config", "no_config", "quiet", "verbose"}


@pytest.mark.parametrize(
    ("words", "completed"),
    [
        (["segment", "t.csv", "--scale", "ro"], ["robust"]),
        (["segment", "t.csv", "--keep", ""], ["all", "id"]),
        (["segment", "t.csv", "--one"], ["--one-order", "--one-row-a-customer"]),
        (["ins"], ["inspect"]),
        (["segment", "t.csv", "--mute", "duplicate-r"], ["duplicate-rows"]),
    ],
)
def test_a_shell_completes(words: list[str], completed: list[str]) -> None:
    shell = ShellComplete(app, {}, "shoal", "_SHOAL_COMPLETE")
    found = [item.value for item in shell.get_completions(words[:-1], words[-1])]
    assert sorted(found) == sorted(completed)


@pytest.mark.parametrize("words", [["segment", "cust"], ["assign", "cust"], ["init", "cust"]])
def test_a_shell_completes_names_of_files(words: list[str]) -> None:
    shell = ShellComplete(app, {}, "shoal", "_SHOAL_COMPLETE")
    assert [item.type for item in shell.get_completions(words[:-1], words[-1])] == ["file"]


def test_the_environment_gives_options_and_the_command_line_wins(sample_file: Path) -> None:
    env = {"SHOAL_IGNORE": "Age,Gender", "SHOAL_DECIMAL": ".", "SHOAL_MEMROY": "1GB"}
    told = run("segment", sample_file, "--k", 2, "--decimal", ".", "--json", env=env)
    assert told.exit_code == 0
    assert told.stderr.splitlines() == [
        "shoal: options from the environment: SHOAL_IGNORE",
        "shoal: SHOAL_MEMROY is no option of any command. Did you mean SHOAL_MEMORY?",
    ]
    wrong = run("segment", sample_file, env={"SHOAL_K": "five"})
    assert isinstance(wrong.exception, OptionError)
    assert str(wrong.exception) == "SHOAL_K: 'five' is not a valid integer."
    quiet = run("inspect", sample_file, "-q", env={"SHOAL_DECIMAL": "."})
    assert (quiet.stdout, quiet.stderr) == ("", "")
    machine = run("inspect", sample_file, "-q", env={"SHOAL_JSON": "1"})
    assert json.loads(machine.stdout)["rows"] == 400


def test_the_log_has_one_plain_line_a_step(sample_file: Path) -> None:
    told = run("inspect", sample_file, "-v", "--json")
    assert json.loads(told.stdout)["rows"] == 400
    pattern = r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} INFO shoal: reading: 400 rows in [0-9.]+ s\n"
    assert re.fullmatch(pattern, told.stderr)
    assert logging.getLogger("shoal").handlers == []


@pytest.mark.parametrize("how", ["csv", "jsonl", "parquet"])
def test_a_table_that_is_piped_in(sample_table, tmp_path: Path, how: str) -> None:
    file = tmp_path / "piped"
    if how == "csv":
        sample_table.to_csv(file, index=False)
    elif how == "jsonl":
        sample_table.to_json(file, orient="records", lines=True)
    else:
        sample_table.to_parquet(file)
    told = run("inspect", "-", "--json", input=file.read_bytes())
    body = json.loads(told.stdout)
    assert (body["rows"], len(body["columns"])) == (400, 5)
    assert body["columns"][2]["sum"] == sample_table["Age"].sum()


def test_nothing_piped_in_is_said(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "shoal", "inspect", "-"]
    empty = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True)
    assert (empty.returncode, empty.stdout) == (2, "")
    assert empty.stderr == (
        'shoal: "-" stands for standard input, which was empty. '
        "Pipe one in: shoal inspect - < customers.csv\n"
    )
    assert os.listdir(tmp_path) == []
