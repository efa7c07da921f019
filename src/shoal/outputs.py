"""Writing results: every file is replaced whole or not at all, and is safe to open."""

from __future__ import annotations

import contextlib
import dataclasses
import glob
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from shoal.errors import InputError, OptionError, OutputError, did_you_mean
from shoal.nouns import Facts, Finding, Profile, Segmentation, as_json
from shoal.passes import Table, elsewhere, run
from shoal.prepare import placeable, unknown_words
from shoal.score import NO_VALUES, Kept, PlacePass, check_columns, kept_places, packed, place, shelf_for_places
from shoal.shape import numbers

if TYPE_CHECKING:
    import pandas as pd

    from shoal.beside import Beside

Tell = Callable[[str, int, int | None], None]
CSV_ROWS = 1_000_000  # above this many customers Parquet is written
_STAGING = ".shoal-writing-"
_FORMULA = r"^([=+\-@\t\r])"  # a cell that starts so is run by spreadsheets


def replace_file(path: Path, content: bytes) -> Path:
    """Write a file beside its place and move it there, so that nobody ever sees half of it."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=_STAGING, dir=path.parent)
    except OSError as error:
        raise OutputError(f"Cannot write {path}: {error.strerror}. Nothing was written.") from None
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        os.chmod(name, 0o666 & ~_umask())
        os.replace(name, path)
    except OSError as error:
        raise OutputError(f"Cannot write {path}: {error.strerror}. Nothing was written.") from None
    finally:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(name)
    return path


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


@contextlib.contextmanager
def staged(out: Path) -> Iterator[Path]:
    """A folder to write into; its files move into `out` together when all are whole, and vanish otherwise.

    A new `out` comes into being in one move, with all its files; in one that is there each file is replaced whole.
    """
    new = not out.exists()
    home, prefix = (out.parent, f"{_STAGING}{out.name}-") if new else (out, _STAGING)
    try:
        home.mkdir(parents=True, exist_ok=True)
        for stale in home.glob(glob.escape(prefix) + "*"):  # left by a run that was killed
            shutil.rmtree(stale, ignore_errors=True) if stale.is_dir() else stale.unlink(missing_ok=True)
        folder = Path(tempfile.mkdtemp(prefix=prefix, dir=home))
    except OSError as error:
        raise OutputError(f"Cannot write into {out}: {error.strerror}. Choose another folder with --out.") from None
    try:
        yield folder
        _move(folder, out, new)
    except (OSError, pa.ArrowInvalid) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise OutputError(
            f"Could not write the results into {out}: {reason}. No file there was changed. Free some room or choose another folder with --out."
        ) from None
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _move(folder: Path, out: Path, new: bool) -> None:
    if new and not out.exists():
        os.chmod(folder, 0o777 & ~_umask())
        os.replace(folder, out)
        return
    for number, each in enumerate(_wholes(folder)):
        goal = out / each.relative_to(folder)
        goal.parent.mkdir(parents=True, exist_ok=True)
        if goal.is_dir() or (each.is_dir() and goal.exists()):  # a folder can only take the place of what was moved aside
            os.replace(goal, folder / f".old-{number}")
        os.replace(each, goal)


def _wholes(folder: Path) -> list[Path]:
    """What moves as one: each file, and each folder that is a Parquet table in parts."""
    parts = [p for p in folder.rglob("*.parquet") if p.is_dir()]
    return sorted([*parts, *(p for p in folder.rglob("*") if p.is_file() and p.parent not in parts)])


# --- labelled customers ----------------------------------------------------------------------------


def _labels(key: pa.Array, key_name: str, places: Any, names: tuple[str, ...], coded: bool) -> pa.RecordBatch:
    """`places` has the fields segment, runner_up, margin and unlike_anyone; `coded` gives names as codes of a dictionary."""
    words = pa.array(["", *names], pa.string())
    segment, runner_up = (pa.array(np.ascontiguousarray(places[field])) for field in ("segment", "runner_up"))
    named = pa.DictionaryArray.from_arrays if coded else lambda codes, words: words.take(codes)
    columns = {
        key_name: key,
        "segment": pc.if_else(pc.equal(segment, 0), pa.scalar(None, pa.int16()), segment),
        "name": named(segment, words),
        "runner_up": named(runner_up, words),
        "margin": pa.array(np.round(places["margin"].astype(np.float64), 4)),
        "unlike_anyone": pa.array(np.ascontiguousarray(places["unlike_anyone"])),
    }
    return pa.RecordBatch.from_pydict(columns)


def _keys(table: Table, id_column: str | None) -> tuple[str, Iterator[tuple[pa.Array, int]]]:
    """The name of the key column, and its values batch by batch with the row each starts at."""

    def stream() -> Iterator[tuple[pa.Array, int]]:
        start = 0
        for batch in table.batches([id_column] if id_column else table.schema.names[:1]):
            yield _key(batch, id_column, start), start
            start += batch.num_rows

    return _key_name(id_column), stream()


def _key_name(id_column: str | None) -> str:
    name = id_column or "row"
    return f"{name} (id)" if name in dict(_LABELS) else name


def _key(batch: pa.RecordBatch, id_column: str | None, start: int) -> pa.Array:
    """What tells the rows of a batch apart: their ids, or their numbers from 1."""
    return batch.column(id_column) if id_column else pa.array(np.arange(start + 1, start + 1 + batch.num_rows))


def label_batches(table: Table, places: Kept | None, model: Segmentation, *, coded: bool = False) -> Iterator[pa.RecordBatch]:
    """Every row's labels, in row order: id (or row number from 1), segment, name, runner_up, margin, unlike_anyone.

    `coded` gives names as codes of a dictionary, which Parquet writes several times faster.
    """
    if places is None:
        yield from _labelled(table, model).batches()
        return
    name, keys = _keys(table, model.id_column)
    cut = places.cutter()
    for key, _ in keys:
        yield _labels(key, name, cut(len(key)), model.names, coded)


_LABELS = [
    ("segment", pa.int16()), ("name", pa.string()), ("runner_up", pa.string()), ("margin", pa.float64()), ("unlike_anyone", pa.bool_()),
]  # fmt: skip


def _labelled(table: Table, model: Segmentation) -> Table:
    """The labels of rows that are elsewhere."""
    return _made_there(table, model, _label, _LABELS)


def _made_there(
    table: Table, model: Segmentation, work: Callable[..., pa.RecordBatch], more: list[tuple[str, pa.DataType]]
) -> Table:
    """What `work` makes of rows that are elsewhere, where they are: their key and more columns."""
    key = [model.id_column] if model.id_column else []
    name, kind = _key_name(model.id_column), table.schema.field(key[0]).type if key else pa.int64()
    columns = list(dict.fromkeys([*key, *model.recipe.columns]))
    return elsewhere(table).mapped(partial(work, model, name), columns, pa.schema([(name, kind), *more]))


def _label(model: Segmentation, name: str, batch: pa.RecordBatch, start: int) -> pa.RecordBatch:
    return _labels(_key(batch, model.id_column, start), name, packed(place(batch, model)), model.names, coded=False)


def segment_of_each(table: Table, places: Kept | None, model: Segmentation) -> npt.NDArray[np.int16]:
    """(n,) the id of each row's segment, in row order; 0 for a row that was set aside."""
    if places is not None:
        return places.segment()
    parts = [np.asarray(batch.column("segment").fill_null(0)) for batch in label_batches(table, None, model)]
    return np.concatenate(parts)


