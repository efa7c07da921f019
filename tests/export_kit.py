"""Exported models, run by what shoal has no part in, and compared with what `assign` says."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import skops.io

import shoal
import sql_kit as kit

LABELS = ("segment", "name", "runner_up", "margin", "unlike_anyone")
TOGETHER = 2_000  # rows that pypmml is given at a time
PMML = """
import sys, pandas as pd
from pypmml import Model
model, rows = Model.load(sys.argv[1]), pd.read_parquet(sys.argv[2])
print(model.inputNames, model.outputNames)
rows = rows.astype({c: "float64" for c in rows if rows[c].dtype.kind in "biuf"})
rows = rows.astype(object).where(rows.notna(), None)
parts = [model.predict(rows[at : at + int(sys.argv[4])]) for at in range(0, len(rows), int(sys.argv[4]))]
pd.concat(parts).reset_index(drop=True).to_parquet(sys.argv[3])
"""


def given(exported: Any, table: pa.Table) -> dict[str, np.ndarray]:
    """A table as ONNX takes it: a column (n, 1) of doubles or words each, a gap is NaN or ""."""
    found = {}
    for each in exported.inputs:
        values = table[each.column].to_pylist()
        if each.kind == "words":
            cells = np.array(["" if v is None else v.strip() for v in values], dtype=object)
        else:
            cells = np.array([np.nan if v is None else float(v) for v in values])
        found[each.column] = cells[:, None]
    return found


def by_onnx(exported: Any, table: pa.Table) -> list[tuple[Any, ...]]:
    """The key of each row, and its labels."""
    import onnxruntime

    session = onnxruntime.InferenceSession(exported.path)
    names = [exported.labels[label] for label in LABELS]
    segment, *more = (x.tolist() for x in session.run(names, given(exported, table)))
    return list(zip(table[kit.KEY].to_pylist(), [s or None for s in segment], *more, strict=True))


def by_pmml(exported: Any, table: pa.Table, folder: Path) -> list[tuple[Any, ...]]:
    """The same, in a process with a Java machine of its own."""
    rows, out = folder / "rows.parquet", folder / "scored.parquet"
    columns = {}
    for each in exported.inputs:
        column = table[each.column]
        columns[each.column] = (
            column if each.kind == "words" else column.cast(pa.float64(), safe=False)
        )
    pq.write_table(pa.table(columns), rows)
    command = [sys.executable, "-c", PMML, exported.path, str(rows), str(out), str(TOGETHER)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    found = pd.read_parquet(out)[[exported.labels[label] for label in LABELS]]
    found.columns = pd.Index(LABELS)
    segment = [None if pd.isna(s) else int(s) for s in found.segment]
    words = [found[name].fillna("").tolist() for name in ("name", "runner_up")]
    more = [found.margin.tolist(), [bool(x) for x in found.unlike_anyone]]
    return list(zip(table[kit.KEY].to_pylist(), segment, *words, *more, strict=True))


def by_sklearn(exported: Any, table: pa.Table) -> list[int]:
    """The segment of each row."""
    frame = table.select([each.column for each in exported.inputs]).to_pandas()
    for each in exported.inputs:
        if each.kind == "words":
            frame[each.column] = frame[each.column].str.strip()
    with np.errstate(invalid="ignore"):  # a logarithm that there is none of
        return [int(s) for s in skops.io.load(exported.path).predict(frame)]


def only_plain(table: pa.Table, model: shoal.Model) -> pa.Table:
    """The rows that scikit-learn can place: no number beyond 1e60, and a value at least."""
    usual = np.ones(len(table), dtype=bool)
    known = np.zeros(len(table), dtype=bool)
    for feature in model.segmentation.recipe.features:
        column = table[feature.column]
        if not feature.categories:
            x = np.array([np.nan if v is None else float(v) for v in column.to_pylist()])
            usual &= ~(np.abs(x) > 1e60)
            known |= ~np.isnan(x) & (x != feature.never)
        else:
            words = column.to_pylist()
            gaps = ("", " ") if feature.kind == "category" else ()
            told = set(feature.categories) if feature.kind == "flag" else None
            known |= np.array(
                [w is not None and w not in gaps and (told is None or w in told) for w in words]
            )
    return table.filter(pa.array(usual & known))
