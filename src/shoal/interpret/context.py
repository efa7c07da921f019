"""What every step of interpreting looks at: the columns, ready to be compared between segments, and
the totals.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal, get_args

import numpy as np
import pyarrow as pa

from shoal.interpret.labels import labels
from shoal.interpret.playbook import Playbook
from shoal.stats.distribution import numbers, winsorised
from shoal.text import headers
from shoal.text.units import Unit, around, step_of, unit_of
from shoal.types import (
    Column,
    Confidence,
    Direction,
    EffectScale,
    Feature,
    Floats,
    Ints,
    Meaning,
    Profile,
    Recipe,
    Role,
    Sample,
    SegmentTotals,
)

ViewKind = Literal["number", "flag", "category"]
YES = re.compile(r"yes|true|y|t|1|1\.0|si|sí|ja|oui|sim|vrai|wahr|on", re.I)
NO = re.compile(r"no|false|n|f|0|0\.0|nein|non|nao|não|off", re.I)
CODED = re.compile(  # headers of codes: 1 does not stand for yes there
    r"sex|sexo|sexe|gender|genero|geschlecht|status|type|typ|group|class|code|channel|region"
    r"|kind|category|level|segment"
)
SKEWED = 2.0  # from here on a column that is not logged is compared by ranks
MOST_WORDS = 50
YEARS = (1800, 2100)


@dataclass(frozen=True)
class ColumnView:
    """One column of the sample, ready to be compared between segments."""

    column: str
    role: Role
    kind: ViewKind
    label: str  # what people call it
    called: str  # the same in full: its label where it has one of its own, else its name
    unit: Unit
    values: Floats  # (m,) original units, NaN where missing; a category's place among its words
    # (m, w) what effects are computed on: standardised; a category has a column for each word
    scale: Floats
    words: tuple[str, ...] = ()  # of a category; of a flag (off, on)
    yes_no: bool = False  # a flag that can be said as yes and no
    text: bool = False  # the column holds words (a rule compares with words, else with numbers)
    # What the column stands for, as its facts say; "unknown" where that is not certain.
    meaning: Meaning = "unknown"
    aspect: str = ""
    direction: Direction = "unknown"
    confidence: Confidence = "none"
    part_of: str | None = None  # the total that it is a part of
    measured: EffectScale = "values"  # what `scale` is made of

    @cached_property
    def quartiles(self) -> tuple[float, float, float]:
        """Lower quartile, median and upper quartile of everybody."""
        low, middle, high = np.nanpercentile(self.values, [25, 50, 75])
        return float(low), float(middle), float(high)


@dataclass(frozen=True)
class Context:
    """Everything that the steps look at."""

    views: tuple[ColumnView, ...]
    labels: Ints  # (m,) segments of the sample's customers, from 0
    totals: SegmentTotals
    sample: Sample
    id_column: str | None
    playbook: Playbook
    value: str | None
    least: int = 1  # customers that a figure must be of to be told

    @property
    def k(self) -> int:
        """Number of segments."""
        return len(self.totals.sizes)

    @cached_property
    def members(self) -> tuple[Ints, ...]:
        """For each segment the rows of the sample that are in it."""
        return tuple(np.flatnonzero(self.labels == s) for s in range(self.k))

    def view(self, column: str | None) -> ColumnView | None:
        """The view of a column, if there is one."""
        return next((v for v in self.views if v.column == column), None)

    @property
    def basis(self) -> tuple[ColumnView, ...]:
        """The columns that formed the segments."""
        return tuple(v for v in self.views if v.role == "basis")


def make_views(
    profile: Profile,
    sample: Sample,
    recipe: Recipe,
    value: str | None,
) -> tuple[ColumnView, ...]:
    """A view of each column that says something: neither id nor date, not ignored, not constant,
    not free text.

    They are sorted by name: where columns say equally much, their order in the table decides
    nothing.
    """
    features = {f.column: f for f in recipe.features}
    known = [c for c in profile.columns if c.name in sample.rows.column_names]
    used = [c for c in known if _speaks(c) or c.name in features or c.name == value]
    used.sort(key=lambda c: c.name)
    called = labels([c.name for c in used])
    found = []
    for column in used:
        cells = _cells(column, sample.rows[column.name], features.get(column.name))
        if cells is not None:
            found.append(
                ColumnView(
                    column=column.name,
                    role=_role(column, column.name in features, value),
                    kind=cells.kind,
                    label=column.label or called[column.name],
                    called=column.label or column.name,
                    unit=cells.unit,
                    values=cells.values,
                    scale=cells.scale,
                    words=cells.words,
                    yes_no=cells.kind == "flag",
                    text=cells.text,
                    meaning=column.meaning,
                    aspect=column.aspect,
                    direction=column.direction,
                    confidence=column.confidence,
                    part_of=column.part_of,
                    measured=cells.measured,
                )
            )
    return tuple(found)


def _speaks(column: Column) -> bool:
    role = column.role in ("basis", "describe", "value")
    return role and column.kind in get_args(ViewKind)


def _role(column: Column, forms: bool, value: str | None) -> Role:
    if forms:
        return "basis"
    if column.name == value:
        return "value"
    return "describe" if column.role == "basis" else column.role


# --- cells ----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Cells:
    """A column's cells as numbers, and how they are compared and written."""

    kind: ViewKind
    values: Floats
    scale: Floats
    unit: Unit
    words: tuple[str, ...]
    text: bool
    measured: EffectScale = "values"


