"""What is promised of JSON and files: checked against what is really printed and written."""

from __future__ import annotations

import copy
import importlib.util
import json
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner
from jsonschema import Draft202012Validator

import shoal
from shoal import job
from shoal.cli import demo_data
from shoal.cli.main import app
from shoal.cli.schema import NAMES
from shoal.output.contracts import CONTRACTS

MODELS = Path(__file__).parent / "models"
ROOT = Path(__file__).parents[2]
EXPORTS = ("sklearn", "pmml") if importlib.util.find_spec("skops") else ("pmml",)
ANYTHING = {"values", "about"}  # keys that hold whatever there is to say


def closed(schema: Any) -> Any:
    """A schema that knows no other keys than those it names: nothing is printed unpromised."""
    if isinstance(schema, dict):
        made = {key: closed(each) for key, each in schema.items()}
        return {"additionalProperties": False} | made if "properties" in made else made
    return [closed(each) for each in schema] if isinstance(schema, list) else schema


CHECKS = {name: Draft202012Validator(closed(shoal.schema(name))) for name in CONTRACTS}


def wrong(name: str, body: Any) -> list[str]:
    return [f"{e.json_path}: {e.message[:200]}" for e in CHECKS[name].iter_errors(body)]


def printed(*arguments: object) -> Any:
    told = CliRunner().invoke(app, [str(a) for a in arguments], catch_exceptions=False)
    assert told.exit_code == 0, told.output
    return json.loads(told.stdout)


def changed(body: Any) -> Iterator[tuple[str, Any]]:
    """The same with a key less, or with a value of another kind, here or in the first of a list."""
    for key in body:
        less, other = copy.deepcopy(body), copy.deepcopy(body)
        del less[key]
        other[key] = {"no": ["such thing"]}
        yield f"without {key}", less
        if key not in ANYTHING:
            yield f"another kind of {key}", other
        first = body[key][0] if isinstance(body[key], list) and body[key] else None
        inner = first if isinstance(first, dict) else None
        for what, changed_inner in changed(inner) if inner else ():
            yield f"{key}: {what}", body | {key: [changed_inner, *body[key][1:]]}


@pytest.fixture(scope="module")
def outputs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[Any]]:
    """What commands print of tables of several kinds, by the name of the promise."""
    folder = tmp_path_factory.mktemp("contracts")
    sample = demo_data.write(folder / "sample.csv")
    rng = np.random.default_rng(0)
    noise = pd.DataFrame(rng.normal(size=(60, 3)).round(2), columns=["a", "b", "c"])
    noise["churn"] = np.where(noise["a"] > 0.5, None, np.where(noise["b"] > 0, "yes", "no"))
    noise.to_csv(folder / "noise.csv", index=False)
    pd.DataFrame({"x": [1, 2, 30, 31], "flat": 5, "gap": [None] * 4}).to_csv(folder / "few.csv")
    orders = pd.DataFrame(
        {
            "customer": rng.integers(0, 60, 300),
            "order_date": pd.Timestamp("2024-01-01")
            + pd.to_timedelta(rng.integers(0, 300, 300), "D"),
            "amount": rng.gamma(2, 30, 300).round(2),
        }
    )
    orders.to_csv(folder / "orders.csv", index=False)
    bought = pd.DataFrame({"CustomerID": range(1, 40), "bought": 1})
    bought.to_csv(folder / "bought.csv", index=False)
    half = pd.read_csv(sample).sample(frac=0.5, random_state=0)
    half.to_csv(folder / "half.csv", index=False)
    models = MODELS / "made.json"
    model = folder / "out" / "model.json"
    found = {
        "segment": [
            printed("segment", sample, "--json", "--out", folder / "out"),
            json.loads((folder / "out" / "summary.json").read_text("utf-8")),
            printed(
                "segment", folder / "noise.csv", "--json", "--outcome", "churn=yes", "--k-max", 3
            ),
            printed("segment", folder / "few.csv", "--json", "--k", 2),
            printed("segment", folder / "orders.csv", "--orders", "--json", "--k", 3),
        ],
        "inspect": [
            printed("inspect", folder / f"{name}.csv", "--json")
            for name in ("sample", "noise", "few", "orders")
        ]
        + [printed("inspect", MODELS / "made.csv", "--json")],
        "orders": [
            printed("orders", folder / "orders.csv", "--json"),
            printed("orders", folder / "orders.csv", "--json", "--rfm", "--out", folder / "o.csv"),
        ],
        "assign": [
            printed("assign", model, sample, "--json", "--out", folder / "a.csv"),
            printed("assign", models, MODELS / "made.csv", "--json", "--out", folder / "b.csv"),
        ],
        "rename": [printed("rename", model, 2, "Sunday families", "--json")],
        "compare": [
            printed("compare", model, sample, "--json"),
            printed("compare", models, MODELS / "made.csv", "--old", MODELS / "made.csv", "--json"),
        ],
        "compare-outcome": [
            printed("compare-outcome", sample, "--outcome", outcome, "--json")
            for outcome in ("Gender=Female", "Age")
        ],
        "moves": [
            printed("moves", sample, sample, "--model-before", model, "--json"),
            printed("moves", folder / "a.csv", folder / "a.csv", "--json"),
        ],
        "refresh": [
            printed("refresh", model, folder / "half.csv", *more, "--json", "--out", folder / "new")
            for more in ([], ["--refit", "--old", sample])
        ],
        "history": [printed("history", folder, "--json")],
        "audience": [
            printed("audience", model, sample, "--json", "--hold-out", 0.2, "--out", folder / "who")
        ],
        "campaign-plan": [
            printed("campaign", "plan", model, sample, "--json", "--out", folder / "plan")
        ],
        "campaign-read": [
            printed("campaign", "read", folder / "plan", folder / "bought.csv", "--json")
        ],
        "forget": [printed("forget", 1, folder / "who", "--json")],
        "sql": [
            printed("sql", model, "--dialect", "duckdb", "--rules", "--json"),
            printed("sql", model, "--dialect", "mysql", "--json"),
        ],
        "export": [
            printed("export", model, "--to", to, "--out", folder / to, "--json") for to in EXPORTS
        ],
        "typing-tool": [printed("typing-tool", model, sample, "--json")],
        "model": [json.loads(model.read_text("utf-8"))],
        "columns": [tomllib.loads((folder / "out" / "columns.toml").read_text("utf-8"))],
        "job": [],
    }
    shoal.init(sample, folder / "shoal.toml", id="CustomerID")
    text = (folder / "shoal.toml").read_text("utf-8")
    laid_down = re.sub(r"^# (?=\w+ = |\[columns)", "", text, flags=re.MULTILINE)
    found["job"] = [tomllib.loads(text), tomllib.loads(laid_down)]
    return found


