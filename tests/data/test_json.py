"""JSON in the shapes that programs write it."""

from __future__ import annotations

import codecs
import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import shoal
from shoal.errors import InputError

ROWS = [{"id": f"K{i}", "spent": i + 0.5, "visits": i % 3} for i in range(12)]
FRAME = pd.DataFrame(ROWS)
LABELLED = FRAME.set_index("id")
CELLS = [[str(v) for v in row.values()] for row in ROWS]
FIELDS = [{"name": name, "type": "STRING"} for name in ROWS[0]]
LINES = [json.dumps(row) for row in ROWS]

SHAPES: dict[str, Any] = {
    "array": json.dumps(ROWS),
    "pretty": json.dumps(ROWS, indent=2),
    "lines": "\n".join(LINES),
    "lines with commas": ",\n".join(LINES),
    "one after the other": "\n".join(json.dumps(row, indent=1) for row in ROWS),
    "with a mark": "\ufeff" + json.dumps(ROWS),
    "lines with a mark": "\ufeff" + "\n".join(LINES),
    "utf-16": json.dumps(ROWS).encode("utf-16"),
    "utf-16 without a mark": json.dumps(ROWS).encode("utf-16-le"),
    "utf-32": codecs.BOM_UTF32_LE + json.dumps(ROWS).encode("utf-32-le"),
    "inside": json.dumps({"status": "ok", "count": 12, "data": ROWS}),
    "deep inside": json.dumps({"meta": {"pages": [1, 2]}, "result": {"items": ROWS}}),
    "split": FRAME.to_json(orient="split"),
    "split with labels": LABELLED.to_json(orient="split"),
    "index": FRAME.to_json(orient="index"),
    "index with labels": LABELLED.to_json(orient="index"),
    "columns": FRAME.to_json(orient="columns"),
    "columns with labels": LABELLED.to_json(orient="columns"),
    "table": LABELLED.to_json(orient="table"),
    "lists": json.dumps(FRAME.to_dict("list")),
    "sheet": json.dumps({"range": "A1:C13", "values": [list(ROWS[0]), *CELLS]}),
    "rows with their names first": json.dumps([list(ROWS[0]), *CELLS]),
    "warehouse": json.dumps(
        {
            "schema": {"fields": FIELDS},
            "rows": [{"f": [{"v": cell} for cell in row]} for row in CELLS],
        }
    ),
    "search engine": json.dumps(
        {
            "hits": {
                "hits": [{"_index": "c", "_id": str(i), "_source": r} for i, r in enumerate(ROWS)]
            }
        }
    ),
    "map": json.dumps(
        {"features": [{"type": "Feature", "geometry": None, "properties": r} for r in ROWS]}
    ),
}


def read(tmp_path: Path, content: str | bytes) -> Any:
    path = tmp_path / "table.json"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return shoal.read(path)


@pytest.mark.parametrize("shape", SHAPES)
def test_every_shape_holds_the_same_records(shape: str, tmp_path: Path) -> None:
    frame = read(tmp_path, SHAPES[shape]).to_arrow().to_pandas()
    key = "id" if "id" in frame else "index"
    assert frame[key].tolist() == FRAME["id"].tolist()
    assert frame["spent"].tolist() == FRAME["spent"].tolist()
    assert frame["visits"].tolist() == FRAME["visits"].tolist()


def test_values_that_json_cannot_type(tmp_path: Path) -> None:
    rows = [
        {
            "_id": {"$oid": f"5f{i}"},
            "kunde_nr": 12345678901234567890 + i,
            "spent": "n/a" if i == 3 else i + 0.5,
            "Age": i,
            "age": i + 0.25,
            "at": "2024-01-03T10:00:00+02:00",
            "address": {"city": "Bonn", "place": {"lat": 1.5}},
        }
        for i in range(12)
    ]
    table = read(tmp_path, json.dumps(rows)).to_arrow()
    names = ["_id", "kunde_nr", "spent", "Age", "age", "at", "address.city", "address.place.lat"]
    assert table.column_names == names
    assert table["_id"].to_pylist() == [f"5f{i}" for i in range(12)]
    assert table["kunde_nr"].to_pylist() == [str(12345678901234567890 + i) for i in range(12)]
    assert table["spent"].to_pylist() == [None if i == 3 else i + 0.5 for i in range(12)]
    assert table["age"].to_pylist() == [i + 0.25 for i in range(12)]
    assert str(table["at"][0]) == "2024-01-03 08:00:00"
    assert table["address.place.lat"].to_pylist() == [1.5] * 12


