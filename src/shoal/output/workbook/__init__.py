"""segments.xlsx, for people who live in Excel: summary, every column, and who is in each segment.

A workbook is written in constant memory: the sheets of customers row by row, while labels pass by
on their way into customers.csv.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from shoal.engine.table import Table
from shoal.options import Keep
from shoal.output.answer import main_outcome
from shoal.output.identity import KEY, model_id
from shoal.output.labels import Seen
from shoal.output.workbook.cells import formats, sheet_name
from shoal.output.workbook.customers import CustomerSheets
from shoal.output.workbook.pages import draw_map, write_profile, write_summary
from shoal.sentences import say
from shoal.text.nouns import speaking_of
from shoal.types import Facts, MoveFacts

if TYPE_CHECKING:
    from shoal.analysis.assign import Kept

MOST_CUSTOMERS = 100_000  # above, a workbook holds no sheets of customers …
MOST_CELLS = 1_500_000  # … as above so many cells
OWN_COLUMNS = 7  # of each row, beside the table's own


class WorkbookFile:
    """A workbook as it is being written."""

    def __init__(self, facts: Facts, table: Table | None, keep: Keep, book: Any) -> None:
        self._facts, self._book, self._look = facts, book, formats(book)
        self._summary, profile = (book.add_worksheet(name) for name in ("Summary", "Profile"))
        for sheet in (self._summary, profile):
            sheet.hide_gridlines(2)
            sheet.set_landscape()
            sheet.set_paper(9)
            sheet.fit_to_pages(1, 0)
        reason = _why_no_customers(facts, table, keep)
        self._customers = None
        if reason is None:
            self._customers = CustomerSheets(book, self._look, facts, _names(facts))
        self._below = write_summary(
            self._summary, self._look, facts, _notes(facts, table, keep, reason)
        )
        write_profile(profile, self._look, facts)

    @property
    def seen(self) -> tuple[Seen, ...]:
        """What is to be shown all rows, if anything."""
        return () if self._customers is None else (self._customers.add,)

    def add_moves(self, moves: MoveFacts) -> None:
        """Add the Moves sheet."""
        from shoal.output.workbook.moves import add_moves

        add_moves(self._book, moves)

    def finish(self, image: bytes | None) -> None:
        """Put the map on the summary, and end the sheets of customers."""
        from shoal.output.report.alt_text import picture

        if image is not None and image.startswith(b"\x89PNG"):
            draw_map(self._summary, self._below, image, picture(self._facts, "map").alt)
        if self._customers is not None:
            self._customers.close()


@contextmanager
def written(facts: Facts, table: Table | None, keep: Keep, path: Path) -> Iterator[WorkbookFile]:
    """A workbook that is whole when this ends; what it needs meanwhile lies beside it."""
    from xlsxwriter import Workbook

    options = {"constant_memory": True, "tmpdir": str(path.parent)}
    book = Workbook(str(path), options)
    book.set_custom_property(KEY, model_id(facts.segmentation))
    with speaking_of(facts.noun):
        yield WorkbookFile(facts, table, keep, book)
    book.close()


def write_workbook(
    facts: Facts,
    places: Callable[[], Kept | None],
    table: Table | None,
    path: Path,
    keep: Keep,
    image: bytes,
    moves: MoveFacts | None = None,
) -> None:
    """Write the workbook alone, from a reading of its own; `image` is the map."""
    from shoal.output.labels import customer_batches

    with written(facts, table, keep, path) as book:
        if book.seen:
            for batch in customer_batches(table, places, facts.segmentation, keep):
                for see in book.seen:
                    see(batch)
        book.finish(image)
        if moves is not None:
            book.add_moves(moves)


def _names(facts: Facts) -> list[str]:
    names = [sheet_name(p.segment, p.name) for p in facts.portraits]
    return [*names, "Set aside"] if facts.rows_set_aside else names


def _columns(facts: Facts, table: Table | None, keep: Keep) -> int:
    own = 0
    if keep == "all" and table is not None:
        own = len(table.schema.names) - (facts.segmentation.id_column is not None)
    return OWN_COLUMNS + own


def _why_no_customers(facts: Facts, table: Table | None, keep: Keep) -> str | None:
    """Why there are no sheets of customers; None: there are."""
    if table is not None and not table.engine.here:
        return say("workbook-no-rows").text
    rows, columns = facts.rows_read, _columns(facts, table, keep)
    if rows > MOST_CUSTOMERS or rows * columns > MOST_CELLS:
        return say(
            "workbook-too-large",
            customers=rows,
            columns=columns,
            most=MOST_CUSTOMERS,
            cells=MOST_CELLS,
        ).text
    return None


def _notes(facts: Facts, table: Table | None, keep: Keep, reason: str | None) -> list[str]:
    """What stands below the table of segments."""
    notes = [reason] if reason is not None else []
    if reason is None and (table is None or keep == "id"):
        notes.append(say("workbook-labels-only").text)
    rates = [main_outcome(p) for p in facts.portraits]
    if rates[0] is not None and not any(rate.differs for rate in rates if rate is not None):
        notes.append(say("workbook-by-chance", column=rates[0].column).text)
    if facts.lines is not None:
        notes.append(facts.lines.how.text)
    counted = {"read": facts.rows_read, "labelled": facts.rows_labelled}
    notes.append(say("workbook-rows", **counted, aside=facts.rows_set_aside).text)
    notes.append(say("workbook-model", id=model_id(facts.segmentation)).text)
    return notes