@pytest.mark.parametrize("name", list(CONTRACTS))
def test_what_is_printed_is_what_is_promised(name: str, outputs: dict[str, list[Any]]) -> None:
    Draft202012Validator.check_schema(shoal.schema(name))
    for body in outputs[name]:
        assert wrong(name, body) == []


@pytest.mark.parametrize("name", [name for name, c in CONTRACTS.items() if not c.is_read])
def test_a_key_less_or_of_another_kind_is_seen(name: str, outputs: dict[str, list[Any]]) -> None:
    cases = list(changed(outputs[name][0]))
    assert len(cases) > 5
    assert [what for what, body in cases if not wrong(name, body)] == []


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("model", {"format": "shoal-segmentation", "schema_version": 1}),
        ("model", {"format": "other", "schema_version": 1, "model": {}}),
        ("columns", {"spent": {"role": "bases"}}),
        ("columns", {"spent": {"rolle": "basis"}}),
        ("job", {"kmax": 3}),
        ("job", {"k": "five"}),
        ("job", {"scale": "log"}),
    ],
)
def test_a_wrong_file_is_seen(name: str, body: dict[str, Any]) -> None:
    assert wrong(name, body)


def test_a_job_may_hold_what_the_schema_says() -> None:
    assert set(shoal.schema("job")["properties"]) == set(job.known_names())


def test_real_tables_keep_the_promise(shared: Path) -> None:
    for table in ("wholesale_customers", "ifood_marketing_campaign"):
        file = next((shared / table).glob("*.csv"))
        assert wrong("inspect", printed("inspect", file, "--json")) == []
    assert wrong("segment", printed("segment", file, "--k", 3, "--k-max", 3, "--json")) == []


@pytest.mark.parametrize(("model", "table"), [("first", "sample"), ("made", "made")])
def test_models_of_earlier_versions_still_place(model: str, table: str, tmp_path: Path) -> None:
    kept = json.loads((MODELS / f"{model}.json").read_text("utf-8"))
    assert wrong("model", kept) == []
    file = MODELS / f"{table}.csv" if table == "made" else demo_data.write(tmp_path / "t.csv")
    loaded = shoal.load(MODELS / f"{model}.json")
    assert list(loaded.names) == kept["model"]["names"]
    placed = shoal.assign(MODELS / f"{model}.json", file, out=tmp_path / "placed.csv")
    assert [s["size"] for s in placed["segments"]] == kept["model"]["sizes"]


def in_order(schema: Any) -> Any:
    """The same schema, whichever way msgspec lists the kinds that a value may be of."""
    if isinstance(schema, list):
        return [in_order(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    told = {key: in_order(value) for key, value in schema.items()}
    if "anyOf" in told:
        told["anyOf"].sort(key=json.dumps)
    return told


def test_the_published_schemas_are_up_to_date() -> None:
    """A promise that changes is seen here; one that is broken needs another version."""
    spec = importlib.util.spec_from_file_location("schemas", ROOT / "scripts" / "schemas.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    for name, text in module.schemas().items():
        published = (ROOT / "docs" / "schemas" / name).read_text("utf-8")
        now = in_order(json.loads(text))
        assert in_order(json.loads(published)) == now, "run: .venv/bin/python scripts/schemas.py"


def test_a_schema_is_asked_for_by_name() -> None:
    assert set(NAMES) == set(CONTRACTS)
    assert printed("schema", "assign") == shoal.schema("assign")
    with pytest.raises(shoal.OptionError, match='no schema of "modle"'):
        shoal.schema("modle")
