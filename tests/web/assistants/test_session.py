"""An assistant's session over standard input and output, by the SDK's own client."""

from __future__ import annotations

import asyncio
import json
import os
import sqlite3
import sys
from contextlib import closing
from pathlib import Path
from typing import Any, NamedTuple

import duckdb
import numpy as np
import pandas as pd
import pytest

import shoal
from people_kit import met, people

pytest.importorskip("mcp")
from mcp import Client, StdioServerParameters, stdio_client

MOST = 40_000  # letters of an answer
OUTSIDE = [
    "../secret.csv",
    "link.csv",
    "linked/secret.csv",
    "sub/../../secret.csv",
    "file://{}/secret.csv",
    "{}/secret.csv",
    "https://shop.example/customers.csv",
    "postgresql://reader@host/shop?table=customers",
    "sqlite:///{}/secret.csv?table=a",
    "s3://bucket/customers.parquet",
    "*.csv",
    "sub",
    ".hidden/secret.csv",
    "~/secret.csv",
    "-",
    "",
    "no\0thing",
]


class Said(NamedTuple):
    body: dict[str, Any]
    text: str
    refused: bool


def tables(folder: Path) -> Path:
    """An ordinary table with persons in it, a broken one, one without groups; a secret outside."""
    root = folder / "tables"
    (root / "sub").mkdir(parents=True)
    (root / ".hidden").mkdir()
    people().to_csv(root / "people.csv", index=False)
    rows = [dict(zip(people(), row, strict=True)) for row in people().head(40).values.tolist()]
    (root / "sub" / "broken.json").write_text(json.dumps(rows)[:-700], "utf-8")
    x = np.random.default_rng(5).normal(0, 1, (400, 3))
    cloud = pd.DataFrame(x * [20, 2, 5] + [100, 12, 50], columns=["spent", "visits", "minutes"])
    cloud.to_csv(root / "cloud.csv", index=False)
    secret = folder / "secret.csv"
    people().to_csv(secret, index=False)
    with closing(sqlite3.connect(root / "shop.sqlite")) as shop:
        people().to_sql("people", shop, index=False)
        people().head(9).to_sql("new ones", shop, index=False)
    with closing(duckdb.connect(str(root / "shop.duckdb"))) as shop:
        shop.register("made", people())
        shop.execute("CREATE TABLE people AS FROM made")
        shop.execute(f"CREATE VIEW outside AS SELECT * FROM read_csv('{secret}')")
    (root / "torn.db").write_bytes(b"SQLite format 3\0" + b"\xff" * 500)
    people().to_csv(root / ".hidden" / "secret.csv", index=False)
    (root / "link.csv").symlink_to(secret)
    (root / "linked").symlink_to(folder, target_is_directory=True)
    return root


async def converse(root: Path, out: Path, talk: Any) -> None:
    source = str(Path(shoal.__file__).parents[1])
    server = StdioServerParameters(
        command=sys.executable,
        args=["-m", "shoal", "mcp", "--root", str(root), "--out", str(out)],
        env={**os.environ, "PYTHONPATH": source},
    )
    async with Client(stdio_client(server), read_timeout_seconds=60) as client:
        await talk(client)


class Session:
    """What was answered, in order."""

    def __init__(self, client: Client, said: list[Said]) -> None:
        self.client, self.said = client, said

    async def __call__(self, tool: str, **arguments: Any) -> dict[str, Any]:
        done = await self.client.call_tool(tool, arguments)
        body = done.structured_content
        assert json.loads(done.content[0].text) == body
        self.said.append(Said(body, done.content[0].text, done.is_error))
        return body


