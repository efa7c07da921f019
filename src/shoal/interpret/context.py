"""The columns as this step sees them: values, words, units and a scale on which segments are compared."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np
import pyarrow as pa

from shoal.interpret.labels import Unit, labels, step_of, unit_of
from shoal.interpret.playbook import Playbook
from shoal.text import headers
from shoal.types import (
    Column,
    Feature,
    Floats,
    Ints,
    Profile,
    Role,
    Sample,
    Segmentation,
    SegmentTotals,
)

YES = re.compile(r"yes|true|y|t|1|1\.0|si|sí|ja|oui|sim|vrai|wahr|on", re.I)
NO = re.compile(r"no|false|n|f|0|0\.0|nein|non|nao|não|off", re.I)
CODED = re.compile(
    r"sex|sexo|sexe|gender|genero|geschlecht|status|type|typ|group|class|code|channel|region|kind|category|level|segment"
)
SKEWED = 2.0
MOST_WORDS = 50


@dataclass(frozen=True)
class ColumnView:
    """One column of the sample, ready to be compared between segments."""

    column: str
    role: Role
    kind: Literal["number", "flag", "category"]
    label: str  # as short as in a name
    term: str  # as in a rule
    unit: Unit
    meaning: str  # a key of the playbook's meanings, "" when unknown
    values: Floats  # (m,) original units, NaN for a gap; a category's place among its words
    scale: Floats  # (m, w) what effects are computed on: one standardised column; a category has one for each word
    words: tuple[str, ...] = ()  # of a category; of a flag (off, on)
    yes_no: bool = False  # a flag that can be said as yes and no
    text: bool = False  # the column holds words (a rule compares with words, else with numbers)

    @cached_property
    def quartiles(self) -> tuple[float, float, float]:
        """Lower quartile, median and upper quartile of everybody."""
        low, middle, high = np.nanpercentile(self.values, [25, 50, 75])
        return float(low), float(middle), float(high)


@dataclass(frozen=True)
class Context:
    """Everything the parts of this step look at."""

    views: tuple[ColumnView, ...]
    labels: Ints  # (m,)
    groups: SegmentTotals
    sample: Sample
    segmentation: Segmentation
    playbook: Playbook
    value: str | None

    @property
    def k(self) -> int:
        """Number of segments."""
        return len(self.groups.sizes)

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
    segmentation: Segmentation,
    playbook: Playbook,
    value: str | None,
) -> tuple[ColumnView, ...]:
    """A view of each column that says something: neither id nor date, not ignored, not constant, not free text."""
    basis = set(segmentation.recipe.columns)
    used = [
        c
        for c in profile.columns
        if _speaks(c, basis, value) and c.name in sample.rows.column_names
    ]
    used.sort(
        key=lambda c: c.name
    )  # where columns say equally much, their order in the table decides nothing
    features = {f.column: f for f in segmentation.recipe.features}
    names = [c.name for c in used]
    short, long = labels(names), labels(names, shorten=False)
    found = []
    for column in used:
        role: Role = (
            "basis" if column.name in basis else ("value" if column.name == value else column.role)
        )
        role = "describe" if role == "basis" and column.name not in basis else role
        found.append(
            _view(
                column,
                role,
                sample.rows[column.name],
                features.get(column.name),
                (short, long),
                playbook,
            )
        )
    return tuple(v for v in found if v is not None)


def _speaks(column: Column, basis: set[str], value: str | None) -> bool:
    if column.name in basis or column.name == value:
        return True
    return column.role in ("basis", "describe", "value") and column.kind in (
        "number",
        "flag",
        "category",
    )


def _view(
    column: Column,
    role: Role,
    cells: pa.ChunkedArray,
    feature: Feature | None,
    names: tuple[dict[str, str], dict[str, str]],
    playbook: Playbook,
) -> ColumnView | None:
    text = (
        pa.types.is_string(cells.type)
        or pa.types.is_large_string(cells.type)
        or pa.types.is_dictionary(cells.type)
    )
    kind = feature.kind if feature else column.kind
    if kind == "number" and text:
        return None
    words: tuple[str, ...] = ()
    if kind == "number":
        values = _numbers(cells)
    else:
        values, words = _coded(cells, feature, text)
    known = np.isfinite(values)
    if not known.any() or (
        kind != "number" and not (1 if feature else 2) <= len(words) <= MOST_WORDS
    ):
        return None
    yes_no = kind == "flag" and _says_yes_no(column.name, words, text)
    if kind == "flag" and not yes_no:
        kind = "category"
    label, term = names[0][column.name], names[1][column.name]
    unit = _unit(column.name, values) if kind == "number" else Unit()
    scale = (
        _scaled(values, feature, column.skew)
        if kind == "number"
        else _shares(values, 1 if kind == "flag" else len(words))
    )
    meaning = _meaning(playbook, column.name, values)
    return ColumnView(
        column.name,
        role,
        kind,  # type: ignore[arg-type]
        label,
        term,
        unit,
        meaning,
        values,
        scale,
        words,
        yes_no,
        text,
    )


def _meaning(playbook: Playbook, header: str, values: Floats) -> str:
    """What the header means; but "purchases" with decimals and hundreds are sums of money, not a count."""
    meaning = playbook.meaning_of(header)
    known = values[np.isfinite(values)]
    if (
        meaning == "frequency"
        and known.max() > 100
        and np.any(known % 1 != 0)
        and "spending" in playbook.meanings
    ):
        return "spending"
    return meaning


def _numbers(cells: pa.ChunkedArray) -> Floats:
    array = cells.cast(pa.int8()) if pa.types.is_boolean(cells.type) else cells
    values = np.asarray(array.cast(pa.float64(), safe=False).to_numpy(), dtype=np.float64)
    return np.where(np.isfinite(values), values, np.nan)


def _coded(
    cells: pa.ChunkedArray, feature: Feature | None, text: bool
) -> tuple[Floats, tuple[str, ...]]:
    """Each cell's place among the words, and the words; for a flag the second one is what is said yes to."""
    if text:
        told = cells.cast(pa.string()).combine_chunks().dictionary_encode()
        codes = np.asarray(
            told.indices.cast(pa.float64()).to_numpy(zero_copy_only=False), dtype=np.float64
        )
        raw = [str(w) for w in told.dictionary.to_pylist()]
    else:
        numbers = _numbers(cells)
        kinds, codes_of = np.unique(numbers[np.isfinite(numbers)], return_inverse=True)
        codes = np.full(len(numbers), np.nan)
        codes[np.isfinite(numbers)] = codes_of
        raw = [f"{x:g}" for x in kinds]
    ordered = _in_order(raw, feature)
    place = np.array([ordered.index(w) for w in raw] or [0], dtype=np.float64)
    known = np.isfinite(codes)
    values = np.full(len(codes), np.nan)
    values[known] = place[codes[known].astype(np.int64)]
    return values, tuple(ordered)


