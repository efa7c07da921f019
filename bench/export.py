"""Exported models against `assign`: every row of real tables, run by libraries of others.

    python bench/export.py [--only onnx] [FILE …]

It segments each file (all that are beside the project where none is named), adds rows that nobody
has seen, exports the model, and counts the rows where a label is not that of `assign` (and margins
that differ by more than 0.0001): ONNX by ONNX Runtime, PMML by PMML4S, the pipeline by
scikit-learn, which is given neither numbers beyond 1e60 nor customers without any value.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import warnings
from pathlib import Path
from typing import Any

import pyarrow as pa

import shoal

sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).parents[1] / "tests")]
FORMATS = ("onnx", "pmml", "sklearn")


def differences(model: Any, table: pa.Table, to: str, folder: Path) -> dict[str, int] | str:
    """Rows that differ by label; or why the format does not carry the model."""
    import export_kit
    import sql_kit as kit

    try:
        written = model.export(to, folder / f"model.{to}")
    except shoal.OptionError as refused:
        return f"refused: {str(refused)[:70]}"
    if to == "sklearn":
        plain = export_kit.only_plain(table, model)
        want = model.assign(plain)["segment"].to_pylist()
        apart = sum(
            a != b for a, b in zip(export_kit.by_sklearn(written, plain), want, strict=True)
        )
        return {"segment": apart}
    run = export_kit.by_onnx
    rows = run(written, table) if to == "onnx" else export_kit.by_pmml(written, table, folder)
    return kit.differences(rows, model.assign(table, id=kit.KEY))


def compared(path: Path, formats: list[str], folder: Path) -> bool | None:
    """Print how each format does on a table; None: not segmented."""
    import sql

    import sql_kit as kit

    try:
        own = sql.table_of(path)
        model = shoal.segment(own, one_row_a_customer=True).model
    except shoal.ShoalError as error:
        print(f"| {path.name} | not segmented: {str(error)[:80]} |", flush=True)
        return None
    table = kit.with_odd_rows(own, model)
    found = [differences(model, table, to, folder) for to in formats]
    shown = [each if isinstance(each, str) else _short(each) for each in found]
    print(f"| {path.name} | {len(table):,} | {model.k} | {' | '.join(shown)} |", flush=True)
    return not any(isinstance(each, dict) and any(each.values()) for each in found)


def _short(found: dict[str, int]) -> str:
    return str({name: n for name, n in found.items() if n} or "all")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", nargs="*", type=Path)
    parser.add_argument("--only", action="append", default=[], choices=FORMATS)
    given = parser.parse_args()
    warnings.simplefilter("ignore", UserWarning)
    import sql

    formats = given.only or list(FORMATS)
    print(f"| table | rows | k | {' | '.join(formats)} |")
    print("|---" * (3 + len(formats)) + "|")
    with tempfile.TemporaryDirectory() as name:
        found = [compared(path, formats, Path(name)) for path in given.files or sql.files()]
    same = [each for each in found if each is not None]
    print(f"{sum(same)} of {len(same)} tables are the same row by row, where they are carried.")
    return 0 if all(same) else 1


if __name__ == "__main__":
    sys.exit(main())
