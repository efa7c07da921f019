"""Every column, segment by segment and for everybody: who they are, in one table."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from shoal.output.answer import called
from shoal.stats.few import too_few, untold_shares
from shoal.text.numbers import number, percent
from shoal.types import Column, Facts, SegmentProfile, Trait

COMPARED = ("basis", "describe", "value")  # roles
KINDS = ("number", "flag", "category")
PLAIN = ("", "1", "1.0", "yes", "true")  # words of a flag that need not be said
MARKS = ((1.5, "very "), (0.5, ""))  # effects from which a cell is marked, as levels are named


@dataclass(frozen=True)
class Cell:
    """One segment in one column."""

    text: str
    effect: float  # distance from everybody in standard deviations; 0 where nothing is known
    value: float = math.nan  # the same as a number

    @property
    def mark(self) -> str:
        """ "very high" … "very low"; empty near everybody.

        >>> Cell("87", 0.7).mark, Cell("12", -1.6).mark, Cell("60", 0.1).mark
        ('high', 'very low', '')
        """
        side = "high" if self.effect > 0 else "low"
        return next((more + side for cut, more in MARKS if abs(self.effect) >= cut), "")


UNKNOWN = Cell("–", 0.0)


@dataclass(frozen=True)
class Line:
    """One column: what is shown of it, of everybody and of each segment."""

    column: str
    label: str
    measure: str  # "median", "mean", or of which word the share is
    everybody: str
    cells: tuple[Cell, ...]  # in id order
    word: str = ""  # whose share is shown; of a flag that is a plain yes none
    share: float = math.nan  # of everybody; nan where nothing is counted

    @property
    def counted(self) -> bool:
        """Whether shares are shown, not amounts."""
        return not math.isnan(self.share)

    @property
    def strongest(self) -> float:
        """How far the segment that stands out most is from everybody."""
        return max(abs(cell.effect) for cell in self.cells)


def lines(facts: Facts) -> tuple[Line, ...]:
    """The main outcome, then every column that tells of customers, the most telling in front."""
    met = _outcomes(facts)
    told = {line.column for line in met}
    used = [c for c in facts.profile.columns if c.role in COMPARED and c.kind in KINDS]
    made = [_line(facts, c) for c in used if c.name not in told]
    known = [line for line in made if line is not None]
    main = {rate.column for p in facts.portraits for rate in p.outcomes if rate.main}

    def place(line: Line) -> tuple[bool, float, str]:
        return line.column not in main, -line.strongest, line.column

    return tuple(sorted((*met, *known), key=place))


def _line(facts: Facts, column: Column) -> Line | None:
    """None where nothing is known that could be compared."""
    traits = [trait_of(each, column.name) for each in facts.portraits]
    known = [trait for trait in traits if trait is not None]
    if column.is_code or any(trait.kind == "category" for trait in known):
        return _word(facts, column)
    if not known:
        untold = any(column.name in each.not_shown for each in facts.portraits)
        return None if untold and column.kind == "flag" else _means(facts, column)
    if known[0].kind == "flag":
        return _flag(facts, column, traits, known[0].everybody_value)
    by_mean = _means(facts, column) if any(map(_is_hidden, known)) else None
    if by_mean is not None:
        return by_mean
    cells = (
        Cell(written(t, t.segment_value), t.effect, t.segment_value) if t else UNKNOWN
        for t in traits
    )
    everybody = written(known[0], known[0].everybody_value)
    return Line(column.name, called(column), "median", everybody, tuple(cells))


def _is_hidden(trait: Trait) -> bool:
    """Whether a difference that is marked does not show in the median, or the other way round."""
    shown, overall = (written(trait, x) for x in (trait.segment_value, trait.everybody_value))
    side = (trait.segment_value - trait.everybody_value) * trait.effect
    return abs(trait.effect) >= MARKS[-1][0] and (shown == overall or side <= 0)


def written(trait: Trait, value: float) -> str:
    """A value of a trait as its sentences write it: rounded to the column's step, years plain."""
    if trait.kind != "number":
        return percent(value)
    difference = trait.statement.values.get("difference")
    return number(value) if difference is None else difference.unit.bare(value)


def _amount(value: float, effect: float) -> Cell:
    return Cell(number(value), effect, value)


def trait_of(portrait: SegmentProfile, column: str) -> Trait | None:
    """What sets a segment apart in one column; None where nothing is known of it."""
    return next((trait for trait in portrait.traits if trait.column == column), None)


# --- flags, words and codes -----------------------------------------------------------------------


def _shares(
    column: str, label: str, word: str, overall: float, shares: Iterable[tuple[float, float]]
) -> Line:
    """A line of shares, each with its distance from everybody."""
    measure = f"share “{word}”" if word else "share"
    cells = tuple(Cell(percent(share), effect, share) for share, effect in shares)
    everybody = percent(overall)
    return Line(column, label, measure, everybody, cells, word, overall)


