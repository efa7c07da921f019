"""A job in a file: who wins, what is refused, and that `init` and `run` are as `segment`."""

from __future__ import annotations

import json
import os
import re
import tomllib
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from click.testing import CliRunner, Result

import shoal
from shoal import job
from shoal.cli import demo_data
from shoal.cli.main import app

INCOME, SCORE = "Annual Income (k$)", "Spending Score (1-100)"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a table, which is where commands run."""
    demo_data.write(tmp_path / "t.csv")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """What the door is asked for, in place of a segmentation."""
    calls: list[dict[str, Any]] = []

    def segment(source: str, **options: Any) -> Any:
        given = {k: v for k, v in options.items() if k not in ("progress", "processes")}
        calls.append({"source": source} | given)
        return SimpleNamespace(summary=dict, outputs={})

    monkeypatch.setattr(shoal, "segment", segment, raising=False)
    return calls


def run(*arguments: object, **settings: Any) -> Result:
    return CliRunner().invoke(app, [str(a) for a in arguments], **settings)


WHOLE = f"""
source = "t.csv"
out = "results"
id = "CustomerID"
by = ["{INCOME}", "{SCORE}"]
ignore = "Gender"
k = 4
min_share = 0.05
memory = "1GB"
threads = 2
totals = false
orders = true
since = 2020-01-31
show_ids = true
playbook = "plays.toml"
[weights]
"{INCOME}" = 2
[names]
3 = "Weekend families"
[columns."{SCORE}"]
meaning = "opinion"
"""


def test_every_kind_of_option_arrives(folder: Path, asked: list[dict[str, Any]]) -> None:
    Path("shoal.toml").write_text(WHOLE, "utf-8")
    told = run("run", "--json")
    assert told.exit_code == 0, told.output
    expected = {
        "source": "t.csv",
        "out": Path("results"),
        "id": "CustomerID",
        "by": (INCOME, SCORE),
        "ignore": ("Gender",),
        "k": 4,
        "min_share": 0.05,
        "memory": "1GB",
        "threads": 2,
        "totals": False,
        "orders": True,
        "since": "2020-01-31",
        "show_ids": True,
        "playbook": Path("plays.toml"),
        "weights": {INCOME: 2.0},
        "names": {3: "Weekend families"},
        "columns": {SCORE: {"meaning": "opinion"}},
    }
    assert {name: asked[0][name] for name in expected} == expected
    assert told.stderr.startswith("shoal: options from shoal.toml: source, out, id, by")


def test_command_line_wins_over_environment_wins_over_file(
    folder: Path, asked: list[dict[str, Any]]
) -> None:
    Path("pyproject.toml").write_text('[tool.shoal]\nk = 3\nseed = 3\nsource = "t.csv"\n', "utf-8")
    env = {"SHOAL_K": "4", "SHOAL_K_MAX": "4"}
    for arguments in (["run"], ["run", "--k", 5, "other.csv"], ["segment", "t.csv", "--no-config"]):
        told = run(*arguments, "--json", env=env)
        assert told.exit_code == 0, told.output
    found = [tuple(call[name] for name in ("source", "k", "k_max", "seed")) for call in asked]
    assert found == [("t.csv", 4, 4, 3), ("other.csv", 5, 4, 3), ("t.csv", 4, 4, 0)]
    Path("shoal.toml").write_text("k = 6\n", "utf-8")  # before a pyproject.toml
    run("segment", "t.csv", "--json")
    assert (asked[-1]["k"], asked[-1]["seed"]) == (6, 0)


def test_a_file_speaks_of_results_to_a_run_only(folder: Path) -> None:
    Path("shoal.toml").write_text('source = "t.csv"\nout = "results"\nsep = ","\n', "utf-8")
    told = run("inspect", "t.csv", "--json")
    assert json.loads(told.stdout)["read_as"]["sep"] == ","
    assert told.stderr == "shoal: options from shoal.toml: sep\n"
    assert sorted(os.listdir()) == ["shoal.toml", "t.csv"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("kmax = 3", 'shoal.toml has "kmax", which is no option. Did you mean "k_max"?'),
        ("n_clusters = 3", 'shoal.toml has "n_clusters", which is no option. Did you mean "k"?'),
        ("k = 5.5", "k in shoal.toml: '5.5' is not a valid integer."),
        ("k = true", "k in shoal.toml: 'True' is not a valid integer."),
        ("k = 1", "--k 1: at least 2 segments are needed, such as --k 5."),
        ('scale = "log"', "--scale log is unknown. Known: auto, standard, robust, none."),
        ('orders = "perhaps"', "orders in shoal.toml: 'perhaps' is not a valid boolean."),
        ("source = 3", "source = 3 in shoal.toml must be the path of a table, in quotes."),
        ("k = ", "shoal.toml is not valid TOML: Invalid value (at "),
        ("k = 3", 'shoal.toml names no table. Add a line: source = "customers.csv"'),
        (None, "There is no shoal.toml here, and no [tool.shoal] in pyproject.toml. "),
    ],
)
def test_a_wrong_file_is_refused(folder: Path, text: str | None, message: str) -> None:
    source = [] if text is None or text.startswith(("source", "k = 3")) else ["t.csv"]
    if text is not None:
        Path("shoal.toml").write_text(text, "utf-8")
    refused = run("run", *source)
    assert isinstance(refused.exception, shoal.OptionError), refused.output
    found = str(refused.exception)
    assert found.startswith(message)
    assert refused.stdout == ""


def test_paths_are_seen_from_the_folder_of_the_file(
    folder: Path, asked: list[dict[str, Any]]
) -> None:
    (folder / "jobs").mkdir()
    (folder / "jobs" / "a.toml").write_text('source = "../t.csv"\nout = "r"\n', "utf-8")
    assert run("run", "--config", "jobs/a.toml", "--json").exit_code == 0
    assert (asked[0]["source"], asked[0]["out"]) == ("t.csv", Path("jobs/r"))
    found = shoal.read_job("jobs/a.toml")
    assert found is not None
    assert (found.source, found.options) == ("t.csv", {"out": "jobs/r"})


def test_every_option_of_a_run_may_stand_in_a_file() -> None:
    own = {p.name for p in app.commands["segment"].params} - {"as_json", "quiet", "verbose"}
    own -= {"config", "no_config", "weight", "name"}
    assert own | {"weights", "names"} <= set(job.known_names())


def test_what_init_writes_runs_as_segment_does(folder: Path) -> None:
    told = run("init", "t.csv", "--id", "CustomerID")
    assert (told.exit_code, told.stdout) == (0, "")
    text = Path("shoal.toml").read_text("utf-8")
    assert tomllib.loads(text) == {"source": "t.csv", "out": "results", "id": "CustomerID"}
    laid_down = re.sub(r"^# (?=\w+ = |\[columns)", "", text, flags=re.MULTILINE)
    everything = tomllib.loads(laid_down)
    assert everything["by"] == [INCOME, SCORE]
    assert everything["columns"][SCORE]["meaning"] == "opinion"
    assert set(everything) <= set(job.known_names())
    made, direct = shoal.run(), shoal.segment("t.csv", id="CustomerID")
    assert made.summary() == direct.summary()
    assert Path("results/report.html").exists()
    before = Path("shoal.toml").read_bytes()
    again = run("init", "t.csv")
    message = "shoal.toml is there already. To replace it, say --force."
    assert str(again.exception) == message
    assert Path("shoal.toml").read_bytes() == before
    assert run("init", "t.csv", "--force").exit_code == 0
    assert "id" not in tomllib.loads(Path("shoal.toml").read_text("utf-8"))


def test_init_asks_what_rows_are(folder: Path) -> None:
    rows = [f"c{i % 40},2024-01-{i % 28 + 1:02d},{i % 9 + 1},o{i // 2}" for i in range(300)]
    lines = ["customer_id,order_date,amount,order_id", *rows]
    Path("orders.csv").write_text("\n".join(lines), "utf-8")
    shoal.init("orders.csv")
    text = Path("shoal.toml").read_text("utf-8")
    assert "# orders = true" in text
    assert "# one_row_a_customer = true" in text


@pytest.mark.parametrize(
    "source",
    [
        "postgresql://ann:secret@db/shop?table=customers",
        "https://example.com/t.csv?X-Amz-Signature=secret",
        "https://ann:secret@example.com/t.csv",
    ],
)
def test_no_password_goes_into_a_file(folder: Path, source: str) -> None:
    with pytest.raises(shoal.OptionError, match="does not belong in a file") as refused:
        shoal.init(source)
    assert "secret" not in str(refused.value)
    assert not Path("shoal.toml").exists()