async def of_database(ask: Session, file: str) -> dict[str, dict[str, Any]]:
    """The same questions about the table of customers in a database."""
    study = await ask("segment", table=file, database_table="people")
    key = study["study"]
    return {
        "segment": study,
        "inspect": await ask("inspect", table=file, database_table="people", only=["spent"]),
        "explain": await ask("explain", study=key, segment=1),
        "customer": await ask("explain", study=key, customer="7"),
        "assign": await ask("assign", study=key, table=file, database_table="people"),
        "report": await ask("report", study=key),
        "which": await ask("inspect", table=file),
        "which of": await ask("assign", study=key, table=file),
        "wrong": await ask("inspect", table=file, database_table="peple"),
        "outside": await ask("inspect", table=file, database_table="outside"),
        "statement": await ask("inspect", table=file, database_table='people"; DROP TABLE people'),
        "function": await ask("segment", table=file, database_table="read_csv('../secret.csv')"),
    }


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The script, and all that was answered to it."""
    folder = tmp_path_factory.mktemp("assistant")
    root, out = tables(folder), folder / "out"
    out.mkdir()
    found: dict[str, Any] = {"root": root, "out": out, "said": []}

    async def script(client: Client) -> None:
        found["tools"] = (await client.list_tools()).tools
        found["instructions"] = client.instructions
        ask = Session(client, found["said"])
        found["tables"] = await ask("tables")
        found["looked"] = await ask("inspect", table="people.csv")
        found["one"] = await ask("inspect", table="people.csv", only=["spent"])
        study = await ask("segment", table="people.csv", names={"1": "Big spenders"})
        found["people"] = study
        least = min(study["segments"], key=lambda s: s["value_share"])["id"]
        most = max(study["segments"], key=lambda s: s["value_share"])["id"]
        found["least"], found["most"] = least, most
        found["bad name"] = await ask("rename", study="study-1", segment=least, name="Big spenders")
        found["person"] = await ask(
            "rename", study="study-1", segment=least, name="annika@beispiel.example"
        )
        found["segment"] = await ask("explain", study="study-1", segment=most)
        found["good name"] = await ask(
            "rename", study="study-1", segment=most, name="Top spenders, weekend"
        )
        found["after"] = await ask("explain", study="study-1", segment=most)
        found["customer"] = await ask("explain", study="study-1", customer="7")
        found["nobody"] = await ask(
            "explain", study="study-1", customer="annika.ackermann0@beispiel.example"
        )
        found["counted"] = await ask("assign", study="study-1", table="people.csv")
        found["written"] = await ask(
            "assign", study="study-1", table="people.csv", file="labels.csv"
        )
        for which, file in (("sqlite", "shop.sqlite"), ("duckdb", "shop.duckdb")):
            found[which] = await of_database(ask, file)
        found["torn"] = await ask("inspect", table="torn.db", database_table="people")
        rows = people().head(5).to_dict("records")
        found["placed"] = await ask("assign", study="study-1", customers=rows)
        found["report"] = await ask("report", study="study-1", file="report.html")
        found["cloud"] = await ask("segment", table="cloud.csv")
        found["broken"] = await ask("segment", table="sub/broken.json")
        found["outside"] = [await ask("inspect", table=path.format(folder)) for path in OUTSIDE]
        found["written outside"] = [
            await ask("report", study="study-1", file=name)
            for name in ("../r.html", "/tmp/r.html", "r.csv", ".html", "a/b.html")
        ]
        found["wrong"] = [
            await ask("segment", table="people.csv", k="Annika Ackermann"),
            await ask("segment", table="people.csv", n_clusters=3),
            await ask("segment", table="people.csv", k=1000),
            await ask("segment", table="people.csv", by=["Vorname"]),
            await ask("segment", table="people.csv", names={"Annika": "x"}),
            await ask("explain", study="study-9", segment=1),
            await ask("explain", study="study-1"),
            await ask("assign", study="study-1"),
            await ask("assign", model="people.csv", table="people.csv"),
        ]

    asyncio.run(asyncio.wait_for(converse(root, out, script), 120))
    return found


def test_the_tools_are_described(told) -> None:
    names = ["tables", "inspect", "segment", "explain", "assign", "report", "rename"]
    assert [tool.name for tool in told["tools"]] == names
    assert all(len(tool.description) > 30 for tool in told["tools"])
    assert "refusals" in told["instructions"]


def test_every_answer_has_a_verdict_doubts_and_refusals_and_an_end(told) -> None:
    for body, text, refused in told["said"]:
        assert [type(body[key]) for key in ("verdict", "doubts", "refusals")] == [str, list, list]
        assert body["verdict"]
        assert len(text) < MOST
        assert refused == bool(body.get("refused"))
        assert not refused or body["refusals"]
        assert str(told["root"]) not in text


def test_no_answer_names_a_person(told) -> None:
    """Byte for byte; `web` and the columns' own names are no persons."""
    for body, text, _ in told["said"]:
        assert met(text) == set(), body
        assert met(json.dumps(body, ensure_ascii=False)) == set()


def test_tables_are_listed(told) -> None:
    files = ["cloud.csv", "people.csv", "shop.duckdb", "shop.sqlite", "sub/broken.json", "torn.db"]
    assert told["tables"]["tables"] == files


def test_a_table_is_inspected(told) -> None:
    columns = {c["name"]: c for c in told["looked"]["columns"]}
    frame = people()
    assert list(columns) == list(frame.columns)
    assert columns["spent"]["median"] == pytest.approx(frame.spent.median(), abs=1)
    assert "min" not in columns["téléphone"]
    assert "words" not in columns["Vorname"]
    assert "may name persons" in told["looked"]["refusals"][0]
    assert [c["name"] for c in told["one"]["columns"]] == ["spent"]