def _cells(column: Column, cells: pa.ChunkedArray, feature: Feature | None) -> _Cells | None:
    """None where nothing can be compared: nothing known, one word only, too many words."""
    text = _holds_text(cells.type)
    kind = feature.kind if feature else _kind(column)
    if kind == "number":
        return None if text else _number_cells(column, cells, feature)
    values, words = _coded(cells, feature, text)
    fewest = 1 if feature else 2
    if not np.isfinite(values).any() or not fewest <= len(words) <= MOST_WORDS:
        return None
    if kind == "flag" and _says_yes_no(column.name, words, text):
        return _Cells("flag", values, _marks(values, [1]), Unit(), words, text)
    every_word = _marks(values, range(len(words)))
    return _Cells("category", values, every_word, Unit(), words, text)


def _kind(column: Column) -> str:
    """Codes are counted, never averaged."""
    return "category" if column.is_code and column.kind == "number" else column.kind


def _number_cells(column: Column, cells: pa.ChunkedArray, feature: Feature | None) -> _Cells | None:
    values = _numbers(cells)
    if not np.isfinite(values).any():
        return None
    measured = _measured(feature, column.skew or 0.0)
    scale = _standardised(_comparable(values, feature, measured))
    return _Cells("number", values, scale, _unit(column, values), (), False, measured)


def _holds_text(kind: pa.DataType) -> bool:
    kinds = (pa.types.is_string, pa.types.is_large_string, pa.types.is_dictionary)
    return any(is_kind(kind) for is_kind in kinds)


def _numbers(cells: pa.ChunkedArray) -> Floats:
    values = numbers(cells)
    return np.where(np.isfinite(values), values, np.nan)


def _coded(
    cells: pa.ChunkedArray, feature: Feature | None, text: bool
) -> tuple[Floats, tuple[str, ...]]:
    """Each cell's place among the words, and the words.

    For a flag the second one is what is said yes to.
    """
    codes, found = _text_codes(cells) if text else _number_codes(cells)
    ordered = _in_order(found, feature)
    place = np.array([ordered.index(word) for word in found] or [0], dtype=np.float64)
    known = np.isfinite(codes)
    values = np.full(len(codes), np.nan)
    values[known] = place[codes[known].astype(np.int64)]
    return values, tuple(ordered)


def _text_codes(cells: pa.ChunkedArray) -> tuple[Floats, list[str]]:
    encoded = cells.cast(pa.string()).combine_chunks().dictionary_encode()
    codes = encoded.indices.cast(pa.float64()).to_numpy(zero_copy_only=False)
    return np.asarray(codes, dtype=np.float64), [str(w) for w in encoded.dictionary.to_pylist()]


def _number_codes(cells: pa.ChunkedArray) -> tuple[Floats, list[str]]:
    values = _numbers(cells)
    known = np.isfinite(values)
    found, code_of = np.unique(values[known], return_inverse=True)
    codes = np.full(len(values), np.nan)
    codes[known] = code_of
    return codes, [f"{x:g}" for x in found]


def _in_order(words: list[str], feature: Feature | None) -> list[str]:
    """Words sorted, but off before on: as the recipe says, else as the words say."""
    ordered = sorted(words)
    if len(words) != 2:
        return ordered
    if feature is not None and feature.kind == "flag" and set(feature.categories) == set(words):
        return list(feature.categories)
    on_first = YES.fullmatch(ordered[0]) or NO.fullmatch(ordered[1])
    return ordered[::-1] if on_first else ordered


def _says_yes_no(header: str, words: tuple[str, ...], text: bool) -> bool:
    if len(words) != 2 or not NO.fullmatch(words[0]) or not YES.fullmatch(words[1]):
        return False
    return text or not any(CODED.fullmatch(headers.plain(w)) for w in headers.words(header))


def _unit(column: Column, values: Floats) -> Unit:
    before, behind = around(column.unit) if column.unit else unit_of(column.name)
    known = values[np.isfinite(values)]
    low, quarter, three, high = np.percentile(known, [5, 25, 75, 95])
    step = step_of(float(three - quarter) or float(high - low) / 2 or float(known.std()))
    if np.any(known % 1 != 0):
        return Unit(before, behind, step)
    years = bool(known.min() >= YEARS[0] and known.max() <= YEARS[1])
    return Unit(before, behind, max(step, 1.0), grouped=not years)


# --- the scale of effects -------------------------------------------------------------------------


def _measured(feature: Feature | None, skew: float) -> EffectScale:
    """On the log scale where the recipe takes a log, by rank where a lone tail would rule."""
    if feature is not None and feature.log_offset is not None:
        return "logarithms"
    return "ranks" if abs(skew) > SKEWED else "values"


def _comparable(values: Floats, feature: Feature | None, measured: EffectScale) -> Floats:
    """What is compared; values and logarithms winsorised as in the recipe."""
    if measured == "ranks":
        return _ranks(values)
    if feature is None:
        return values
    if measured == "logarithms" and feature.log_offset is not None:
        values = np.log(np.maximum(values + feature.log_offset, np.finfo(float).tiny))
    return winsorised(values, feature.low, feature.high)


def _standardised(values: Floats) -> Floats:
    """(m, 1)"""
    sd = float(np.nanstd(values))
    return np.asarray((values - np.nanmean(values)) / (sd if sd > 0 else 1.0))[:, None]


def _ranks(values: Floats) -> Floats:
    """Mean rank of each value, missing ones stay missing."""
    known = np.isfinite(values)
    _, where, counts = np.unique(values[known], return_inverse=True, return_counts=True)
    ends = np.cumsum(counts)
    ranks = np.full(len(values), np.nan)
    ranks[known] = (ends - (counts - 1) / 2)[where]
    return ranks


def _marks(values: Floats, words: Sequence[int]) -> Floats:
    """(m, words) 1 where a cell holds the word, NaN where it holds none."""
    marked = (values[:, None] == np.asarray(words, dtype=np.float64)[None, :]).astype(np.float64)
    marked[~np.isfinite(values)] = np.nan
    return np.asarray(marked)
