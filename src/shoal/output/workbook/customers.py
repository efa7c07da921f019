"""The sheets of customers: one a segment, written row by row while labels pass by."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from shoal.output.answer import Answer
from shoal.output.workbook.cells import MOST_DIGITS, Write, units, write_text, writer_of
from shoal.types import Facts

SURE = "how sure"  # the column of the segment's verdict
WIDEST, NARROWEST = 40, 8  # letters of a column
LOOKED_AT = 200  # rows that say how wide a column is
FIRST = ("segment", "name")  # behind the id; then how sure


class CustomerSheets:
    """One sheet a segment, and one for who was set aside; every row goes to the one of its own."""

    def __init__(self, book: Any, look: Callable[..., Any], facts: Facts, names: Sequence[str]):
        """`names` are those of the sheets, in id order; last, that of who was set aside, if any."""
        self._look, self._facts = look, facts
        verdicts = [sure.text for sure in Answer(facts).sure]
        ids = (*facts.segmentation.ids, 0)
        self._sheets = {
            id: _Sheet(book.add_worksheet(name), verdict)
            for id, name, verdict in zip(ids, names, [*verdicts, "set aside"], strict=False)
        }
        columns = facts.profile.columns
        self._wide = {c.name for c in columns if _is_wide(c.min) or _is_wide(c.max)}
        self._wide |= {c.name for c in columns if c.digits >= len(str(MOST_DIGITS))}

    def add(self, batch: pa.RecordBatch) -> None:
        """Take the next rows."""
        segment = np.asarray(batch.column("segment").fill_null(0))
        for number in np.unique(segment).tolist():
            sheet = self._sheets[number]
            if not sheet.columns:
                sheet.begin(_headers(batch.schema), batch, self._writers(batch.schema), self._look)
            sheet.write(batch.filter(pa.array(segment == number)))

    def close(self) -> None:
        """What can be said of a sheet when its rows are all there."""
        for sheet in self._sheets.values():
            sheet.end()

    def _writers(self, schema: pa.Schema) -> list[Write]:
        key = self._facts.segmentation.id_column
        wide = {schema.names[0]} if key in self._wide else set()
        wide |= self._wide
        return [writer_of(field.type, field.name in wide, self._look) for field in schema]


def _is_wide(bound: float | str | None) -> bool:
    return isinstance(bound, float) and abs(bound) >= MOST_DIGITS


def _headers(schema: pa.Schema) -> list[str]:
    """The headers of a sheet: the id, the segment, how sure, and the others as they come."""
    own = f"{SURE} (input)"
    named = [own if name.lower() == SURE else name for name in schema.names]
    return [*named[:3], SURE, *named[3:]]


class _Sheet:
    """The rows of one segment."""

    def __init__(self, sheet: Any, verdict: str) -> None:
        self._sheet, self._verdict = sheet, verdict
        self._writers: list[Write] = []
        self._row = 0
        self.columns: list[str] = []

    def begin(
        self,
        headers: list[str],
        batch: pa.RecordBatch,
        writers: list[Write],
        look: Callable[..., Any],
    ) -> None:
        self.columns, self._writers = headers, writers
        self._sheet.default_look = look("text")
        first = batch.slice(0, LOOKED_AT)
        shown = [*first.columns[:3], pa.array([self._verdict]), *first.columns[3:]]
        for at, (header, column) in enumerate(zip(headers, shown, strict=True)):
            whole = pa.types.is_integer(column.type)
            self._sheet.set_column(
                at, at, _width(header, column), look("text", num_format="0" if whole else "General")
            )
            write_text(self._sheet, 0, at, header, look("head"))
        self._sheet.freeze_panes(1, 1)
        self._sheet.set_landscape()
        self._sheet.repeat_rows(0)

    def write(self, batch: pa.RecordBatch) -> None:
        """Write the rows of a batch."""
        sheet, verdict = self._sheet, self._verdict
        places = [at if at < 3 else at + 1 for at in range(batch.num_columns)]
        columns = list(zip(self._writers, places, strict=True))
        for row, values in enumerate(zip(*(c.to_pylist() for c in batch.columns), strict=True)):
            at = self._row + 1 + row
            sheet.write_string(at, 3, verdict)
            for (write, place), value in zip(columns, values, strict=True):
                if value is not None:
                    write(sheet, at, place, value)
        self._row += batch.num_rows

    def end(self) -> None:
        if self._row:
            self._sheet.autofilter(0, 0, self._row, len(self.columns) - 1)


def _width(header: str, column: pa.Array) -> float:
    """So wide that the header and the first values can be read."""
    lengths = [units(str(value)) for value in column.to_pylist() if value is not None]
    return min(WIDEST, max(NARROWEST, units(header) + 4, *lengths, 0) + 1)
