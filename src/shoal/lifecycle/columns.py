"""The columns of a model in a table where some are called otherwise, or are in other units."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa

from shoal.analysis.features import known_numbers, transform_numbers
from shoal.engine.made import own_columns
from shoal.engine.table import Table
from shoal.findings import finding
from shoal.stats.distribution import numbers, winsorised
from shoal.text.headers import tokens
from shoal.types import (
    Baseline,
    ColumnBaseline,
    Feature,
    Finding,
    Floats,
    MadeColumn,
    Recipe,
    Segmentation,
)

LIKE = 0.6  # likeness of headers that are the same to people
FITS = 0.5  # how well values must lie where those of before lay
AHEAD = 0.15  # by how much the best must be ahead of the next
FACTOR = 2.0  # times that values must be what they were, before a unit is thought of
AGREES = 0.3  # logarithm by which spreads and medians may differ from the factor
KNOWN = (12, 60, 3600, 24, 7, 365, 52, 0.45359237, 1.609344, 2.54, 0.3048, 1.09361, 4.54609)
TENS = tuple(10.0**power for power in range(-9, 10) if power)
CLOSE = 0.03  # logarithm by which a factor may differ from a known one


@dataclass(frozen=True)
class Renamed:
    """A column that is called otherwise now."""

    before: str
    now: str
    by_header: bool  # whether its header tells it; else its values alone


def renamed_columns(model: Segmentation, known: Sequence[str], table: Table) -> list[Renamed]:
    """Columns that the model needs and the table lacks, with what they are called now.

    Only what is evident: by the header, or because the values lie where they lay and those of no
    other new column do. `known` are all columns that the table of before had.
    """
    have = table.schema.names
    lost = [name for name in needed(model) if name not in have]
    fresh = [name for name in have if name not in {*known, *needed(model)}]
    if not lost or not fresh:
        return []
    likeness = np.array([[_likeness(one, other) for other in fresh] for one in lost])
    fits = _fits_of(model, lost, fresh, table)
    return _matched(lost, fresh, likeness, fits)


def needed(model: Segmentation) -> list[str]:
    """The columns of a table that a model needs: what it makes of others is no such column."""
    key = [] if model.id_column is None else [model.id_column]
    return list(dict.fromkeys([*key, *own_columns(model.recipe.columns, model.made)]))


def _likeness(one: str, other: str) -> float:
    """How alike two headers are, from 0 to 1; 1 where they differ in marks and case alone."""
    first, second = tokens(one), tokens(other)
    if "".join(first) == "".join(second):
        return 1.0
    shared = set(first) & set(second)
    within = len(shared) / max(min(len(set(first)), len(set(second))), 1)
    spelt = difflib.SequenceMatcher(None, "".join(first), "".join(second)).ratio()
    wordy = any(token.isalpha() and len(token) > 2 for token in shared)
    return max(spelt, 0.9 * within if wordy else 0.0)


def _fits_of(
    model: Segmentation, lost: Sequence[str], fresh: Sequence[str], table: Table
) -> Floats:
    """How well values of each new column lie where those of each lost one lay, from 0 to 1."""
    head = next(iter(table.batches(fresh)), None)
    features = {feature.column: feature for feature in model.recipe.features}
    made = np.zeros((len(lost), len(fresh)))
    for i, name in enumerate(lost):
        for j, other in enumerate(fresh):
            if head is not None and name in features:
                made[i, j] = _fit(head.column(other), features[name])
    return made


def _fit(values: pa.Array, feature: Feature) -> float:
    """How well values lie where those of a feature lay; NaN where they are of another kind."""
    is_number = pa.types.is_integer(values.type) or pa.types.is_floating(values.type)
    if feature.categories:
        if is_number or not (len(values) - values.null_count):
            return float("nan")
        words = values.cast(pa.string()).drop_null().to_pylist()
        return float(np.mean([word in feature.categories for word in words]))
    if not is_number:
        return float("nan")
    x = transform_numbers(known_numbers(values, feature), feature, clip=True)
    middle, spread = float(x.mean()) / feature.weight, float(x.std()) / feature.weight
    return float(np.exp(-abs(middle) - abs(np.log(max(spread, 1e-9)))))


def _matched(
    lost: Sequence[str], fresh: Sequence[str], likeness: Floats, fits: Floats
) -> list[Renamed]:
    from scipy.optimize import linear_sum_assignment

    possible = ~np.isnan(fits)
    score = np.where(possible, likeness + np.nan_to_num(fits), 0.0)
    found = []
    for i, j in zip(*linear_sum_assignment(score, maximize=True), strict=True):
        if not possible[i, j]:
            continue
        by_header = likeness[i, j] >= LIKE and _ahead(likeness, i, j)
        by_values = fits[i, j] >= FITS and _ahead(np.nan_to_num(fits), i, j)
        if by_header or by_values:
            found.append(Renamed(lost[i], fresh[j], bool(by_header)))
    return found


def _ahead(score: Floats, i: int, j: int) -> bool:
    """Whether a pair is clearly better than others of the same row or column."""
    rivals = np.concatenate([np.delete(score[i], j), np.delete(score[:, j], i)])
    return bool(score[i, j] >= rivals.max(initial=0.0) + AHEAD)


def with_names(model: Segmentation, renamed: Sequence[Renamed]) -> Segmentation:
    """The model with columns as they are called now."""
    now = {each.before: each.now for each in renamed}
    recipe = model.recipe
    features = tuple(replace(f, column=now.get(f.column, f.column)) for f in recipe.features)
    return replace(
        model,
        recipe=replace(recipe, features=features),
        basis=tuple(now.get(name, name) for name in model.basis),
        id_column=now.get(model.id_column or "", model.id_column),
        made=tuple(_made_of(each, now) for each in model.made),
        baseline=_with_columns(
            model.baseline, lambda c: replace(c, column=now.get(c.column, c.column))
        ),
    )


def _with_columns(
    baseline: Baseline | None, change: Callable[[ColumnBaseline], ColumnBaseline]
) -> Baseline | None:
    if baseline is None:
        return None
    return replace(baseline, columns=tuple(map(change, baseline.columns)))


def _made_of(made: MadeColumn, now: Mapping[str, str]) -> MadeColumn:
    return replace(made, columns=tuple(now.get(name, name) for name in made.columns))


def said_of_names(renamed: Sequence[Renamed]) -> list[Finding]:
    """What a person should know of columns that are called otherwise."""
    return [
        finding("column-renamed", each.now, before=each.before, by_header=each.by_header)
        for each in renamed
    ]


# --- units ----------------------------------------------------------------------------------------


def in_units_of(
    model: Segmentation, recipe: Recipe, rows: pa.Table
) -> tuple[Segmentation, list[Finding]]:
    """The model with the columns of numbers in the units that they have in these rows.

    `recipe` is what would be learned on them. A unit is another one where the median, the spread
    and the limits of a column are the same number of times, at least twice, what they were.
    """
    learned = {feature.column: feature for feature in recipe.features}
    features, found, factors = [], [], {}
    for feature in model.recipe.features:
        now = learned.get(feature.column)
        factor = None
        if now is not None and model.recipe.scaling != "none":
            factor = _factor(feature, now, rows)
        if factor is not None:
            found.append(finding("unit-changed", feature.column, factor=factor))
            factors[feature.column] = factor
            feature = scaled(feature, factor)
        features.append(feature)
    if not found:
        return model, []
    baseline = _with_columns(model.baseline, lambda c: _in_unit(c, factors.get(c.column, 1.0)))
    recipe = replace(model.recipe, features=tuple(features))
    return replace(model, recipe=recipe, baseline=baseline), found


def _in_unit(column: ColumnBaseline, factor: float) -> ColumnBaseline:
    """What is kept of a column, of values that are so many times what they were."""
    if column.bins is None:
        return column
    edges = tuple(factor * edge for edge in column.bins.edges)
    means = tuple(factor * mean for mean in column.bins.means)
    return replace(column, bins=replace(column.bins, edges=edges, means=means))


def _factor(old: Feature, new: Feature, rows: pa.Table) -> float | None:
    """How many times values are what they were, where all of the column says the same."""
    if old.kind != "number" or new.kind != "number" or not isinstance(old.fill, float):
        return None
    x = numbers(rows.column(old.column))
    x = x[np.isfinite(x)]
    asks = _asks(old, new, x)
    if asks is None or abs(np.log(asks)) < np.log(FACTOR):
        return None
    back = transform_numbers(x, scaled(old, asks), clip=True) / old.weight
    off = abs(float(back.mean())), abs(float(np.log(max(back.std(), 1e-9))))
    return asks if max(off) < AGREES and _is_shifted(old, x) else None


def _is_shifted(old: Feature, x: Floats) -> bool:
    """Whether values lie elsewhere, or are spread otherwise, than they were."""
    as_is = transform_numbers(x, old, clip=False) / old.weight
    spread = float(np.log(max(float(as_is.std()), 1e-9)))
    return abs(float(as_is.mean())) > AGREES or abs(spread) > AGREES


def _asks(old: Feature, new: Feature, x: Floats) -> float | None:
    """The factor that the middle of the column asks for, or its spread where that is wider."""
    if not len(x):
        return None
    if old.log_offset is not None:
        factor = _of_logarithms(old, x)
    elif new.log_offset is not None:
        factor = _of_shape(old, x)
    elif abs(old.centre) > old.scale:
        factor = new.centre / old.centre
    else:
        factor = new.scale / old.scale
    if not np.isfinite(factor) or factor <= 0:
        return None
    near = [known for known in _known_factors() if abs(np.log(factor / known)) < CLOSE]
    return min(near, key=lambda known: abs(np.log(factor / known)), default=float(factor))


def _of_shape(old: Feature, x: Floats) -> float:
    """The factor that brings the mean, or the spread where that is wider, to where it was.

    For values that would be learned by their logarithms now: a few more in the tail decide that.
    """
    wide = abs(old.centre) <= old.scale
    measure, wanted = (np.std, old.scale) if wide else (np.mean, old.centre)

    def still_asked(factor: float) -> float:
        return float(measure(winsorised(x / factor, old.low, old.high))) / wanted

    return _settled(float(measure(x)) / wanted, still_asked)


def _of_logarithms(old: Feature, x: Floats) -> float:
    """The factor that brings the mean logarithm to where it was; the offset is in the unit."""
    offset = old.log_offset or 0.0

    def still_asked(factor: float) -> float:
        inside = x / factor + offset
        able = inside > 0
        if not able.any():
            return np.nan
        logged = winsorised(np.log(inside[able]), old.low, old.high)
        return float(np.exp(float(logged.mean()) - old.centre))

    return _settled(1.0, still_asked)


def _settled(factor: float, still_asked: Callable[[float], float]) -> float:
    """The factor beside which no other is asked for any more; NaN where there is none."""
    for _ in range(60):
        if not np.isfinite(factor) or factor <= 0:
            return np.nan
        more = still_asked(factor)
        factor *= more
        if abs(more - 1) < 1e-9:
            break
    return factor


def _known_factors() -> list[float]:
    return [*TENS, *KNOWN, *(1 / known for known in KNOWN)]


def scaled(feature: Feature, factor: float) -> Feature:
    """How a column of numbers is encoded whose values are so many times what they were."""
    logged = feature.log_offset is not None

    def moved(place: float | None) -> float | None:
        if place is None:
            return None
        return place + float(np.log(factor)) if logged else place * factor

    def times(value: float | None) -> float | None:
        return None if value is None else value * factor

    return replace(
        feature,
        fill=float(feature.fill) * factor,
        log_offset=times(feature.log_offset),
        low=moved(feature.low),
        high=moved(feature.high),
        centre=moved(feature.centre) or 0.0,
        scale=feature.scale if logged else feature.scale * factor,
        least=times(feature.least),
        most=times(feature.most),
        never=times(feature.never),
    )
