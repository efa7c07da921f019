"""Profile and Sample → Recipe: how columns become numbers, learned once and replayed on every row.

Each basis column is filled, logged where its tail is heavy, winsorised (for fitting only: nobody is
dropped), centred, scaled and weighted. A logarithm is taken as log(x + offset) with the offset in
the column's own units, so that dollars and cents give the same segments.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from shoal.errors import InputError, OptionError, did_you_mean
from shoal.options import Fill, Scaling
from shoal.sentences import say
from shoal.stats.distribution import (
    clip_limits,
    finite,
    flag_words,
    log_offset,
    numbers,
    reach,
    winsorised,
)
from shoal.text.nouns import many, one
from shoal.text.options import option
from shoal.types import Bools, Column, Feature, Floats, Points, Profile, Recipe, Sample

LEAST_WEIGHT = 1e-6  # and the most is its inverse
SAME = 1e-12  # values that differ by a smaller share of themselves are the same to calculations


def prepare(
    profile: Profile,
    sample: Sample,
    basis: Sequence[str],
    *,
    scale: Scaling = "auto",
    fill: Fill = "median",
    weights: Mapping[str, float] | None = None,
) -> Recipe:
    """Learn how to encode the basis columns.

    `scale`: "auto" logs heavy tails, winsorises for fitting and standardises; "standard" only
    standardises (population standard deviation); "robust" centres at the median and scales by the
    interquartile range; "none" takes the numbers as they are. Raises InputError when nothing
    varies, OptionError for weights of unknown columns.
    """
    _refuse_damaged(profile, basis)
    weights = dict(weights or {})
    _check_weights(weights, basis)
    varying = [name for name in basis if _varies(profile.column(name))]
    if not varying:
        raise InputError(_nothing_varies(profile, basis))
    features = [
        _learn(profile.column(name), sample.rows[name], scale, fill, weights.get(name, 1.0))
        for name in varying
    ]
    return Recipe(features=tuple(sorted(features, key=lambda f: f.column)), scaling=scale)


def _varies(column: Column) -> bool:
    """Whether a column has values that calculations can tell apart."""
    low, high = column.min, column.max
    if column.distinct < 2 or not isinstance(low, float) or not isinstance(high, float):
        return column.distinct > 1
    return high - low > SAME * max(abs(low), abs(high))


def _refuse_damaged(profile: Profile, basis: Sequence[str]) -> None:
    """A column whose numbers could not be read for certain forms no segments, even if asked."""
    for found in profile.findings:
        unreadable = found.severity == "error" or found.code == "damaged-numbers"
        if unreadable and found.column in basis:
            raise InputError(f"{found.message} It cannot form segments as it is.")


def _check_weights(weights: Mapping[str, float], basis: Sequence[str]) -> None:
    for name, weight in weights.items():
        if name not in basis:
            raise OptionError(
                f'{option("weights")} names "{name}", which does not form segments. '
                f"{did_you_mean(name, basis)}"
            )
        if not weight > 0:
            raise OptionError(
                f'{option("weights")} of "{name}", {weight:g}, '
                "must be a positive number, such as 2."
            )
        if not LEAST_WEIGHT <= weight <= 1 / LEAST_WEIGHT:
            raise OptionError(
                f'{option("weights")} of "{name}", {weight:g}, '
                "must lie between 0.000001 and 1000000."
            )


def _nothing_varies(profile: Profile, basis: Sequence[str]) -> str:
    by = option("by", "COLUMN")
    if not basis:
        columns = "; ".join(f'"{c.name}": {c.role_reason or c.role}' for c in profile.columns[:12])
        return (
            f"{profile.name} has no column that segments could be formed on. {columns}. "
            f"Name some yourself: {by}."
        )
    names = ", ".join(f'"{n}"' for n in basis)
    nearly = any(profile.column(name).distinct > 1 for name in basis)
    same = "the same to twelve digits" if nearly else "the same"
    return (
        f"Nothing to segment in {profile.name}: {names} {'is' if len(basis) == 1 else 'are'} "
        f"{same} for every {one()}, or empty. Choose others with {by}."
    )


def _learn(
    column: Column, values: pa.ChunkedArray, scale: Scaling, fill: Fill, weight: float
) -> Feature:
    if column.kind in ("category", "text"):
        return _learn_category(column, values, scale, weight)
    if column.kind == "flag":
        return _learn_flag(column, values, scale, weight)
    if column.kind == "date":
        raise OptionError(
            f'"{column.name}" holds dates, which cannot form segments as they are. '
            "Turn them into a number first, such as days since."
        )
    return _learn_number(column, values, scale, fill, weight)


def _learn_number(
    column: Column, values: pa.ChunkedArray, scale: Scaling, fill: Fill, weight: float
) -> Feature:
    x = finite(values)
    if len(x) == 0:
        raise InputError(
            f'"{column.name}" has no finite value (below 1e60). Leave it out: '
            f"name the columns that should form segments with {option('by', 'COLUMN')}."
        )
    missing = column.missing + column.infinite
    sampled = len(x) / max(column.rows - missing, 1)
    feature = learn_numbers(column.name, x, scale, fill, missing, sampled, weight)
    return replace(feature, never=column.never)


def learn_numbers(
    name: str,
    x: Floats,
    scale: Scaling,
    fill: Fill = "median",
    missing: int = 0,
    sampled: float = 1.0,
    weight: float = 1.0,
) -> Feature:
    """Learn one column from its finite values (m,).

    So many are `missing` in the table, of which a share is `sampled`.
    """
    stand_in = {"median": float(np.median(x)), "mean": float(x.mean()), "zero": 0.0}[fill]
    offset, limits, drawn_in = None, None, None
    y = np.concatenate([x, np.full(round(missing * sampled), stand_in)])
    if scale == "auto":
        below = missing and stand_in < x.min()  # a zero for gaps must have a logarithm as well
        known = np.append(x, stand_in) if below else x
        offset = log_offset(known)
        y = y if offset is None else np.log(np.maximum(y, known[known >= 0].min()) + offset)
        limits = clip_limits(y)
        if offset is not None and limits is None and x.min() < 0:
            limits = float(y.min()), float(y.max())  # what has no logarithm is taken as the lowest
    if limits is not None:
        drawn_in = int(((y < limits[0]) | (y > limits[1])).sum())
        y = np.clip(y, *limits)
    centre, spread, scaling = _scaling(y, scale)
    least, most = reach(x)
    words = say(
        "feature-number",
        column=name,
        gaps=missing,
        fill=fill,
        stand_in=stand_in,
        log_offset=offset,
        drawn_in=drawn_in,
        scaling=scaling,
        weight=weight,
    )
    return Feature(
        column=name,
        kind="number",
        fill=stand_in,
        filled=missing,
        log_offset=offset,
        low=limits[0] if limits else None,
        high=limits[1] if limits else None,
        centre=centre,
        scale=spread,
        weight=weight,
        words=words.text,
        least=least,
        most=most,
    )


def _scaling(y: Floats, scale: Scaling) -> tuple[float, float, str]:
    """(centre, spread, which scaling it was) of transformed values (m,)."""
    if scale == "none":
        return 0.0, 1.0, "none"
    if scale == "robust":
        q25, q50, q75 = np.quantile(y, [0.25, 0.5, 0.75])
        if q75 > q25:
            return float(q50), float(q75 - q25), "robust"
    centre, spread = float(y.mean()), float(y.std())
    if scale == "auto":
        # The same values in another order, or each twice, must give the same digits.
        centre, spread = float(f"{centre:.12g}"), float(f"{spread:.12g}")
    return centre, spread if spread > 0 else 1.0, "standard"


def _learn_flag(column: Column, values: pa.ChunkedArray, scale: Scaling, weight: float) -> Feature:
    off_on = flag_words([w for w, _ in column.top]) or ()
    x = _flag_numbers(values, off_on)
    known = x[np.isfinite(x)]
    share = float(known.mean())
    fill = off_on[int(share >= 0.5)] if off_on else float(share >= 0.5)
    centre, spread = share, 0.5
    if scale == "none":
        centre, spread = 0.0, 1.0
    elif scale == "standard":
        spread = float(known.std()) or 1.0
    words = say(
        "feature-flag",
        column=column.name,
        gaps=column.missing,
        fill=fill,
        scaling=scale,
        weight=weight,
    )
    return Feature(
        column=column.name,
        kind="flag",
        fill=fill,
        filled=column.missing,
        centre=centre,
        scale=spread,
        weight=weight,
        categories=off_on,
        words=words.text,
    )


def _flag_numbers(values: pa.ChunkedArray | pa.Array, off_on: Sequence[str]) -> Floats:
    """A flag as 0, 1 and NaN for a gap or an unknown word."""
    if not off_on:
        return numbers(values)
    on = np.asarray(pc.equal(values, off_on[1]).fill_null(False))
    off = np.asarray(pc.equal(values, off_on[0]).fill_null(False))
    return np.where(on, 1.0, np.where(off, 0.0, np.nan))


_MOST_CATEGORIES = 50


def _learn_category(
    column: Column, values: pa.ChunkedArray, scale: Scaling, weight: float
) -> Feature:
    words = sorted(str(w) for w in pc.unique(values.drop_null()).to_pylist())
    if len(words) > _MOST_CATEGORIES:
        raise OptionError(
            f'"{column.name}" holds {column.distinct:,} different words, '
            f"too many to form segments on (at most {_MOST_CATEGORIES}). "
            f"Leave it out of {option('by')}, or group its words first."
        )
    shares = np.array(
        [float(np.asarray(pc.equal(values, w).fill_null(False)).mean()) for w in words]
    )
    said = say(
        "feature-category",
        column=column.name,
        words=len(words),
        gaps=column.missing,
        weight=weight,
    )
    return Feature(
        column=column.name,
        kind="category",
        fill="",
        filled=column.missing,
        scale=1.0 if scale == "none" else float(np.sqrt((shares * (1 - shares)).sum())),
        weight=weight,
        categories=tuple(words),
        words=said.text,
        shares=tuple(map(float, shares / shares.sum())),
    )


# --- replaying ------------------------------------------------------------------------------------


def encode(rows: pa.Table | pa.RecordBatch, recipe: Recipe, *, clip: bool) -> Floats:
    """Rows as numbers (n customers, d features), laid out feature by feature.

    `clip` winsorises and is for fitting only.
    """
    out = np.empty((recipe.width, rows.num_rows))
    for feature, part in zip(recipe.features, recipe.parts, strict=True):
        out[part] = _encode_one(rows.column(feature.column), feature, clip).T
    return out.T


def _encode_one(values: pa.ChunkedArray | pa.Array, feature: Feature, clip: bool) -> Floats:
    if feature.kind == "category":
        return _encode_category(values, feature)
    x = known_numbers(values, feature)
    return transform_numbers(x, feature, clip)[:, None]


def known_numbers(values: pa.ChunkedArray | pa.Array, feature: Feature) -> Floats:
    """A flag or numbers (n,), NaN for a gap, an unknown word and what stands for "never"."""
    if feature.kind == "flag":
        return _flag_numbers(values, feature.categories)
    x = numbers(values)
    return x if feature.never is None else np.where(x == feature.never, np.nan, x)


def transform_numbers(x: Floats, feature: Feature, clip: bool) -> Floats:
    """Numbers of one column (n,), missing values as NaN, replayed as learned."""
    known = np.isfinite(x)
    if not known.all():
        x = np.where(known, x, feature.stand_in)
    if feature.log_offset is not None:
        x = _logged(x, feature.log_offset, feature)
    if clip:
        x = winsorised(x, feature.low, feature.high)
    return np.asarray((x - feature.centre) * feature.factor)


def _logged(x: Floats, offset: float, feature: Feature) -> Floats:
    """New rows may lie below everything learned (a refund): they are taken as the lowest value that
    has a logarithm.
    """
    with np.errstate(invalid="ignore", divide="ignore"):
        logged = np.log(x + offset)
    able = np.isfinite(logged)
    if able.all():
        return np.asarray(logged)
    return np.where(able, logged, feature.lowest)


def _encode_category(values: pa.ChunkedArray | pa.Array, feature: Feature) -> Floats:
    text = values.cast(pa.string())
    hits = np.column_stack(
        [np.asarray(pc.equal(text, w).fill_null(False)) for w in feature.categories]
    ).astype(np.float64)
    hits[~hits.any(axis=1)] = feature.shares
    return hits * feature.factor


def unknown_words(rows: pa.Table | pa.RecordBatch, recipe: Recipe) -> dict[str, dict[str, int]]:
    """Words that the recipe has never seen, with counts, by column."""
    found: dict[str, dict[str, int]] = {}
    for feature in recipe.features:
        if not feature.categories:
            continue
        counted = pc.value_counts(rows.column(feature.column).cast(pa.string()).drop_null())
        for word, count in zip(
            counted.field("values").to_pylist(), counted.field("counts").to_pylist(), strict=True
        ):
            if word not in feature.categories:
                found.setdefault(feature.column, {})[word] = count
    return found


def points(sample: Sample, recipe: Recipe) -> Points:
    """The sample's distinct encoded customers, in an order that neither rows, columns nor units
    change.
    """
    matrix = np.ascontiguousarray(encode(sample.rows, recipe, clip=True))
    # Rounding makes equal what only differs in the last digits after another unit was used.
    spread = matrix.std(axis=0)
    rounded = np.round(matrix / np.where(spread > 0, spread, 1.0), 9) + 0.0
    _, first, of_row, counts = np.unique(
        rounded, axis=0, return_index=True, return_inverse=True, return_counts=True
    )
    return Points(
        matrix=matrix[first],
        weights=counts.astype(np.float64),
        of_row=of_row.ravel().astype(np.int64),
    )


def beyond_reach(rows: pa.Table | pa.RecordBatch, recipe: Recipe) -> Bools:
    """(n,) whether a customer has a value in some column that is unlike anybody's.

    A logarithm may tame it, and many other columns drown it.
    """
    far = np.zeros(rows.num_rows, dtype=bool)
    for feature in recipe.features:
        least = -np.inf if feature.least is None else feature.least
        most = np.inf if feature.most is None else feature.most
        x = numbers(rows.column(feature.column)) if feature.kind == "number" else far[:0]
        if len(x) and not (least <= x.min() and x.max() <= most):  # nor where some are missing
            far |= np.isfinite(x) & ((x < least) | (x > most))
    return far


def placeable(rows: pa.Table | pa.RecordBatch, recipe: Recipe) -> Bools:
    """(n,) whether a customer has at least one known basis value; the others cannot be placed."""
    columns = {feature.column: rows.column(feature.column) for feature in recipe.features}
    whole = [columns[f.column] for f in recipe.features if f.never is None]
    if any(pa.types.is_integer(values.type) and not values.null_count for values in whole):
        return np.ones(rows.num_rows, dtype=bool)
    known = np.zeros(rows.num_rows, dtype=bool)
    for feature in recipe.features:
        values = columns[feature.column]
        known |= (
            np.isfinite(known_numbers(values, feature))
            if feature.kind != "category"
            else np.asarray(values.is_valid())
        )
    return known


def placeable_part(sample: Sample, recipe: Recipe, name: str) -> Sample:
    """The sample without customers that have no basis value at all."""
    keep = placeable(sample.rows, recipe)
    if keep.all():
        return sample
    if not keep.any():
        raise InputError(
            f"Nobody in {name} has a value in the columns that form segments "
            f"({', '.join(recipe.columns)}). Choose others with {option('by')}."
        )
    index = sample.index[keep]
    total = len(index) if sample.whole else sample.total
    return Sample(rows=sample.rows.filter(keep), index=index, total=total)


def check_enough(name: str, points: Points, k: int | None) -> None:
    """Raise InputError where too few customers differ to form (k) segments of them."""
    customers, distinct = int(points.weights.sum()), len(points.matrix)
    if k is not None and k > distinct:
        few = f"{customers:,} {many()}"
        if distinct != customers:
            few = f"{few}, of which {distinct:,} differ,"
        raise InputError(
            f"{name} has {few} in the columns that form segments: too few for {k} segments. "
            f"Use {option('k', distinct)} at most, or more columns with {option('by')}."
        )
    if distinct < 2:
        raise InputError(
            f"All {many()} of {name} are the same in the columns that form segments: "
            f"there is nothing to segment. Choose others with {option('by')}."
        )