REFUSED = {
    '{"a": {"b": [1, 2, 3]}, "c": "%s"}' % ("secret " * 90): "without records",
    json.dumps({"data": ROWS, "key": "secret"})[:-20]: "no sound JSON",
    json.dumps([{"key": "secret"}, *ROWS])[:-20]: "Malformed JSON",
    "[]": "without records",
}


@pytest.mark.parametrize("content", REFUSED)
def test_what_holds_no_records_is_refused_without_its_content(content: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=REFUSED[content]) as caught:
        read(tmp_path, content)
    assert "secret" not in str(caught.value)
    assert len(str(caught.value)) < 400


def test_the_largest_table_that_phpmyadmin_wrote(tmp_path: Path) -> None:
    rows = [{"id": f"K{i}", "spent": str(i * 1.5)} for i in range(9)]
    tables = [
        {"type": "header", "version": "5.2.1", "comment": "Export to JSON plugin"},
        {"type": "database", "name": "shop"},
        {"type": "table", "name": "plans", "database": "shop", "data": [{"plan": "a"}]},
        {"type": "table", "name": "customers", "database": "shop", "data": rows},
    ]
    path = tmp_path / "shop.json"
    path.write_text(json.dumps(tables, indent=1))
    table = shoal.read(path)
    assert table.to_arrow()["spent"].to_pylist() == [i * 1.5 for i in range(9)]
    (said,) = [f for f in table.findings if f.code == "records-inside"]
    assert '"customers"' in said.message


def test_lists_one_a_line_are_rows(tmp_path):
    path = tmp_path / "t.jsonl"
    path.write_text('["id", "spent"]\n["a", 1.5]\n["b", 2.5]\n["c", 3.5]\n')
    table = shoal.read(path)
    assert table.to_arrow().to_pydict() == {"id": ["a", "b", "c"], "spent": [1.5, 2.5, 3.5]}


def test_records_in_several_lists_are_warned_of(tmp_path):
    path = tmp_path / "t.json"
    rows = [{"id": f"K{i}", "spent": i} for i in range(5)]
    path.write_text(json.dumps({"north": rows[:3], "south": rows[3:]}))
    said = next(f for f in shoal.read(path).findings if f.code == "records-inside")
    assert (said.severity, said.values["beside"]) == ("warning", 2)
    path.write_text(json.dumps({"data": rows, "total": 5}))
    said = next(f for f in shoal.read(path).findings if f.code == "records-inside")
    assert (said.severity, said.values["beside"]) == ("info", 0)


SOLD = [{"id": f"K{i}", "spent": i + 0.5} for i in range(6)]
OF_SERVICES = {
    "pages": [{"page": 1, "items": SOLD[:3]}, {"page": 2, "items": SOLD[3:]}],
    "of DynamoDB": {
        "Items": [{"id": {"S": r["id"]}, "spent": {"N": str(r["spent"])}} for r in SOLD],
        "Count": 6,
    },
    "of Athena": {
        "ResultSet": {
            "Rows": [
                {"Data": [{"VarCharValue": str(cell)} for cell in row]}
                for row in (["id", "spent"], *[r.values() for r in SOLD])
            ]
        }
    },
}


@pytest.mark.parametrize("kind", [*OF_SERVICES, "pages one a line", "a comma at the end"])
def test_records_of_more_services(kind: str, tmp_path: Path) -> None:
    path = tmp_path / "t.json"
    if kind == "pages one a line":
        path.write_text("\n".join(map(json.dumps, OF_SERVICES["pages"])))
    elif kind == "a comma at the end":
        path.write_text("[\n" + ",\n".join(map(json.dumps, SOLD)) + ",\n]\n")
    else:
        path.write_text(json.dumps(OF_SERVICES[kind]))
    assert shoal.read(path).to_arrow().to_pylist() == SOLD


def test_customers_with_lists_of_orders_are_no_pages(tmp_path: Path) -> None:
    path = tmp_path / "t.json"
    customers = [{"id": i, "orders": [{"sku": "a"}]} for i in range(6)]
    path.write_text(json.dumps(customers))
    assert shoal.read(path).to_arrow()["id"].to_pylist() == list(range(6))
