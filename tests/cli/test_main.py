"""The command line as people and machines meet it: results, messages, exit codes, files."""

from __future__ import annotations

import csv
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
from click.testing import CliRunner, Result

from shoal.cli import main as cli
from shoal.errors import ShoalError

INCOME, SCORE = "Annual Income (k$)", "Spending Score (1-100)"


def run(*arguments: object) -> Result:
    """Run the command line in this process.

    A refusal becomes its exit code and message, as `main` makes it.
    """
    result = CliRunner().invoke(cli.app, [str(a) for a in arguments])
    if isinstance(result.exception, ShoalError):
        result.exit_code = result.exception.exit_code
        result.message = str(result.exception)
    elif result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def shell(*arguments: object, **options) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "shoal.cli.main", *map(str, arguments)],
        capture_output=True,
        text=True,
        **options,
    )


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("demo")
    assert run("demo", "--out", folder).exit_code == 0
    return folder / "results"


def test_demo_writes_everything_and_says_that_the_sample_is_generated(results: Path) -> None:
    found = {str(p.relative_to(results)) for p in results.rglob("*") if p.is_file()}
    assert {
        "report.html",
        "summary.html",
        "segments.xlsx",
        "customers.csv",
        "segments.csv",
        "model.json",
        "summary.json",
        "run.json",
        "figures/map.png",
    } <= found
    result = run("demo", "--out", results.parent)
    assert "generated (seed 7): its 400 customers do not exist" in result.stderr
    assert not list(results.glob(".shoal-*"))