def customers_frame(table: Table, places: Kept | None, model: Segmentation) -> pd.DataFrame:
    """The labels of all rows as a pandas DataFrame."""
    frame: pd.DataFrame = pa.Table.from_batches(label_batches(table, places, model)).to_pandas()
    return frame


def _harmless(batch: pa.RecordBatch) -> pa.RecordBatch:
    """Text cells that a spreadsheet would run as a formula get an apostrophe in front (OWASP, CSV injection)."""
    columns = [pc.replace_substring_regex(c, _FORMULA, r"'\1") if pa.types.is_string(c.type) else c for c in batch.columns]
    return pa.RecordBatch.from_arrays(columns, names=[_harmless_word(n) for n in batch.schema.names])


def _harmless_word(word: str) -> str:
    return "'" + word if word[:1] in ("=", "+", "-", "@", "\t", "\r") else word


def write_labels(batches: Iterator[pa.RecordBatch], path: Path, sink: Any = None) -> None:
    """Stream labels into a CSV or Parquet file, by the ending of its name; into `sink` when one is given."""
    import pyarrow.csv as csv
    import pyarrow.parquet as pq

    first = next(batches)
    if path.suffix == ".parquet":
        # Dictionaries are for what repeats, as margins of four decimals do; the schema of Arrow would bring codes back as such.
        coded = [
            f.name for f in first.schema if f.name == "margin" or not (pa.types.is_int64(f.type) or pa.types.is_float64(f.type))
        ]
        # Ranges are for looking rows up; of labels every part of the file holds all, so theirs would skip nothing.
        ranged = [name for name in first.schema.names if name not in dict(_LABELS)]
        with pq.ParquetWriter(path, first.schema, use_dictionary=coded, store_schema=False, write_statistics=ranged) as writer:
            writer.write_batch(first)
            for batch in batches:
                writer.write_batch(batch)
        return
    with csv.CSVWriter(sink or path, _harmless(first).schema) as writer:
        writer.write_batch(_harmless(first))
        for batch in batches:
            writer.write_batch(_harmless(batch))


