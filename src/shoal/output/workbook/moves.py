"""The Moves sheet: sentences first, then flows in customers and in money, as tables of a period."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from shoal.output.atomic import staged
from shoal.output.moves import CAUSES, NOT_SHOWN, amounts, rows
from shoal.output.workbook.cells import TOTAL, formats, write_text, write_value
from shoal.text.nouns import told_count
from shoal.text.numbers import are_whole
from shoal.types import MoveFacts

COUNTS = ("customers", *CAUSES.values())
FIGURES = ("money_before", "money_after", "change", *CAUSES.values())


class _Part(NamedTuple):
    """One column of the sheet."""

    key: str
    header: str
    width: float
    look: str


def write_moves(facts: MoveFacts, path: Path) -> Path:
    """Write a workbook of the Moves sheet alone, whole or not at all."""
    from xlsxwriter import Workbook

    with staged(path.parent, [path.name]) as folder:
        book = Workbook(str(folder / path.name))
        add_moves(book, facts)
        book.close()
    return path


def add_moves(book: Any, facts: MoveFacts) -> None:
    """Add the sheet to a workbook."""
    look, sheet = formats(book), book.add_worksheet("Moves")
    sheet.default_look = look("text")
    sheet.hide_gridlines(2)
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    write_text(sheet, 0, 0, f"Moves from {facts.before.name} to {facts.after.name}", look("title"))
    said = [*facts.summary, *facts.worries]
    for row, statement in enumerate(said, 1):
        write_text(sheet, row, 0, statement.text, look("answer" if row == 1 else "note"))
    head = len(said) + 2
    _write_flows(sheet, look, facts, head)


def _parts(facts: MoveFacts) -> list[_Part]:
    many = facts.noun.many.capitalize()
    parts = [
        _Part("from_name", "From", 30, "wrapped"),
        _Part("to_name", "To", 30, "wrapped"),
        _Part("kind", "What became of them", 14, "text"),
        _Part("customers", many, 12, "count"),
    ]
    if facts.value is not None:
        look = "count" if are_whole(amounts(facts)) else "figure"
        parts += [
            _Part("money_before", f"{facts.value} before", 15, look),
            _Part("money_after", f"{facts.value} after", 15, look),
            _Part("change", "Change", 15, look),
        ]
    why = facts.why or {}
    told = {"customer": "Changed themselves", "model": "Model changed", "border": "On the border"}
    return parts + [_Part(CAUSES[cause], told[cause], 12, "count") for cause in why]


def _write_flows(sheet: Any, look: Any, facts: MoveFacts, head: int) -> None:
    parts = _parts(facts)
    for at, part in enumerate(parts):
        sheet.set_column(at, at, part.width)
        write_text(sheet, head, at, part.header, look("head"))
    flows = rows(facts)
    for flow in flows:
        flow["change"] = flow["money_after"] - flow["money_before"] if facts.value else None
    for row, flow in enumerate(flows, head + 1):
        told = _told(facts, flow)
        for at, part in enumerate(parts):
            write_value(sheet, row, at, _cell(told[part.key]), look(part.look))
    below = head + 1 + len(flows)
    summed = [part.key for part in parts if part.look in ("count", "figure")]
    sums = {key: sum(flow[key] or 0 for flow in flows) for key in summed}
    whole = {"from_name": "Together", "to_name": "", "kind": "", **_told(facts, sums)}
    for at, part in enumerate(parts):
        write_value(sheet, below, at, _cell(whole[part.key]), look(part.look, **TOTAL))
    sheet.autofilter(head, 0, head + len(flows), len(parts) - 1)


def _told(facts: MoveFacts, flow: Mapping[str, Any]) -> dict[str, Any]:
    """A row without the figures of too few."""
    least = facts.least
    few = {key: told_count(flow[key], least) for key in COUNTS if 0 < (flow.get(key) or 0) < least}
    if "customers" not in few:
        return {**flow, **few}
    untold = {key: NOT_SHOWN for key in FIGURES if flow.get(key) is not None}
    return {**flow, **untold, "customers": few["customers"]}


def _cell(value: Any) -> Any:
    """Decimals as the numbers that a cell can hold."""
    return value if value is None or isinstance(value, str | int) else float(value)