def _flag(facts: Facts, column: Column, traits: Sequence[Trait | None], overall: float) -> Line:
    """How many have it; the word is said where it is not a plain yes."""
    features = facts.segmentation.recipe.features
    words = next((f.categories for f in features if f.column == column.name), ())
    word = words[1] if len(words) == 2 and words[1] not in PLAIN else ""
    shares = [(t.segment_value, t.effect) if t else (math.nan, 0.0) for t in traits]
    return _shares(column.name, called(column), word, overall, shares)


def _word(facts: Facts, column: Column) -> Line | None:
    """The same word across the row: that whose share differs most between segments."""
    counts = counts_of_words(facts, column.name)
    sizes = [sum(each) for each in zip(*counts.values(), strict=True)]
    if not counts or not sum(sizes):
        return None
    untold = {w: _untold(facts, c, sizes, len(counts)) for w, c in counts.items()}
    parted = {word: _parted(each, sizes, untold[word]) for word, each in counts.items()}
    word = max(sorted(parted), key=lambda w: _widest(*parted[w]))
    return _shares(column.name, called(column), word, *parted[word])


def _widest(overall: float, shares: Sequence[tuple[float, float]]) -> float:
    """The largest distance of a segment's share from everybody's; rare words have small ones."""
    return max((abs(share - overall) for share, _ in shares if share == share), default=0.0)


def _untold(
    facts: Facts, counts: Sequence[int], sizes: Sequence[int], words: int
) -> Sequence[bool]:
    """In which segments a word's share is of too few customers to be told."""
    return list(untold_shares(counts, sizes, facts.least, of_two=words == 2).tolist())


def _parted(
    counts: Sequence[int], sizes: Sequence[int], untold: Sequence[bool]
) -> tuple[float, list[tuple[float, float]]]:
    """A word's share of everybody; its share of each segment, with the distance from it.

    The share of a segment where it is not told is NaN.
    """
    overall = sum(counts) / sum(sizes)
    spread = math.sqrt(overall * (1 - overall)) or 1.0
    pairs = zip(counts, sizes, untold, strict=True)
    shares = [math.nan if few or not size else n / size for n, size, few in pairs]
    return overall, [(s, 0.0 if s != s else (s - overall) / spread) for s in shares]


def counts_of_words(facts: Facts, column: str) -> dict[str, tuple[int, ...]]:
    """How often each word was met in each segment: over all rows where it was counted, else in the
    sample.
    """
    counted = facts.groups.categories.get(column)
    if counted:
        return {word: each for word, each in counted.items() if word}
    if column not in facts.sample.rows.column_names:
        return {}
    cells = facts.sample.rows[column].to_pylist()
    met = Counter((_written(c), s) for c, s in zip(cells, facts.labels.tolist(), strict=True))
    words = sorted({word for word, _ in met if word})
    return {w: tuple(met[w, s] for s in range(facts.segmentation.k)) for w in words}


def _written(cell: object) -> str:
    """A code as people write it.

    >>> [_written(c) for c in (3.0, 3, "a", None, float("nan"))]
    ['3', '3', 'a', '', '']
    """
    if cell is None or cell != cell:
        return ""
    return str(int(cell)) if isinstance(cell, float) and cell.is_integer() else str(cell)


# --- means ----------------------------------------------------------------------------------------


def _means(facts: Facts, column: Column) -> Line | None:
    """Numbers without a trait, and those whose medians hide what sets segments apart."""
    groups = facts.groups
    if column.name not in groups.columns:
        return None
    counts, sums, squares = groups.of(column.name)
    known = max(float(counts.sum()), 1.0)
    overall = float(sums.sum()) / known
    spread = math.sqrt(float(squares.sum()) / known) or 1.0
    means = np.where(counts > 0, sums / np.maximum(counts, 1), overall).tolist()
    few = too_few(counts, facts.least)
    cells = tuple(
        UNKNOWN if untold else _amount(mean, (mean - overall) / spread)
        for mean, untold in zip(means, few, strict=True)
    )
    return Line(column.name, called(column), "mean", number(overall), cells)


# --- outcomes -------------------------------------------------------------------------------------


def _outcomes(facts: Facts) -> list[Line]:
    names = dict.fromkeys(rate.column for p in facts.portraits for rate in p.outcomes)
    return [_outcome(facts, name) for name in names]


def _outcome(facts: Facts, column: str) -> Line:
    rates = [next((r for r in p.outcomes if r.column == column), None) for p in facts.portraits]
    known = next(rate for rate in rates if rate is not None)
    found = next((c for c in facts.profile.columns if c.name == column), None)
    label = column if found is None else called(found)
    spread = math.sqrt(known.everybody * (1 - known.everybody)) or 1.0
    shares = [(r.rate, (r.rate - r.everybody) / spread) if r else (math.nan, 0.0) for r in rates]
    word = "" if known.event in PLAIN else known.event
    return _shares(column, label, word, known.everybody, shares)