def write_customers(table: Table, path: Path, classes: tuple[str, ...] | None = None) -> None:
    """Write a table as CSV or Parquet, with the RFM class of each customer in a last column where there are classes."""

    def batches() -> Iterator[pa.RecordBatch]:
        start = 0
        for batch in table.batches():
            if classes is not None:
                batch = batch.append_column("rfm_class", pa.array(classes[start : start + batch.num_rows]))
            start += batch.num_rows
            yield batch

    with staged(path.parent) as folder:
        write_labels(batches(), folder / path.name)


def placed_frame(table: Table, model: Segmentation, id_column: str | None) -> tuple[pd.DataFrame, tuple[Finding, ...]]:
    """Place a table's customers, with findings about words the model has never seen and rows it cannot place."""
    places, _, notes = place_all(table, model)
    key = id_column or (model.id_column if model.id_column in table.schema.names else None)
    return customers_frame(table, places, dataclasses.replace(model, id_column=key)), notes


def place_all(table: Table, model: Segmentation, tell: Tell | None = None) -> tuple[Kept | None, PlacePass, tuple[Finding, ...]]:
    """The places of a new table's rows, their sums, and findings. Raises InputError when a needed column is missing."""
    check_columns(table, model)
    seen = _NewRows(model)
    shelf = shelf_for_places(table, None)
    placing = PlacePass(model, {}, {}, shelf)
    heard = None if tell is None else lambda rows: tell("placing", rows, None)
    rows = run(table, placing, seen, columns=list(model.recipe.columns), tell=heard)
    if rows == 0:
        raise InputError(f"{table.name} has no rows: there is nobody to place.")
    notes = [*table.findings, *_new_findings(seen, model, rows, table.name)]
    if aside := placing.aside:
        notes.append(Finding("set-aside", "warning", f"{aside:,} of {rows:,} rows could not be placed: {NO_VALUES}."))
    return kept_places(shelf, rows), placing, tuple(notes)


def _new_findings(seen: _NewRows, model: Segmentation, rows: int, name: str) -> Iterator[Finding]:
    """Gaps and unknown words among new rows. Raises InputError when a column speaks another language than the model."""
    for feature in model.recipe.features:
        words, gaps = seen.words.get(feature.column, {}), seen.gaps[feature.column]
        unknown = sum(words.values())
        shown = ", ".join(f'"{w}" ({n:,})' for w, n in sorted(words.items(), key=lambda p: -p[1])[:5])
        if unknown and unknown == rows - gaps:
            known = ", ".join(f'"{w}"' for w in feature.categories[:6])
            raise InputError(
                f'"{feature.column}" of {name} holds no word that the model knows, but {shown}. Write them as the model does: {known}.'
            )
        if unknown:
            text = f'"{feature.column}" holds words the model has never seen: {shown}. They count as gaps.'
            yield Finding("unknown-words", "warning", text, feature.column)
        if gaps:
            how = "everybody's average" if feature.kind == "category" else f"{feature.fill}"
            whose = "every row" if gaps == rows else f"{gaps:,} of {rows:,} rows"
            yield Finding(
                "gaps",
                "warning",
                f'"{feature.column}" is missing for {whose}; taken as {how}, as when the model was made.',
                feature.column,
            )


class _NewRows:
    """Counts gaps and unknown words in the columns that a model needs."""

    def __init__(self, model: Segmentation) -> None:
        self.recipe = model.recipe
        self.words: dict[str, dict[str, int]] = {}
        self.gaps = dict.fromkeys(model.recipe.columns, 0)

    def absorb(self, batch: pa.RecordBatch, start: int) -> None:
        self._add(unknown_words(batch, self.recipe))
        for name in self.gaps:
            column = batch.column(name)
            self.gaps[name] += (
                column.null_count if pa.types.is_string(column.type) else int((~np.isfinite(numbers(column))).sum())
            )

    def merge(self, other: _NewRows) -> None:
        self._add(other.words)
        for name, gaps in other.gaps.items():
            self.gaps[name] += gaps

    def _add(self, found: dict[str, dict[str, int]]) -> None:
        for column, words in found.items():
            seen = self.words.setdefault(column, {})
            for word, count in words.items():
                seen[word] = seen.get(word, 0) + count


