"""The routes, asked without a network: what is answered, and from which model."""

from __future__ import annotations

import asyncio
import csv
import hashlib
import io
import json
import logging
import os
from dataclasses import replace
from pathlib import Path

import pytest

import shoal

pytest.importorskip("fastapi")

from service_kit import (
    JSON,
    ODD,
    ask,
    customer,
    model_file,
    odd_study,
    odd_table,
    plain_study,
    send,
)
from shoal.web.service import App, checked
from shoal.web.service.customers import customers_of

NOBODY: dict[str, str] = {}  # an environment without tokens


def app_of(folder: Path, study: shoal.Study | None = None, **options) -> App:
    path = model_file(folder, study or odd_study())
    return App(checked(path, environment=NOBODY, **options))


def post(app: App, body: object):
    return ask(app, "POST", "/v1/assign", json.dumps(body).encode(), headers=JSON)


def test_one_customer_or_many_are_placed_in_their_order(tmp_path):
    app = app_of(tmp_path)
    digest = hashlib.sha256((tmp_path / "model.json").read_bytes()).hexdigest()
    status, one, headers = post(app, customer(customer="007"))
    assert (status, headers["content-type"]) == (200, "application/json")
    assert one["model_id"] == odd_study().model.id
    told = ask(app, "GET", "/v1/model")[1]
    assert (told["model_id"], told["file_sha256"]) == (one["model_id"], digest)
    [placed] = one["customers"]
    assert placed["id"] == "007"
    name = odd_study().segments.loc[placed["segment"], "name"]
    assert placed["name"] == name
    others = {"spent": 1000.0, ODD: "premium", "active": True, "last_purchase": "2023-12-03"}
    status, many, _ = post(app, [customer(**others, customer=12), customer()])
    assert [each["id"] for each in many["customers"]] == [12, None]
    assert many["customers"][1] == placed | {"id": None}
    assert many["customers"][0]["segment"] != placed["segment"]


VALUES = """
    0 -0 2.0 1.5 1e3 1e999 NaN 1e60 1.01e60 9223372036854775807 9223372036854775808 true null
    "no" "\\u006eo" "\\ud800" "2024-02-29" "2023-02-29" "2024-2-1" "20240201" "" [1] {} 01
"""


def test_the_quick_reader_takes_only_what_the_schema_takes():
    """And as the same values; all else is left to the schema."""
    study = shoal.segment(
        odd_table().rename(columns={ODD: "Plan Ü~/"}),
        id="customer",
        by=["spent", "Plan Ü~/", "active", "days since last purchase"],
        k=3,
        date="2024-07-01",
    )
    reader = customers_of(study.model, 3)
    assert reader.quick is not None
    assert customers_of(odd_study().model, 3).quick is None  # a name with quotes
    right = {"spent": 1, "Plan Ü~/": "plus", "active": 0, "last_purchase": None, "customer": "x"}
    changed = [json.dumps(right | {name: "@"}) for name in right]
    bodies = [body.replace('"@"', value) for body in changed for value in VALUES.split()]
    bodies += [f"[{body}]" for body in bodies] + ["[]", "{}", "[null]", "[" * 100_000]
    bodies += [json.dumps(right | {"x": 1}), json.dumps([right] * 4), json.dumps(right) + "x"]
    taken = 0
    for body in map(str.encode, bodies):
        found = reader.quick.read(body, single=body[:1] == b"{")
        if found is not None:
            taken += 1
            assert repr(found) == repr(replace(reader, quick=None).read(body)), body
    assert taken >= 40


def test_what_is_odd_is_told_as_assign_tells_it(tmp_path):
    app = app_of(tmp_path)
    rows = [customer(), customer(newsletter=None), customer(spent=None)]
    _, answer, _ = post(app, rows)
    assert [(f["code"], f["column"]) for f in answer["findings"]] == [
        ("gaps", "newsletter"),
        ("gaps", "spent"),
    ]
    nothing = dict.fromkeys(customer())
    _, answer, _ = post(app, nothing)
    [placed] = answer["customers"]
    assert (placed["segment"], placed["name"], placed["margin"]) == (None, None, 0.0)
    assert "set-aside" in [f["code"] for f in answer["findings"]]
    # A purchase after the day of the model says nothing of recency: it is a gap, and said.
    _, answer, _ = post(app, customer(last_purchase="2025-01-01"))
    assert [f["column"] for f in answer["findings"]] == ["days since last purchase"]