def test_customers_file_holds_every_row(results: Path) -> None:
    with open(results / "customers.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [r["CustomerID"] for r in rows] == [str(i) for i in range(1, 401)]
    assert list(rows[0]) == [
        *("CustomerID", "segment", "name", "runner_up", "margin", "unlike_anyone"),
        *("Gender", "Age", "Annual Income (k$)", "Spending Score (1-100)"),
    ]
    assert all(0 <= float(r["margin"]) <= 1 for r in rows)
    sizes = pd.read_csv(results / "segments.csv")["size"].tolist()
    assert [sum(r["segment"] == str(i + 1) for r in rows) for i in range(len(sizes))] == sizes


def test_the_model_file_holds_no_customer(results: Path) -> None:
    text = (results / "model.json").read_text()
    body = json.loads(text)
    assert body["schema_version"] == 1
    assert set(body["model"]) == {
        "recipe",
        "centres",
        "names",
        "sizes",
        "inertia",
        "silhouette",
        "far",
        "far_rate",
        "id_column",
        "basis",
        "seed",
        "rows",
        "made",
        "colours",
        "ids",
        "baseline",
    }
    assert len(text) < 20_000


def test_segment_prints_json_for_machines(sample_file: Path) -> None:
    result = run("segment", sample_file, "--json")
    body = json.loads(result.stdout)
    assert {
        "k",
        "structure",
        "inertia",
        "silhouette",
        "rows_read",
        "rows_labelled",
        "rows_set_aside",
        "basis",
        "segments",
        "choice",
        "findings",
        "outputs",
    } <= set(body)
    assert body["k"] == len(body["segments"]) == 5
    assert body["rows_read"] == body["rows_labelled"] + body["rows_set_aside"] == 400
    keys = {
        "id",
        "name",
        "size",
        "share",
        "value_share",
        "stability",
        "verdict",
        "rule",
        "rule_precision",
        "rule_coverage",
        "action",
        "centre",
    }
    assert keys <= set(body["segments"][0])
    assert set(body["segments"][0]["centre"]) == {INCOME, SCORE}
    assert [e["k"] for e in body["choice"]] == list(range(1, 11))


def test_inspect_prints_json_for_machines(sample_file: Path) -> None:
    body = json.loads(run("inspect", sample_file, "--json").stdout)
    assert body["rows"] == 400
    assert body["read_as"]["sep"] == ","
    assert {"format", "sep", "decimal", "encoding", "header_row", "sheet"} <= set(body["read_as"])
    assert [c["name"] for c in body["columns"]] == ["CustomerID", "Gender", "Age", INCOME, SCORE]
    assert [c["role"] for c in body["columns"]] == ["id", "describe", "describe", "basis", "basis"]
    assert body["columns"][0]["sum"] == 80_200


def test_inspect_shows_a_table(sample_file: Path, tmp_path: Path) -> None:
    result = run("inspect", sample_file, "--out", tmp_path / "analysis.html")
    assert "400 rows, 5 columns" in result.stdout
    assert re.search(r"Spending Score.*basis", result.stdout)
    assert (tmp_path / "analysis.html").read_text().startswith("<!DOCTYPE html>")


def test_assign_labels_as_segment_did(results: Path, tmp_path: Path) -> None:
    sample = results.parent / "sample_customers.csv"
    result = run("assign", results / "model.json", sample, "--out", tmp_path / "scored.csv")
    assert result.exit_code == 0
    assert "400 rows read = 400 labelled + 0 set aside" in result.stdout
    assert (tmp_path / "scored.csv").read_text() == (results / "customers.csv").read_text()
    run("assign", results / "model.json", sample, "--out", tmp_path / "scored.parquet")
    assert (
        pd.read_parquet(tmp_path / "scored.parquet")["segment"].tolist()
        == pd.read_csv(results / "customers.csv")["segment"].tolist()
    )


def test_assign_to_a_pipe(results: Path) -> None:
    piped = shell("assign", results / "model.json", results.parent / "sample_customers.csv")
    assert piped.returncode == 0
    assert piped.stdout == (results / "customers.csv").read_text()


def test_assign_with_gaps_extra_columns_and_nothing_to_go_by(results: Path, tmp_path: Path) -> None:
    new = tmp_path / "new.csv"
    new.write_text(
        f"shoe,{SCORE},CustomerID,{INCOME}\n44,90,x1,20\n45,,x2,95\n46,,x3,\n47,15,x4,90\n"
    )
    body = json.loads(
        run("assign", results / "model.json", new, "--out", tmp_path / "s.csv", "--json").stdout
    )
    assert (body["rows_read"], body["rows_labelled"], body["rows_set_aside"]) == (4, 3, 1)
    rows = pd.read_csv(tmp_path / "s.csv")
    assert rows["CustomerID"].tolist() == ["x1", "x2", "x3", "x4"]
    assert rows["segment"].isna().tolist() == [False, False, True, False]
    assert "low income" in rows["name"][0].lower()
    assert "high spending" in rows["name"][0].lower()


def test_assign_without_a_needed_column(results: Path, tmp_path: Path) -> None:
    new = tmp_path / "new.csv"
    new.write_text("CustomerID,Annual Income k$,Spending Score (1-100)\n1,2,3\n2,3,4\n")
    result = run("assign", results / "model.json", new)
    assert result.exit_code == 2
    assert (
        '"Annual Income (k$)", which the model needs. Did you mean "Annual Income k$"?'
        in result.message
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "is not JSON"),
        ("[]", "is not a segmentation by shoal"),
        (
            '{"format": "shoal-segmentation", "schema_version": 99}',
            "has schema version 99; this shoal reads 1",
        ),
        (
            '{"format": "shoal-segmentation", "schema_version": 1, "model": {"names": ["a"]}}',
            "is damaged",
        ),
    ],
)
def test_files_that_are_no_model(tmp_path: Path, sample_file: Path, text: str, said: str) -> None:
    (tmp_path / "m.json").write_text(text)
    result = run("assign", tmp_path / "m.json", sample_file)
    assert (result.exit_code, said in result.message) == (2, True), result.message


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--k", "1"], "--k 1: at least 2 segments are needed"),
        (["--k-max", "1"], "--k-max 1"),
        (["--k", "5000"], "too few for 5000 segments. Use --k"),
        (["--min-share", "3"], "--min-share 3 must lie between 0 and 0.5"),
        (["--scale", "log"], "--scale log is unknown. Known: auto, standard, robust, none."),
        (["--fill", "mode"], "--fill mode is unknown"),
        (["--seed", "-1"], "--seed -1"),
        (["--by", "Anual Income"], 'has no such column. Did you mean "Annual Income (k$)"?'),
        (["--id", "Id"], "--id names"),
        (["--value", "Gender"], "--value Gender is no number"),
        (["--weight", "Age"], "must be COLUMN=NUMBER"),
        (["--weight", "Age=2"], '--weight names "Age", which does not form segments'),
        (["--by", "Age", "--ignore", "Age"], '"Age" was asked to be both basis and ignore'),
        (["--playbook", "nowhere.toml"], "nowhere.toml"),
    ],
)
def test_wrong_options_get_one_clear_message(
    sample_file: Path, options: list[str], said: str
) -> None:
    result = run("segment", sample_file, *options)
    assert result.exit_code == 2
    assert said in result.message