def assign_file(
    model_path: Path, new: Any, out: Path | None, *, id: str | None = None, tell: Tell | None = None, **reading: Any
) -> dict[str, Any]:
    """Place a table's customers by a saved model and write the labels (CSV on stdout when `out` is None). Returns a summary."""
    from shoal.sources import table_of
    from shoal.store import load

    model, _ = load(model_path)
    table = table_of(new, reading)
    if id is not None and id not in table.schema.names:
        raise OptionError(f'--id names "{id}", but {table.name} has no such column. {did_you_mean(id, table.schema.names)}')
    places, placing, notes = place_all(table, model, tell)
    key = id or (model.id_column if model.id_column in table.schema.names else None)
    labelled = int(placing.sizes.sum())
    keyed = dataclasses.replace(model, id_column=key)
    if out is None:
        write_labels(label_batches(table, places, keyed), Path("-.csv"), sys.stdout.buffer)
    else:
        with staged(out.parent) as folder:
            _write_labelled(table, places, keyed, folder / out.name, labelled + placing.aside)
    segments = [
        {"id": i + 1, "name": name, "size": int(size), "share": float(size / max(labelled, 1))}
        for i, (name, size) in enumerate(zip(model.names, placing.sizes, strict=True))
    ]
    return {
        "rows_read": labelled + placing.aside, "rows_labelled": labelled, "rows_set_aside": placing.aside, "segments": segments,
        "unlike_anyone": int(placing.unlike.sum()), "expected_unlike": model.far_rate * labelled,
        "findings": as_json(notes), "out": str(out) if out is not None else None,
    }  # fmt: skip


# --- the folder ------------------------------------------------------------------------------------


def _write_labelled(table: Table, places: Kept | None, model: Segmentation, path: Path, rows: int) -> None:
    """Write everybody's labels: into a file, or where rows are elsewhere into a folder of Parquet files, by those who hold them."""
    if places is None and path.suffix == ".parquet":
        elsewhere(_labelled(table, model)).write(path, rows)
    else:
        write_labels(label_batches(table, places, model, coded=path.suffix == ".parquet"), path)


def write_study(facts: Facts, places: Kept | None, table: Table, out: Path, helper: Beside) -> dict[str, str]:
    """Write all results into a folder, whole or not at all. Returns what is where."""
    import json

    from shoal.report import illustrated
    from shoal.store import to_json
    from shoal.study import about, segment_rows, summary

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
        drawn = helper.later(illustrated, dataclasses.replace(facts, choice=dataclasses.replace(facts.choice, fits={})))
        _write_labelled(table, places, model, folder / customers, facts.rows_read)
        html, images = drawn()
        (folder / "report.html").write_text(html, encoding="utf-8")
        (folder / "figures").mkdir()
        for name, image in images.items():
            (folder / "figures" / f"{name}.png").write_bytes(image)
        write_labels(iter([pa.RecordBatch.from_pylist([_plain(row) for row in segment_rows(facts)])]), folder / "segments.csv")
        (folder / "model.json").write_text(to_json(model, about(facts)), encoding="utf-8")
        if facts.rows_set_aside:
            files["set_aside"] = "set_aside.csv"
            write_labels(_set_aside(table, places, model), folder / "set_aside.csv")
        outputs = {name: str(out / file) for name, file in files.items()} | {"figures": str(out / "figures")}
        (folder / "summary.json").write_text(
            json.dumps(summary(facts) | {"outputs": outputs}, indent=1, ensure_ascii=False), encoding="utf-8"
        )
    if "set_aside" not in files:
        with contextlib.suppress(OSError):
            (out / "set_aside.csv").unlink(missing_ok=True)  # of an earlier run: it would speak of other rows
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
    return iter([_with_reason(name if name != "row" else "id", ids).add_column(0, "row", pa.array(at + 1))])


def _aside(model: Segmentation, name: str, batch: pa.RecordBatch, start: int) -> pa.RecordBatch:
    return _with_reason(name, _key(batch, model.id_column, start).filter(pa.array(~placeable(batch, model.recipe))))


def _with_reason(name: str, keys: pa.Array) -> pa.RecordBatch:
    return pa.RecordBatch.from_pydict({name: keys, "reason": pa.array([NO_VALUES] * len(keys), pa.string())})


def write_profile(profile: Profile, path: Path) -> Path:
    """Write the data analysis with its pictures as one HTML file."""
    from shoal.draw import PROFILE_FIGURES, png
    from shoal.report import render_profile

    images = {name: png(draw(profile)) for name, draw in PROFILE_FIGURES.items()}
    return replace_file(path, render_profile(profile, images).encode())