def test_an_ordinary_table_is_segmented(told) -> None:
    study = told["people"]
    assert (study["study"], study["k"], study["structure"]) == ("study-1", 3, "natural")
    assert sorted(s["size"] for s in study["segments"]) == [80, 80, 80]
    assert "clearly separated" in study["verdict"]


def test_a_name_is_held_against_the_figures(told) -> None:
    bad, good = told["bad name"], told["good name"]
    median = people().spent.groupby(np.arange(240) % 3).median().min()
    assert bad["refused"]
    assert f"median {median:.0f} against {people().spent.median():.0f}" in bad["refusals"][0]
    assert good["name"]["kept"]
    assert good["name"]["not_checked"] == ["weekend"]
    assert "weekend" in good["doubts"][0]
    assert told["after"]["segment"]["name"] == "Top spenders, weekend"
    assert told["segment"]["segment"]["name"] != "Top spenders, weekend"
    assert told["person"]["refused"]
    (first,) = told["people"]["names"]
    holds = told["most"] == 1
    assert first["kept"] == holds
    assert any("big spenders" in line for line in told["people"]["refusals"]) != holds


def test_customers_are_explained_and_placed(told) -> None:
    assert told["customer"]["segment"] in (1, 2, 3)
    assert len(told["customer"]["pulls"]) == 2
    assert told["nobody"]["refused"]
    counted = {row["id"]: row["size"] for row in told["counted"]["segments"]}
    assert counted == {row["id"]: row["size"] for row in told["people"]["segments"]}
    labels = pd.read_csv(told["out"] / "labels.csv")
    assert labels["segment"].value_counts().to_dict() == counted
    placed = [row["segment"] for row in told["placed"]["customers"]]
    assert placed == labels["segment"].head(5).tolist()
    assert set(told["placed"]["customers"][0]) == {
        *("segment", "name", "runner_up", "margin", "unlike_anyone")
    }


def test_a_report_is_told_and_written(told) -> None:
    assert "| 1 |" in told["report"]["report"]
    page = (told["out"] / "report.html").read_text("utf-8")
    assert "Top spenders, weekend" in page


def test_a_database_in_a_file_is_asked_as_a_table_is(told) -> None:
    for which in ("sqlite", "duckdb"):
        found = told[which]
        assert sorted(s["size"] for s in found["segment"]["segments"]) == [80, 80, 80]
        assert found["segment"]["table"] == "people of shop"
        assert found["inspect"]["columns"][0]["median"] == told["one"]["columns"][0]["median"]
        assert found["explain"]["segment"] == found["segment"]["segments"][0]
        assert found["customer"]["segment"] == told["customer"]["segment"]
        assert found["assign"]["rows_labelled"] == 240
        assert {s["size"] for s in found["assign"]["segments"]} == {80}
        assert "| 1 |" in found["report"]["report"]
        refused = ("which", "which of", "wrong", "outside", "statement", "function")
        assert all(found[each]["refused"] for each in refused)
    there = '"new ones", "people"'
    assert told["sqlite"]["which"]["refusals"] == [
        "shop.sqlite is a database: say which of its tables is meant, by database_table. "
        f"Tables there: {there}."
    ]
    assert told["duckdb"]["which of"]["refusals"][0].endswith('there: "outside", "people".')
    assert 'no table "peple". Did you mean "people"?' in told["duckdb"]["wrong"]["refusals"][0]
    assert "asks for other files" in told["duckdb"]["outside"]["refusals"][0]
    assert "not a database" in told["torn"]["refusals"][0]


def test_a_table_without_groups_says_so(told) -> None:
    cloud = told["cloud"]
    assert cloud["structure"] == "none"
    assert cloud["verdict"].startswith("No groups found")
    assert "Do not tell anybody that these groups exist" in " ".join(cloud["refusals"])


def test_a_broken_table_is_refused(told) -> None:
    assert told["broken"]["refused"]
    assert "broken.json" in told["broken"]["refusals"][0]


def test_nothing_outside_is_read_or_written(told) -> None:
    assert [body["verdict"] for body in told["outside"]] == ["refused"] * len(OUTSIDE)
    assert {body["refusals"][0].partition('"')[0] for body in told["outside"]} == {
        "There is no file "
    }
    assert [body["verdict"] for body in told["written outside"]] == ["refused"] * 5
    written = sorted(p.name for p in told["out"].iterdir())
    assert written == ["labels.csv", "labels.csv-metadata.json", "report.html"]


def test_wrong_arguments_are_refused_in_words(told) -> None:
    assert all(body["refused"] for body in told["wrong"])
    said = [body["refusals"][0] for body in told["wrong"]]
    assert said[0].startswith("k: ")
    assert 'no argument "n_clusters"' in said[1]
    assert "--" not in " ".join(said[:8])