def test_wrong_options_leave_nothing_behind_and_no_traceback(
    sample_file: Path, tmp_path: Path
) -> None:
    failed = shell("segment", sample_file, "--by", "nothing", "--out", tmp_path / "out")
    assert failed.returncode == 2
    assert failed.stdout == ""
    assert failed.stderr.startswith("shoal: --by names")
    assert "Traceback" not in failed.stderr
    assert not (tmp_path / "out").exists()


def test_roles_can_be_set(sample_file: Path) -> None:
    body = json.loads(
        run(
            "segment",
            sample_file,
            "--by",
            "Age",
            "--by",
            SCORE,
            "--value",
            INCOME,
            "--k",
            3,
            "--json",
        ).stdout
    )
    assert body["basis"] == ["Age", SCORE]
    assert body["value"] == INCOME
    assert sum(s["value_share"] for s in body["segments"]) == pytest.approx(1.0)
    worth = [s["size"] * s["value_share"] for s in body["segments"]]
    assert all(worth)


def test_a_gap_in_every_basis_column_is_set_aside_with_its_reason(
    sample_file: Path, tmp_path: Path
) -> None:
    with open(sample_file, "a") as file:
        file.write("401,Male,30,,\n")
    body = json.loads(run("segment", sample_file, "--out", tmp_path / "out", "--json").stdout)
    assert (body["rows_read"], body["rows_labelled"], body["rows_set_aside"]) == (401, 400, 1)
    assert (tmp_path / "out" / "set_aside.csv").read_text().splitlines() == [
        '"row","CustomerID","reason"',
        '401,401,"no value in any column that forms segments"',
    ]


def test_ids_that_look_like_formulas_still_join_with_their_table(tmp_path: Path) -> None:
    frame = pd.DataFrame(
        {
            "customer": [f"=cmd|{i}" for i in range(60)],
            "a": [i % 7 for i in range(60)],
            "b": [i // 20 * 9 for i in range(60)],
        }
    )
    out = tmp_path / "out"
    frame.to_csv(tmp_path / "t.csv", index=False)
    asked = ("--id", "customer", "--k", 3, "--out", out)
    assert run("segment", tmp_path / "t.csv", *asked).exit_code == 0
    written = pd.read_csv(out / "customers.csv")
    assert written["customer"].tolist() == frame["customer"].tolist()


def test_a_full_disk_leaves_nothing_half_written(sample_file: Path, tmp_path: Path) -> None:
    resource = pytest.importorskip("resource")
    out = tmp_path / "out"
    out.mkdir()
    (out / "report.html").write_text("an older report")

    def small() -> None:
        import signal

        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))

    env = os.environ | {"PYTHONDONTWRITEBYTECODE": "1"}
    failed = shell("segment", sample_file, "--out", out, "--force", preexec_fn=small, env=env)
    assert failed.returncode == 1, failed.stderr
    assert failed.stderr.startswith("shoal: Could not write the results")
    assert "Traceback" not in failed.stderr
    assert [p.name for p in out.iterdir()] == ["report.html"]
    assert (out / "report.html").read_text() == "an older report"


def test_ids_stand_in_the_report_only_where_they_are_asked_for(
    sample_file: Path, tmp_path: Path
) -> None:
    """The sample's customers are called by their number; here they have names."""
    table = tmp_path / "named.csv"
    lines = sample_file.read_text("utf-8").splitlines()
    named = [lines[0], *(f"Person-{line}" for line in lines[1:])]
    table.write_text("\n".join(named), encoding="utf-8")
    run("segment", table, "--k", "5", "--out", tmp_path / "quiet")
    run("segment", table, "--k", "5", "--out", tmp_path / "told", "--show-ids")
    quiet, told = ((tmp_path / out / "report.html").read_text("utf-8") for out in ("quiet", "told"))
    assert "Person-" not in quiet
    assert "Typical customers: Person-" in told
    refused = shell("segment", table, "--show-ids")
    assert refused.returncode == 2
    assert "--show-ids says what the report shows: it needs --out." in refused.stderr


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")
def test_a_pipe_that_cannot_be_written(results: Path) -> None:
    with open("/dev/full", "w") as full:
        failed = subprocess.run(
            [
                sys.executable,
                "-m",
                "shoal.cli.main",
                "assign",
                results / "model.json",
                results.parent / "sample_customers.csv",
            ],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
        )
    assert failed.returncode == 1
    assert "Traceback" not in failed.stderr


