"""The first two sheets: what was found, and every column of every segment."""

from __future__ import annotations

import io
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from shoal.output.answer import Answer, called, main_outcome
from shoal.output.comparison import counts_of_words, trait_of
from shoal.output.workbook.cells import (
    ABOVE,
    BELOW,
    TOTAL,
    WELL_ABOVE,
    WELL_BELOW,
    units,
    write_text,
    write_value,
)
from shoal.sentences import say
from shoal.stats.few import too_few, untold_shares
from shoal.text.units import unit_of
from shoal.types import Column, Facts, SegmentProfile

Look = Callable[..., Any]
CLEAR, STRONG = 0.5, 1.5  # standard deviations from which a cell is coloured, and coloured strongly
MOST_CODES = 50  # different codes of a column that are counted
MAP_SCALE = 0.9
NARROW = 18.0  # columns that are narrower hold numbers
LINE = 16.0  # points
YEARS = (1_800, 2_100)
LARGE = 1_000.0  # figures from which decimals are left out


# --- summary --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Part:
    """One column of the table of segments."""

    header: str
    width: float
    look: str
    value: Callable[[SegmentProfile], Any]
    total: Any = None


def write_summary(sheet: Any, look: Look, facts: Facts, notes: Sequence[str]) -> int:
    """Title, answer, value, the table of segments and notes. Returns the row below all that."""
    sheet.default_look = look("text")
    sheet.set_default_row(LINE)
    sheet.set_row(0, 1.6 * LINE)
    write_text(sheet, 0, 0, f"Segments of {facts.name}", look("title"))
    for row, line in enumerate(_lines(facts), 1):
        write_text(sheet, row, 0, line, look("answer" if row == 1 else "note"))
    below = _write_table(sheet, look, facts, row + 2)
    for row, note in enumerate(notes, below + 2):
        write_text(sheet, row, 0, note, look("note"))
    return below + 3 + len(notes)


def _write_table(sheet: Any, look: Look, facts: Facts, head: int) -> int:
    """The table of segments, its head in this row. Returns the row of its totals."""
    parts = _parts(facts)
    shades = dict(zip(facts.segmentation.ids, facts.segmentation.colours, strict=True))
    _write_head(sheet, look, head, [(part.header, part.width) for part in parts])
    for row, portrait in enumerate(facts.portraits, head + 1):
        values = [part.value(portrait) for part in parts]
        sheet.set_row(row, _height(values, parts))
        for at, (part, value) in enumerate(zip(parts, values, strict=True)):
            more = {"font_color": shades[portrait.segment], "bold": True} if at == 0 else {}
            write_value(sheet, row, at, value, look(part.look, **more))
    below = head + 1 + len(facts.portraits)
    for at, part in enumerate(parts):
        sheet.write_blank(below, at, None, look(part.look, **TOTAL))
        write_value(sheet, below, at, part.total, look(part.look, **TOTAL))
    sheet.autofilter(head, 0, below - 1, len(parts) - 1)
    sheet.freeze_panes(head + 1, 2)
    return below


def _write_head(sheet: Any, look: Look, row: int, columns: Sequence[tuple[str, float]]) -> None:
    """The headers of a table, as high as the longest of them needs."""
    lines = [_lines_of(header, width) for header, width in columns]
    sheet.set_row(row, LINE * max(2, *lines))
    for at, (header, width) in enumerate(columns):
        sheet.set_column(at, at, width)
        place = {"align": "right"} if width < NARROW else {"indent": 1}
        write_text(sheet, row, at, header, look("head", **place))


def _height(values: Sequence[Any], parts: Sequence[_Part]) -> float:
    wrapped = zip(values, parts, strict=True)
    lines = [_lines_of(text, part.width) for text, part in wrapped if isinstance(text, str)]
    return LINE * max(lines)


def _lines_of(text: str, width: float) -> int:
    """How many lines a text takes in a column, words being kept whole."""
    return max(1, math.ceil(1.05 * units(text) / (width - 2)))


def _lines(facts: Facts) -> Iterator[str]:
    """What was found, what to do first, which column is money, and how it was found."""
    answer = Answer(facts)
    yield from answer.lines
    if not answer.value.text:
        yield say("workbook-no-value").text
    yield facts.choice.reason
    yield from (each.text for each in (answer.basis, answer.cuts, answer.reruns) if each.text)


