"""What is to be said of a text column."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from shoal.data.cells.dates import Dating
from shoal.data.cells.infer import NUMBER_GAPS, Meaning
from shoal.data.cells.numbers import CREDIT, TIMES_OF
from shoal.findings import finding
from shoal.text.persons import quotable
from shoal.types import Finding


@dataclass(frozen=True)
class Checked:
    """What was counted in all cells of a column."""

    filled: int
    gaps: int
    gap_words: tuple[str, ...]
    bad: int
    first_bad: tuple[str, int] | None  # the cell and its row


def column_findings(name: str, meaning: Meaning, checked: Checked) -> list[Finding]:
    """The findings of one column."""
    found = [*_trouble(name, meaning)]
    if meaning.kind in ("whole", "number"):
        found += _about_numbers(name, meaning)
    if meaning.kind == "date" and meaning.dating:
        found += _about_dates(name, meaning.dating)
    filled = checked.filled
    if checked.gaps:
        about: dict[str, Any] = {"gaps": checked.gaps, "filled": filled, "words": checked.gap_words}
        loud = meaning.last_dates or any(w.lower() not in NUMBER_GAPS for w in checked.gap_words)
        found.append(finding("gap-words", name, severity="warning" if loud else "info", **about))
    if checked.bad:
        what = "date" if meaning.kind == "date" else "number"
        cell, row = checked.first_bad or (None, None)
        about = {
            "bad": checked.bad,
            "filled": filled,
            "what": what,
            "example": cell if cell is not None and quotable(cell) else None,
            "row": row,
        }
        found.append(finding("bad-cells", name, **about))
    return found


def _trouble(name: str, meaning: Meaning) -> Iterator[Finding]:
    match meaning.trouble:
        case "damaged":
            yield finding("damaged-numbers", name, why=meaning.why)
        case "ambiguous":
            yield finding("ambiguous-numbers", name, example=meaning.why)
        case "currencies":
            yield finding("mixed-currencies", name, currencies=meaning.currencies)
        case "mixed-dates" | "mostly-numbers":
            yield finding(meaning.trouble, name)
        case "codes":
            yield finding("codes", name, why=meaning.why)
        case "amount-or-code" | "debit-or-credit" | "measures":
            yield finding(meaning.trouble, name, example=meaning.why)


def _about_numbers(name: str, meaning: Meaning) -> Iterator[Finding]:
    if meaning.currencies:
        yield finding("currency", name, currency=meaning.currencies[0])
    if meaning.percent:
        plain = "percent-beside-numbers" if meaning.unsigned else "percent"
        yield finding("percent-and-shares" if meaning.shares else plain, name)
    for word in meaning.words:
        if times := TIMES_OF.get(word):
            yield finding("amount-words", name, word=word, times=times)
        elif word in CREDIT:
            yield finding("credits", name, word=word)
    if meaning.marks.thousands:
        yield finding("thousands-marks", name, decimal=meaning.marks.decimal)


def _about_dates(name: str, dating: Dating) -> Iterator[Finding]:
    if dating.doubt:
        yield finding("ambiguous-dates", name, order=dating.order, doubt=dating.doubt)
    elif dating.order:
        yield finding("date-order", name, order=dating.order)
    if dating.zones and dating.no_zones:
        yield finding("zones-mixed", name, zones=dating.zones, no_zones=dating.no_zones)
    if dating.months:
        yield finding("months", name)
    if dating.short_years:
        yield finding("short-years", name)