def _in_order(raw: list[str], feature: Feature | None) -> list[str]:
    """Words sorted, but off before on: as the recipe says, else as the words say."""
    ordered = sorted(raw)
    if len(raw) != 2:
        return ordered
    if feature is not None and feature.kind == "flag" and set(feature.categories) == set(raw):
        return list(feature.categories)
    return ordered[::-1] if YES.fullmatch(ordered[0]) or NO.fullmatch(ordered[1]) else ordered


def _says_yes_no(header: str, words: tuple[str, ...], text: bool) -> bool:
    if len(words) != 2 or not NO.fullmatch(words[0]) or not YES.fullmatch(words[1]):
        return False
    return text or not any(CODED.fullmatch(headers.plain(w)) for w in headers.words(header))


def _unit(header: str, values: Floats) -> Unit:
    before, behind = unit_of(header)
    low, quarter, three, high = np.nanpercentile(values, [5, 25, 75, 95])
    spread = float(three - quarter) or float(high - low) / 2 or float(np.nanstd(values))
    whole = bool(np.all(values[np.isfinite(values)] % 1 == 0))
    years = (
        whole and len(values) > 0 and bool(np.nanmin(values) >= 1800 and np.nanmax(values) <= 2100)
    )
    return Unit(
        before, behind, max(step_of(spread), 1.0) if whole else step_of(spread), grouped=not years
    )


def _scaled(values: Floats, feature: Feature | None, skew: float | None) -> Floats:
    """(m, 1) standardised: on the log scale where the recipe takes a log, by rank where a lone tail would rule."""
    if feature is not None and feature.log_offset is not None:
        moved = np.log(np.maximum(values + feature.log_offset, np.finfo(float).tiny))
    elif skew is not None and abs(skew) > SKEWED:
        moved = _ranks(values)
    else:
        moved = values
    if (
        feature is not None
        and feature.low is not None
        and not (abs(skew or 0) > SKEWED and feature.log_offset is None)
    ):
        moved = np.clip(moved, feature.low, feature.high)
    sd = float(np.nanstd(moved))
    return np.asarray((moved - np.nanmean(moved)) / (sd if sd > 0 else 1.0))[:, None]


def _ranks(values: Floats) -> Floats:
    """Mean rank of each value, gaps kept."""
    known = np.isfinite(values)
    _, where, counts = np.unique(values[known], return_inverse=True, return_counts=True)
    ends = np.cumsum(counts)
    ranks = np.full(len(values), np.nan)
    ranks[known] = (ends - (counts - 1) / 2)[where]
    return ranks


def _shares(values: Floats, words: int) -> Floats:
    """(m, words) an indicator for each word; for a flag one column, 1 where it is on."""
    wanted = np.array([1.0]) if words == 1 else np.arange(words, dtype=np.float64)
    marked = (values[:, None] == wanted[None, :]).astype(np.float64)
    marked[~np.isfinite(values)] = np.nan
    return np.asarray(marked, dtype=np.float64)