def _parts(facts: Facts) -> list[_Part]:
    many = facts.noun.many
    sure = zip(facts.portraits, Answer(facts).sure, strict=False)
    verdicts = {portrait.segment: said.text for portrait, said in sure}
    return [
        _Part("", 5, "index", lambda p: p.segment),
        _Part("Segment", 30, "strong", lambda p: p.name, "Everybody"),
        _Part("Who they are", 44, "wrapped", _who),
        _Part(many.capitalize(), 12, "count", lambda p: p.size, facts.rows_labelled),
        _Part(f"% of {many}", 12, "share", lambda p: p.share, 1.0),
        *_money(facts),
        *_outcome(facts),
        _Part("Do this", 22, "strong", lambda p: p.action.title),
        _Part("In words", 60, "wrapped", lambda p: p.action.text),
        _Part("How sure", 26, "wrapped", lambda p: verdicts[p.segment]),
    ]


def _who(portrait: SegmentProfile) -> str:
    """Who they are in few words; where nobody has said it, what sets them apart."""
    if portrait.who.text:
        return portrait.who.text
    told = {s.code: s.text for s in portrait.statements}
    return told.get("differences") or told.get("like-everybody", "")


def _money(facts: Facts) -> Iterator[_Part]:
    if facts.value is None or all(p.value_sum is None for p in facts.portraits):
        return
    every = Answer(facts).everybody
    total, mean = every.value_sum, every.value_mean
    column = facts.profile.column(facts.value)
    name = called(column)
    unit = column.unit.strip() or "".join(unit_of(facts.value)).strip()
    behind = f" ({unit})" if unit and unit not in name else ""
    yield _Part(f"Sum of {name}{behind}", 16, "count", lambda p: p.value_sum, total)
    yield _Part(f"% of {name}", 12, "share", lambda p: p.value_share, 1.0)
    yield _Part(f"Mean {name}{behind}", 14, "figure", lambda p: p.value_mean, mean)
    yield _Part("Index (everybody 100)", 12, "index", lambda p: _index(p, mean), 100)


def _index(portrait: SegmentProfile, mean: float | None) -> float | None:
    if portrait.value_index is not None:
        return portrait.value_index
    known = mean is not None and mean > 0 and portrait.value_mean is not None
    return 100 * portrait.value_mean / mean if known else None  # type: ignore[operator]


def _outcome(facts: Facts) -> Iterator[_Part]:
    met = (main_outcome(portrait) for portrait in facts.portraits)
    first = next((rate for rate in met if rate is not None), None)
    if first is None:
        return

    def of(name: str) -> Callable[[SegmentProfile], Any]:
        return lambda portrait: getattr(main_outcome(portrait), name, None)

    yield _Part(f"{first.column}: {first.event}", 12, "share", of("rate"), first.everybody)
    yield _Part("from (95 %)", 10, "share", of("low"))
    yield _Part("to (95 %)", 10, "share", of("high"))
    yield _Part("Index of it", 10, "index", of("index"), 100)


def draw_map(sheet: Any, row: int, image: bytes, words: str) -> None:
    """Put the picture of the map below the table."""
    data = {"image_data": io.BytesIO(image), "description": words}
    scale = {"x_scale": MAP_SCALE, "y_scale": MAP_SCALE, "object_position": 3}
    sheet.insert_image(row, 1, "map.png", {**data, **scale})


# --- profile --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Row:
    """One figure of a column: for everybody, then for each segment."""

    column: str
    word: str  # of a code or a category: the one that is counted
    shown: str
    everybody: Any
    segments: Sequence[Any]
    look: str = "figure"
    effects: Sequence[float] = field(default=())  # in standard deviations, for the colour


def write_profile(sheet: Any, look: Look, facts: Facts) -> None:
    """Every column of every segment, everybody as a column of its own, codes counted."""
    sheet.default_look = look("text")
    sheet.set_default_row(LINE)
    sheet.set_row(0, 1.6 * LINE)
    write_text(sheet, 0, 0, f"Every column of {facts.name}", look("title"))
    told = say("workbook-profile", sampled=len(facts.sample.index))
    write_text(sheet, 1, 0, told.text, look("note"))
    names = [f"{p.segment} {p.name}" for p in facts.portraits]
    headers = [("Column", 30.0), ("Called", 24.0), ("Word", 20.0), ("Shown", 18.0)]
    headers += [("Everybody", 14.0), *((name, 17.5) for name in names)]
    _write_head(sheet, look, 3, headers)
    row = 4
    for row, each in enumerate(_rows(facts), 4):
        _write_row(sheet, look, facts, row, each)
    sheet.autofilter(3, 0, max(row, 4), len(headers) - 1)
    sheet.freeze_panes(4, 5)


def _write_row(sheet: Any, look: Look, facts: Facts, row: int, each: _Row) -> None:
    label = facts.profile.column(each.column).label
    for at, text in enumerate((each.column, label, each.word, each.shown)):
        write_text(sheet, row, at, text, look("text"))
    form = _form(facts.profile.column(each.column), each)
    write_value(sheet, row, 4, each.everybody, look(form, bold=True))
    for at, value in enumerate(each.segments):
        shade = _shade(each.effects[at]) if each.effects else None
        more = {} if shade is None else {"bg_color": shade}
        write_value(sheet, row, 5 + at, value, look(form, **more))


