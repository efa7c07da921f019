"""The folder of results, whole or not at all."""

from __future__ import annotations

import contextlib
import dataclasses
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from shoal.analysis.assign import NO_VALUES, Kept
from shoal.analysis.features import placeable
from shoal.engine.table import Table
from shoal.engine.worker import Beside
from shoal.output.atomic import replace_file, staged
from shoal.output.labels import _key, _keys, _made_there, _write_labelled, write_labels
from shoal.output.model_file import to_json
from shoal.output.summary import about, segment_rows, summary
from shoal.types import Facts, Profile, Segmentation

CSV_ROWS = 1_000_000  # above this many customers Parquet is written


def write_study(
    facts: Facts, places: Kept | None, table: Table, out: Path, helper: Beside
) -> dict[str, str]:
    """Write all results into a folder, whole or not at all. Returns what is where."""
    from shoal.output.report import illustrated

    model = facts.segmentation
    parquet = facts.rows_read > CSV_ROWS or table.read_as.format == "parquet" or places is None
    customers = "customers.parquet" if parquet else "customers.csv"
    files = {
        "report": "report.html",
        "customers": customers,
        "segments": "segments.csv",
        "model": "model.json",
        "summary": "summary.json",
    }
    with staged(out) as folder:
        # no figure shows the fits of other k, which are large
        drawn = helper.later(
            illustrated,
            dataclasses.replace(facts, choice=dataclasses.replace(facts.choice, fits={})),
        )
        _write_labelled(table, places, model, folder / customers, facts.rows_read)
        html, images = drawn()
        (folder / "report.html").write_text(html, encoding="utf-8")
        (folder / "figures").mkdir()
        for name, image in images.items():
            (folder / "figures" / f"{name}.png").write_bytes(image)
        write_labels(
            iter([pa.RecordBatch.from_pylist([_plain(row) for row in segment_rows(facts)])]),
            folder / "segments.csv",
        )
        (folder / "model.json").write_text(to_json(model, about(facts)), encoding="utf-8")
        if facts.rows_set_aside:
            files["set_aside"] = "set_aside.csv"
            write_labels(_set_aside(table, places, model), folder / "set_aside.csv")
        outputs = {name: str(out / file) for name, file in files.items()} | {
            "figures": str(out / "figures")
        }
        (folder / "summary.json").write_text(
            json.dumps(summary(facts) | {"outputs": outputs}, indent=1, ensure_ascii=False),
            encoding="utf-8",
        )
    if "set_aside" not in files:
        with contextlib.suppress(OSError):
            (out / "set_aside.csv").unlink(
                missing_ok=True
            )  # of an earlier run: it would speak of other rows
    return outputs


def _plain(row: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in row.items() if value is not None} | {
        key: None for key, value in row.items() if value is None
    }


def _set_aside(table: Table, places: Kept | None, model: Segmentation) -> Iterator[pa.RecordBatch]:
    """Row number, id and reason of everybody who could not be placed; elsewhere rows have numbers only where they have no id."""
    if places is None:
        return _made_there(table, model, _aside, [("reason", pa.string())]).batches()
    name, keys = _keys(table, model.id_column)
    at = np.flatnonzero(places.segment() == 0)
    ids = pa.chunked_array([key for key, _ in keys]).take(pa.array(at)).combine_chunks()
    return iter(
        [_with_reason(name if name != "row" else "id", ids).add_column(0, "row", pa.array(at + 1))]
    )


def _aside(model: Segmentation, name: str, batch: pa.RecordBatch, start: int) -> pa.RecordBatch:
    return _with_reason(
        name, _key(batch, model.id_column, start).filter(pa.array(~placeable(batch, model.recipe)))
    )


def _with_reason(name: str, keys: pa.Array) -> pa.RecordBatch:
    return pa.RecordBatch.from_pydict(
        {name: keys, "reason": pa.array([NO_VALUES] * len(keys), pa.string())}
    )


def write_profile(profile: Profile, path: Path) -> Path:
    """Write the data analysis with its pictures as one HTML file."""
    from shoal.output.figures import PROFILE_FIGURES, png
    from shoal.output.report import render_profile

    images = {name: png(draw(profile)) for name, draw in PROFILE_FIGURES.items()}
    return replace_file(path, render_profile(profile, images).encode())
