"""Which model a result comes from."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from shoal.types import Segmentation
from shoal.types.plain_json import as_json

LETTERS = 16  # hexadecimal: two models that differ are called alike once in 10^19
_SAID = ("words", "filled")  # of a feature: they place nobody


def model_id(model: Segmentation) -> str:
    """The name of a model by all of it that places customers; another one names others.

    Neither names nor colours are part of it, nor what is known of those who formed it: a model
    keeps its id when a segment is called otherwise.
    """
    recipe = as_json(model.recipe)
    for feature in recipe["features"]:
        for name in _SAID:
            del feature[name]
    placing = [recipe, as_json(model.centres), as_json(model.far), list(model.ids)]
    text = json.dumps([*placing, as_json(model.made)], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:LETTERS]


KEY = "shoal.model_id"  # among the metadata of Parquet files


def beside(labels: Path) -> Path | None:
    """Where the model of a file of labels is told that has no place for it: beside a CSV.

    Its name is that of CSV on the Web (W3C 2015). None for Parquet, whose metadata tell it.

    >>> beside(Path("may.csv")).name
    'may.csv-metadata.json'
    """
    return None if labels.suffix == ".parquet" else labels.with_name(f"{labels.name}-metadata.json")


def write_beside(labels: Path, model: Segmentation) -> None:
    """Tell beside a CSV of labels which model they are of."""
    path = beside(labels)
    if path is not None:
        told = {"@context": "http://www.w3.org/ns/csvw", "url": labels.name, KEY: model_id(model)}
        path.write_text(json.dumps(told, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def metadata_of(path: Path) -> dict[str, Any]:
    """What a file of labels, or what lies beside it, tells; empty where nothing does."""
    try:
        if path.suffix == ".parquet":
            import pyarrow.parquet

            found = pyarrow.parquet.read_schema(_one_of(path)).metadata or {}
            own = {KEY: found[_KEY].decode()} if _KEY in found else {}
            return own or _told_by_spark(found.get(_SPARK, b""))
        near = beside(path)
        run = path.with_name("run.json")
        return dict(json.loads((near if near and near.exists() else run).read_text("utf-8")))
    except (OSError, ValueError):
        return {}


_KEY = KEY.encode()
_SPARK = b"org.apache.spark.sql.parquet.row.metadata"  # where it keeps the metadata of columns


def _one_of(path: Path) -> Path:
    """A file of Parquet, or any of those in a folder."""
    return next(iter(sorted(path.glob("*.parquet"))), path) if path.is_dir() else path


def _told_by_spark(schema: bytes) -> dict[str, Any]:
    """What the metadata of a column tell, in a file that Spark wrote."""
    columns = json.loads(schema)["fields"] if schema else []
    told = (column.get("metadata", {}) for column in columns)
    return next(({KEY: each[KEY]} for each in told if KEY in each), {})


def model_of(path: Path) -> str | None:
    """The id of the model that labelled the customers of a file; None where nothing tells it."""
    told = metadata_of(path)
    found = told.get(KEY, told.get("model_id"))
    return found if isinstance(found, str) else None