def _form(column: Column, each: _Row) -> str:
    """How a figure is written: large ones without decimals, years without thousands marks."""
    if each.look != "figure" or not isinstance(each.everybody, float):
        return each.look
    low, high = column.min, column.max
    if isinstance(low, float) and isinstance(high, float) and YEARS[0] <= low <= high <= YEARS[1]:
        return "index"
    return "count" if abs(each.everybody) >= LARGE else "figure"


def _shade(effect: float) -> str | None:
    if not math.isfinite(effect) or abs(effect) < CLEAR:
        return None
    if abs(effect) < STRONG:
        return ABOVE if effect > 0 else BELOW
    return WELL_ABOVE if effect > 0 else WELL_BELOW


def _rows(facts: Facts) -> Iterator[_Row]:
    for column in facts.profile.columns:
        yield from _rows_of(facts, column)


def _rows_of(facts: Facts, column: Column) -> Iterator[_Row]:
    groups = facts.groups
    if _is_code(column):
        yield from _codes(facts, column)
    elif column.name in groups.categories:
        yield from _words(facts, column)
    elif column.name in groups.columns:
        yield from _figures(facts, column)
    else:
        why = column.role_reason or column.why_meaning or column.role
        nothing = [None] * facts.segmentation.k
        yield _Row(column.name, "", f"not compared: {why}", None, nothing)


def _is_code(column: Column) -> bool:
    """Whether its numbers stand for something, and are counted."""
    said_so = column.is_code or column.reason.code == "role-class"
    few = 0 < column.distinct <= MOST_CODES
    return column.kind == "number" and said_so and few and column.role != "ignore"


def _figures(facts: Facts, column: Column) -> Iterator[_Row]:
    """Means of a number, and medians where a trait knows them; the share of a flag."""
    groups = facts.groups
    counts, sums, _ = groups.of(column.name)
    few = too_few(counts, facts.least)
    if column.kind == "flag":
        few = untold_shares(sums, counts, facts.least, of_two=True)
    of_each = zip(sums, counts, few, strict=True)
    means = [None if untold or not n else float(s / n) for s, n, untold in of_each]
    mean = float(sums.sum() / counts.sum()) if counts.sum() else None
    effects = _effects(facts, column.name)
    if column.kind == "flag":
        yield _Row(column.name, "yes", "share", mean, means, "share", effects)
        return
    yield _Row(column.name, "", "mean", mean, means, "figure", effects)
    traits = [trait_of(p, column.name) for p in facts.portraits]
    known = [t for t in traits if t is not None and t.kind == "number"]
    if known and all(t is not None or untold for t, untold in zip(traits, few, strict=True)):
        medians = [None if t is None else t.segment_value for t in traits]
        yield _Row(column.name, "", "median", known[0].everybody_value, medians, "figure")


def _effects(facts: Facts, column: str, word: str = "") -> list[float]:
    """The effect of each segment; of a word only where it is the one that stands out."""
    traits = [trait_of(p, column) for p in facts.portraits]
    return [t.effect if t is not None and t.word in ("", word) else math.nan for t in traits]


def _words(facts: Facts, column: Column) -> Iterator[_Row]:
    """The share of each word, over all rows."""
    counted = facts.groups.categories[column.name]
    for word, everybody, shares in _shares(counted, facts.least):
        effects = _effects(facts, column.name, word)
        yield _Row(column.name, word, "share", everybody, shares, "share", effects)


def _codes(facts: Facts, column: Column) -> Iterator[_Row]:
    """The share of each code, over the sample."""
    counted = counts_of_words(facts, column.name)
    in_order = {code: counted[code] for code in sorted(counted, key=float)}
    for code, everybody, shares in _shares(in_order, facts.least):
        yield _Row(column.name, code, "share", everybody, shares, "share")


def _shares(
    counted: Mapping[str, Sequence[int]],
    least: int,
) -> Iterator[tuple[str, float | None, list[float | None]]]:
    """Each word with its share of everybody and of each segment, of those with a known word.

    None where too few customers have it.
    """
    every = np.array(list(counted.values()), dtype=np.float64).reshape(len(counted), -1)
    known = every.sum(axis=0)
    for word, row in zip(counted, every, strict=True):
        few = untold_shares(row, known, least, of_two=len(counted) == 2)
        of_each = zip(row, known, few, strict=True)
        shares = [None if untold or not n else float(c / n) for c, n, untold in of_each]
        yield word, float(row.sum() / known.sum()) if known.sum() else None, shares