@pytest.mark.skipif(os.name != "posix", reason="closes a stream as a shell does")
def test_a_closed_stdout_is_no_traceback(sample_file: Path, tmp_path: Path) -> None:
    line = f"{sys.executable} -m shoal.cli.main segment '{sample_file}' --k 5 --out '{tmp_path / 'out'}' >&-"
    done = subprocess.run(line, shell=True, stderr=subprocess.PIPE, text=True)
    assert "Traceback" not in done.stderr
    assert (tmp_path / "out" / "report.html").exists()


@pytest.mark.parametrize("encoding", ["cp1252", "ascii"])
def test_both_streams_are_utf8_whatever_the_platform_says(tmp_path: Path, encoding: str) -> None:
    rows = [f"{n},{n % 7},{'Łódź' if n % 2 else '東京'}" for n in range(60)]
    (tmp_path / "t.csv").write_text("\n".join(["spent,visits,city", *rows]), encoding="utf-8")
    command = [sys.executable, "-m", "shoal", "inspect", str(tmp_path / "t.csv"), "--json"]
    environment = os.environ | {"PYTHONIOENCODING": encoding, "PYTHONUTF8": "0"}
    done = subprocess.run(command, capture_output=True, env=environment, check=True)
    assert "Łódź" in done.stdout.decode("utf-8")
    assert json.loads(done.stdout.decode("utf-8"))["rows"] == 60
    missing = [*command[:-2], str(tmp_path / "Łódź.csv")]
    refused = subprocess.run(missing, capture_output=True, env=environment)
    assert refused.returncode == 2
    assert "Łódź.csv" in refused.stderr.decode("utf-8")


def test_a_segment_is_named_by_its_number_and_renamed_in_the_model(tmp_path: Path) -> None:
    table, out = tmp_path / "t.csv", tmp_path / "out"
    rows = [(x, y) for x, y in ((10, 90), (50, 50), (90, 10)) for _ in range(40)]
    made = pd.DataFrame(rows, columns=["visits", "spent"]).add(pd.Series(range(120)) % 7, axis=0)
    made.to_csv(table, index=False)
    told = run("segment", table, "--out", out, "--name", "2=Weekend families", "--json")
    assert json.loads(told.stdout)["segments"][1]["name"] == "Weekend families"
    labelled = pd.read_csv(out / "customers.csv")
    assert set(labelled.loc[labelled["segment"] == 2, "name"]) == {"Weekend families"}
    assert "Weekend families" in (out / "report.html").read_text("utf-8")
    assert pd.read_csv(out / "segments.csv")["name"][1] == "Weekend families"
    model = out / "model.json"
    before = json.loads(model.read_text("utf-8"))
    said = run("rename", model, 2, "Sunday families")
    assert said.exit_code == 0
    assert (
        said.stdout == f'{model}: segment 2 is "Sunday families" now; it was "Weekend families".\n'
    )
    after = json.loads(model.read_text("utf-8"))
    assert after["model"]["names"][1] == after["about"]["segments"][1]["name"] == "Sunday families"
    assert after["model"]["centres"] == before["model"]["centres"]
    run("assign", model, table, "--out", tmp_path / "new.csv")
    assert "Sunday families" in set(pd.read_csv(tmp_path / "new.csv")["name"])


@pytest.mark.parametrize(
    ("number", "name", "message"),
    [
        (9, "Few", 'There is no segment 9 to be called "Few". Segments are numbered from 1 to 5.'),
        (2, "  ", 'Segment 2 cannot be called "": a name needs at least one letter or digit.'),
        (
            2,
            "x" * 61,
            f'Segment 2 cannot be called "{"x" * 61}": that is 61 letters, '
            "and a name has at most 60.",
        ),
        (
            2,
            "middle OF the road",
            'Segments 1 and 2 would both be called "middle OF the road". '
            "Give one of them another name.",
        ),
        (
            2,
            "=cmd()",
            'Segment 2 cannot be called "=cmd()": a spreadsheet would take it for a formula; '
            "begin with a letter or digit.",
        ),
    ],
)
def test_a_name_that_cannot_be_is_refused(
    results: Path, number: int, name: str, message: str
) -> None:
    before = (results / "model.json").read_bytes()
    refused = run("rename", results / "model.json", number, name)
    assert (refused.exit_code, refused.message) == (2, message)
    assert (results / "model.json").read_bytes() == before


def test_a_name_without_its_number_is_refused(results: Path) -> None:
    refused = run("segment", results / "customers.csv", "--name", "Weekend families")
    assert (refused.exit_code, refused.message) == (
        2,
        '--name "Weekend families" must be NUMBER=NAME, such as --name 3="Weekend families".',
    )