@pytest.mark.parametrize(
    ("table", "by"),
    [("mall_customers", ["Gender", "Age", "Annual Income (k$)"]), ("wholesale_customers", None)],
)
def test_answers_are_those_of_the_command_line_byte_for_byte(shared, tmp_path, table, by):
    source = next((shared / table).glob("*.csv"))
    model = shoal.segment(source, by=by, k=3).save(tmp_path / "model.json")
    shoal.assign(model, source, out=tmp_path / "labels.csv", keep="id")
    wanted = list(csv.reader((tmp_path / "labels.csv").open(encoding="utf-8")))
    rows = shoal.read(source).to_arrow().to_pylist()
    app = App(checked(model, environment=NOBODY))
    asked = [c["name"] for c in ask(app, "GET", "/v1/model")[1]["columns"]]
    id_column = shoal.load(model).segmentation.id_column
    kept = [
        {name: row[name] for name in [*asked, *([id_column] if id_column else [])]} for row in rows
    ]
    status, answer, _ = post(app, kept)
    assert status == 200
    assert _as_csv(answer["customers"], id_column) == wanted[1:]
    some = list(range(0, len(kept), max(len(kept) // 40, 1)))
    alone = asyncio.run(_all_at_once(app, [kept[i] for i in some]))
    assert [_as_csv([row], id_column, i + 1)[0] for i, row in zip(some, alone, strict=True)] == [
        wanted[1 + i] for i in some
    ]


async def _all_at_once(app: App, customers: list[dict]) -> list[dict]:
    bodies = [json.dumps(each).encode() for each in customers]
    sent = [send(app, "POST", "/v1/assign", body, headers=JSON) for body in bodies]
    return [answer["customers"][0] for _, answer, _ in await asyncio.gather(*sent)]


def _as_csv(customers: list[dict], id_column: str | None, first: int = 1) -> list[list[str]]:
    """Answers as `shoal assign` writes them."""
    lines = []
    for number, each in enumerate(customers, first):
        key = each["id"] if id_column else number
        flag = str(each["unlike_anyone"]).lower()
        margin = f"{each['margin']:.4f}".rstrip("0").rstrip(".")
        row = [key, each["segment"], each["name"], each["runner_up"] or "", margin, flag]
        lines.append([str(cell) for cell in row])
    return lines


def test_the_schema_is_made_from_the_model(tmp_path):
    app = app_of(tmp_path)
    status, document, _ = ask(app, "GET", "/openapi.json")
    assert (status, document["openapi"]) == (200, "3.1.0")
    schema = document["components"]["schemas"]["Customer"]
    kinds = {
        name: [each["type"] for each in field["anyOf"]]
        for name, field in schema["properties"].items()
    }
    assert kinds == {
        "spent": ["number", "null"],
        ODD: ["string", "null"],
        "newsletter": ["string", "null"],
        "active": ["number", "boolean", "null"],
        "last_purchase": ["string", "null"],
        "customer": ["string", "integer", "number", "null"],
    }
    assert set(schema["required"]) == set(kinds) - {"customer"}
    assert schema["additionalProperties"] is False
    assert schema["properties"][ODD]["anyOf"][0]["enum"] == ["basic", "plus", "premium"]
    assert "securitySchemes" not in document["components"]


def test_examples_are_centroids_and_lie_in_their_segments(tmp_path):
    app = app_of(tmp_path)
    schema = ask(app, "GET", "/openapi.json")[1]["components"]["schemas"]["Customer"]
    _, answer, _ = post(app, schema["examples"])
    assert [each["segment"] for each in answer["customers"]] == [1, 2, 3]
    assert all(each["margin"] > 0.8 for each in answer["customers"])
    spent = set(odd_table()["spent"])
    assert not spent & {example["spent"] for example in schema["examples"]}


def test_the_centroid_of_a_few_customers_is_no_example(tmp_path):
    """It would be nearly their row."""
    study = plain_study()
    few = replace(study.model.segmentation, sizes=(2, 44, 44))
    path = shoal.Model(few, study.model.about).save(tmp_path / "model.json")
    app = App(checked(path, environment=NOBODY))
    schema = ask(app, "GET", "/openapi.json")[1]["components"]["schemas"]["Customer"]
    assert len(schema["examples"]) == 2


def test_segments_and_model_are_told(tmp_path):
    app, study = app_of(tmp_path), odd_study()
    _, told, _ = ask(app, "GET", "/v1/segments")
    wanted = study.segments.reset_index()
    for row, segment in zip(wanted.to_dict("records"), told["segments"], strict=True):
        for name in ("id", "name", "size", "share", "who", "verdict", "rule", "action"):
            assert segment[name] == row[name], name
    _, model, _ = ask(app, "GET", "/v1/model")
    assert (model["k"], model["rows"], model["id_column"]) == (3, 90, "customer")
    assert model["made_of"] == {"days since last purchase": ["last_purchase"]}
    assert {c["name"]: c["words"] for c in model["columns"]}["newsletter"] == ["no", "yes"]


def test_odd_notes_in_a_model_file_do_no_harm(tmp_path):
    """What stands in it for people is not checked when it is loaded."""
    study = plain_study()
    about = {"segments": [{"who": 5, "value_share": "x", "action": None}], "structure": ["?"]}
    path = shoal.Model(study.model.segmentation, about).save(tmp_path / "model.json")
    app = App(checked(path, environment=NOBODY))
    status, told, _ = ask(app, "GET", "/v1/segments")
    assert status == 200
    assert [each["who"] for each in told["segments"]] == [None, None, None]
    assert ask(app, "GET", "/v1/model")[1]["kind_of_groups"] is None


def test_a_model_is_reloaded_and_an_invalid_one_is_not(tmp_path, caplog):
    app = app_of(tmp_path)
    before = app.current.now.id
    file, body = tmp_path / "model.json", {"spent": 10.0, "visits": 5.0}
    assert post(app, body)[0] == 422
    model_file(tmp_path, plain_study(), "new.json")
    os.replace(tmp_path / "new.json", file)
    app.current.look()
    status, answer, _ = post(app, body)
    after = plain_study().model.id
    assert (status, answer["model_id"]) == (200, after)
    assert after != before
    assert set(
        ask(app, "GET", "/openapi.json")[1]["components"]["schemas"]["Customer"]["required"]
    ) == {
        "spent",
        "visits",
    }
    for content, why in [(b'{"format": "x"}', "no"), (b"\xff\xfe", "not"), (b"{", "JSON")]:
        caplog.clear()
        with caplog.at_level(logging.INFO, "shoal.service"):
            file.write_bytes(content)
            app.current.look()
        ready = ask(app, "GET", "/readyz")[1]
        assert (ready["status"], ready["newest"], ready["model_id"]) == ("ready", False, after)
        assert why in ready["why"]
        [refused] = [r.told for r in caplog.records if r.message == "model refused"]
        assert refused == {"answers_with": after, "why": ready["why"]}
        assert post(app, body)[1]["model_id"] == after
    file.unlink()
    app.current.look()
    assert "Cannot read" in ask(app, "GET", "/readyz")[1]["why"]
    assert "shoal_model_is_newest 0.0" in ask(app, "GET", "/metrics")[1]
    model_file(tmp_path, plain_study())
    app.current.look()
    assert ask(app, "GET", "/readyz")[1] == {
        "status": "ready", "model_id": after, "newest": True, "why": None,
    }  # fmt: skip


def test_a_model_whose_segments_are_renamed_is_taken_under_the_same_id(tmp_path):
    app = app_of(tmp_path, plain_study())
    body = {"spent": 10.0, "visits": 5.0}
    before = post(app, body)[1]
    names = {number: f"Group {number}" for number in plain_study().model.ids}
    plain_study().model.renamed(names).save(tmp_path / "model.json")
    app.current.look()
    after = post(app, body)[1]
    assert after["model_id"] == before["model_id"]
    assert after["customers"][0]["name"] == f"Group {after['customers'][0]['segment']}"


def test_requests_under_way_keep_to_the_model_that_they_began_with(tmp_path):
    """Names, numbers and the id of an answer are of one model, whenever the file changes."""
    names = {}
    for letter in "ab":
        model = plain_study().model.renamed({1: f"{letter}1", 2: f"{letter}2", 3: f"{letter}3"})
        farther = replace(model.segmentation, far=model.segmentation.far + ord(letter))
        model = replace(model, segmentation=farther)
        model.save(tmp_path / f"{letter}.json")
        names[model.id] = letter
    file = tmp_path / "model.json"
    file.write_bytes((tmp_path / "a.json").read_bytes())
    app = App(checked(file, environment=NOBODY))

    async def load() -> list[dict]:
        found = []
        for turn in range(20):
            body = json.dumps({"spent": 10.0 + turn, "visits": 5.0}).encode()
            sent = [
                asyncio.create_task(
                    send(app, "POST", "/v1/assign", [body[:9], body[9:]], JSON, 0.001)
                )
                for _ in range(8)
            ]
            os.replace(_copy(tmp_path / f"{'ba'[turn % 2]}.json"), file)
            await asyncio.to_thread(app.current.look)
            found += [answer for _, answer, _ in await asyncio.gather(*sent)]
        return found

    answers = asyncio.run(load())
    assert {names[answer["model_id"]] for answer in answers} == {"a", "b"}
    for answer in answers:
        [placed] = answer["customers"]
        letter = names[answer["model_id"]]
        assert (placed["name"][0], placed["runner_up"][0]) == (letter, letter)


def _copy(path: Path) -> Path:
    other = path.with_suffix(".copy")
    other.write_bytes(path.read_bytes())
    return other


def test_metrics_count_customers_by_segment(tmp_path):
    app = app_of(tmp_path, plain_study())
    _, answer, _ = post(app, [{"spent": 10, "visits": 5}] * 3 + [{"spent": None, "visits": None}])
    number = answer["customers"][0]["segment"]
    status, text, headers = ask(app, "GET", "/metrics")
    assert (status, headers["content-type"].partition(";")[0]) == (200, "text/plain")
    own = f'model_id="{answer["model_id"]}"'
    for line in (
        f'shoal_customers_placed_total{{{own},segment="{number}"}} 3.0',
        f'shoal_customers_placed_total{{{own},segment="none"}} 1.0',
        'shoal_requests_total{route="/v1/assign",status="200"} 1.0',
        "shoal_model_is_newest 1.0",
        "shoal_requests_under_way 1.0",
    ):
        assert line in text.splitlines(), line


def test_a_fault_is_told_by_its_place_and_not_by_what_was_sent(tmp_path, caplog, monkeypatch):
    app = app_of(tmp_path, plain_study())

    def broken(self, records):
        raise RuntimeError(f"cannot place {records}")

    monkeypatch.setattr(shoal.Model, "place", broken)
    with caplog.at_level(logging.INFO):
        status, answer, headers = post(app, {"spent": 123456.5, "visits": 1})
    assert (status, answer["type"]) == (500, "urn:shoal:problem:fault")
    assert headers["x-request-id"] in answer["detail"]
    [fault] = [record.told for record in caplog.records if record.message == "fault"]
    assert fault["error"] == "RuntimeError"
    assert any("broken" in line for line in fault["at"])
    assert "123456" not in str([record.told for record in caplog.records])


def test_logs_hold_no_data_of_customers(tmp_path, monkeypatch):
    from shoal.web.service import logs

    heard = io.StringIO()
    handler = logging.StreamHandler(heard)
    handler.setFormatter(logs.Lines())
    logger = logging.getLogger(logs.NAME)
    monkeypatch.setattr(logger, "handlers", [handler])
    monkeypatch.setattr(logger, "propagate", False)
    logger.setLevel(logging.INFO)
    app = app_of(tmp_path)
    secret = "ann-smith-4711"
    for body in (
        customer(customer=secret),
        customer(newsletter=secret),
        [{secret: 1}],
        {ODD: secret},
    ):
        post(app, body)
    for path in (f"/{secret}", f"/v1/assign?{secret}=1"):
        ask(app, "GET", path, headers={"user-agent": secret, "referer": secret, "cookie": secret})
    ask(app, secret, "/v1/model")
    lines = [json.loads(line) for line in heard.getvalue().splitlines()]
    assert [line["status"] for line in lines if line["event"] == "request"] == [
        200, 422, 422, 422, 404, 400, 405,
    ]  # fmt: skip
    assert secret not in heard.getvalue()
    assert {
        "time",
        "level",
        "event",
        "request",
        "method",
        "route",
        "status",
        "milliseconds",
    } <= set(lines[-1])
