"""Segmentation → one SELECT that does what `assign` does, layer by layer.

read → encoded → distances → nearest → others → runner → the labels. Each layer names its columns
itself, so that no name of the table's can meet one of its own: n1, n2 … are numbers that were read,
w words, k their place among the known ones, e encoded features, d squared distances.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from sqlglot import exp

from shoal.data.cells.infer import gaps_beside
from shoal.engine.made import own_columns
from shoal.errors import OptionError
from shoal.output.labels import key_name, names_beside
from shoal.scoring_sql.dialects import Dialect, check_names
from shoal.scoring_sql.expressions import (
    Sql,
    bracketed,
    by_number,
    chosen,
    compare,
    either,
    every,
    floor,
    is_known,
    lowest,
    name,
    named,
    number,
    product,
    quotient,
    scaled,
    shifted,
    total,
    whole,
    yes_no,
)
from shoal.scoring_sql.made import known_number
from shoal.text.options import option
from shoal.types import Feature, Segmentation

LAYER = "shoal_{}"
TRUE_FALSE = {"true", "false"}
SUMMED = 200  # features in one sum: databases limit how deep an expression is
MARGIN = 10_000  # a margin is told in so many parts


@dataclass(frozen=True)
class Scoring:
    """What a statement is made from."""

    model: Segmentation
    dialect: Dialect
    table: exp.Table
    keys: dict[str, str]  # columns of the table that stand beside the labels, and their names there


def scoring_of(
    model: Segmentation, dialect: Dialect, table: exp.Table, id_column: str | None
) -> Scoring:
    """What a statement is made from; without an id the columns that are read stand beside labels.

    Raises OptionError for a model or column that the database cannot hold.
    """
    width, k = model.recipe.width, model.k
    if max(width, k) > dialect.widest:
        raise OptionError(
            f"The model has {width:,} encoded columns and {k:,} segments; one statement of "
            f"{dialect.name} can hold {dialect.widest:,} of each. Score in another dialect, or "
            f"segment on fewer columns with {option('by')}."
        )
    read = own_columns(model.recipe.columns, model.made)
    own = [id_column] if id_column else []
    keys = {id_column: key_name(id_column)} if id_column else _beside_labels(read)
    check_names(dialect, [*dict.fromkeys([*own, *read, *keys.values()])])
    return Scoring(model, dialect, table, keys)


def _beside_labels(columns: Sequence[str]) -> dict[str, str]:
    """What columns are called where labels stand beside them."""
    return names_beside(pa.schema([(column, pa.null()) for column in columns]), None)


def select(scoring: Scoring) -> exp.Select:
    """The whole statement."""
    layers = {LAYER.format(called): columns for called, columns in _layers(scoring)}
    return scoring.dialect.in_layers(scoring.table, layers, _labels(scoring))


def _layers(scoring: Scoring) -> Iterator[tuple[str, list[Sql]]]:
    """The layers by their names, with their columns."""
    yield "read", _read(scoring)
    yield "encoded", _encoded(scoring)
    for start in range(0, scoring.model.recipe.width, SUMMED):
        yield f"distances{start or ''}", _distances(scoring, start)
    yield "nearest", _nearest(scoring)
    yield "others", _others(scoring)
    yield "runner", _runner(scoring)


def _kept(scoring: Scoring, *more: str) -> list[Sql]:
    """The keys under names of our own, and more columns of the layer before."""
    return [name(each) for each in (*_key_names(scoring), *more)]


def _key_names(scoring: Scoring) -> list[str]:
    return [f"key{i}" for i in range(1, len(scoring.keys) + 1)]


# --- read ----------------------------------------------------------------------------------------


def _read(scoring: Scoring) -> list[Sql]:
    """Keys, numbers and words as they are known."""
    keys = [
        named(name(column), alias)
        for column, alias in zip(scoring.keys, _key_names(scoring), strict=True)
    ]
    features = enumerate(scoring.model.recipe.features, 1)
    return [*keys, *(each for i, f in features for each in _read_one(scoring, i, f))]


def _read_one(scoring: Scoring, i: int, feature: Feature) -> Iterator[Sql]:
    dialect = scoring.dialect
    if feature.kind == "category":
        word = dialect.word_of(name(feature.column))
        yield named(word, f"w{i}")
        known = ((dialect.text(w), whole(at)) for at, w in enumerate(feature.categories, 1))
        yield named(chosen(known, of=word.copy()), f"k{i}")
    elif feature.categories:
        yield named(_flag(dialect, feature), f"n{i}")
    else:
        yield named(number_of_column(scoring, feature), f"n{i}")


def _flag(dialect: Dialect, feature: Feature) -> Sql:
    """1, 0, or nothing; of True and False as text also what a database writes for booleans."""
    word = dialect.word_of(name(feature.column))
    values = {w: float(on) for on, w in enumerate(feature.categories)}
    if {w.lower() for w in values} == TRUE_FALSE:
        values = {w.lower(): v for w, v in values.items()} | values
    return chosen(((dialect.text(w), number(v)) for w, v in values.items()), of=word)


def number_of_column(scoring: Scoring, feature: Feature) -> Sql:
    """The number that a row has in the column of a feature."""
    is_flag = feature.kind == "flag"
    return known_number(feature.column, scoring.model.made, scoring.dialect, is_flag=is_flag)


# --- encoded -------------------------------------------------------------------------------------


def _encoded(scoring: Scoring) -> list[Sql]:
    """Each feature as centroids have it; who can be placed, and who is beyond all others."""
    features = list(enumerate(scoring.model.recipe.features, 1))
    able = either(_is_told(scoring.dialect, i, f) for i, f in features)
    beyond = [test for i, f in features for test in _beyond(i, f)]
    encoded = (part for i, f in features for part in _encoded_one(i, f))
    return [
        *_kept(scoring),
        named(yes_no(able), "able"),
        named(yes_no(either(beyond)) if beyond else whole(0), "beyond"),
        *(named(part, f"e{j}") for j, part in enumerate(encoded, 1)),
    ]


def _is_told(dialect: Dialect, i: int, feature: Feature) -> Sql:
    """Whether a customer has a value in a column, be it one that nobody else has."""
    if feature.kind != "category":
        return is_known(_known(i, feature))
    gaps = [dialect.text(gap) for gap in gaps_beside(feature.categories)]
    word = exp.In(this=name(f"w{i}"), expressions=gaps)
    return either([is_known(name(f"k{i}")), exp.Paren(this=exp.Not(this=word))])


def _known(i: int, feature: Feature) -> Sql:
    """A number without what stands for "never"."""
    column = name(f"n{i}")
    if feature.never is None:
        return column
    return exp.Nullif(this=column, expression=number(feature.never))


def _beyond(i: int, feature: Feature) -> Iterator[Sql]:
    """The ends of what any customer has."""
    if feature.least is not None:
        yield compare(exp.LT, name(f"n{i}"), number(feature.least))
    if feature.most is not None:
        yield compare(exp.GT, name(f"n{i}"), number(feature.most))


def _encoded_one(i: int, feature: Feature) -> Iterator[Sql]:
    by = feature.factor
    if feature.kind == "category":
        yield from _hits(name(f"k{i}"), feature.shares, by)
        return
    x: Sql = exp.Coalesce(this=_known(i, feature), expressions=[number(feature.stand_in)])
    if feature.log_offset is not None:
        x = _logged(x, feature, feature.log_offset)
    yield scaled(shifted(x, -feature.centre), by)


def _logged(x: Sql, feature: Feature, offset: float) -> Sql:
    """What has no logarithm is taken as the lowest that was met."""
    moved = shifted(x, offset)
    able = compare(exp.GT, moved, number(0))
    return chosen([(able, exp.Ln(this=moved.copy()))], number(feature.lowest))


def _hits(place: Sql, shares: Sequence[float], by: float) -> Iterator[Sql]:
    """One feature a word; what is not known lies where everybody does on average."""
    for at, share in enumerate(shares, 1):
        ways = [
            (compare(exp.EQ, place.copy(), whole(at)), number(by)),
            (is_known(place.copy()), number(0)),
        ]
        yield chosen(ways, number(share * by))


# --- centroids -----------------------------------------------------------------------------------


def _distances(scoring: Scoring, start: int) -> list[Sql]:
    """The squared distance to each centroid, added up feature by feature as `assign` does.

    It takes up what was added up to the feature `start`, and leaves the others to the next layer.
    """
    stop = start + SUMMED
    later = [f"e{j}" for j in range(stop + 1, scoring.model.recipe.width + 1)]
    squared = (
        named(_squared(centre, start, so_far=f"d{i}" if start else None), f"d{i}")
        for i, centre in enumerate(scoring.model.centres.tolist(), 1)
    )
    return [*_kept(scoring, "able", "beyond", *later), *squared]


def _squared(centre: Sequence[float], start: int, so_far: str | None) -> Sql:
    places = enumerate(centre[start : start + SUMMED], start + 1)
    apart = (bracketed(shifted(name(f"e{j}"), -place)) for j, place in places)
    squares = [product(each, each.copy()) for each in apart]
    return total([name(so_far), *squares] if so_far else squares)


def _nearest(scoring: Scoring) -> list[Sql]:
    """The nearest centroid; of equally near ones the first."""
    k = scoring.model.k
    segment = named(lowest(k, lambda i: name(f"d{i}")), "nearest")
    return [*_kept(scoring, "able", "beyond"), *map(name, _numbered("d", k)), segment]


def _others(scoring: Scoring) -> list[Sql]:
    """Its distance, and those of the others, among which it is out of reach."""
    k = scoring.model.k
    first = named(by_number(name("nearest"), map(name, _numbered("d", k))), "first")
    away = number(float(np.finfo(np.float64).max))
    others = (
        named(
            chosen([(compare(exp.EQ, name("nearest"), whole(i)), away.copy())], name(f"d{i}")),
            f"o{i}",
        )
        for i in range(1, k + 1)
    )
    return [*_kept(scoring, "able", "beyond", "nearest"), first, *others]


def _runner(scoring: Scoring) -> list[Sql]:
    """The nearest of the others."""
    k = scoring.model.k
    runner = named(lowest(k, lambda i: name(f"o{i}")), "runner")
    more = ("able", "beyond", "nearest", "first")
    return [*_kept(scoring, *more), *map(name, _numbered("o", k)), runner]


def _numbered(letter: str, count: int) -> list[str]:
    return [f"{letter}{i}" for i in range(1, count + 1)]


# --- labels --------------------------------------------------------------------------------------


def _labels(scoring: Scoring) -> list[Sql]:
    """What stands beside the keys, as `assign` has it."""
    keys = zip(_key_names(scoring), scoring.keys.values(), strict=True)
    able = compare(exp.EQ, name("able"), whole(1))

    def where_able(then: Sql, otherwise: Sql | None = None) -> Sql:
        return chosen([(able.copy(), then)], otherwise)

    nothing = scoring.dialect.shown("")
    return [
        *(named(name(own), called) for own, called in keys),
        named(where_able(_number_of(scoring.model)), "segment"),
        named(where_able(_called(scoring, "nearest"), nothing), "name"),
        named(where_able(_runner_up(scoring), nothing.copy()), "runner_up"),
        named(where_able(_margin(scoring.model.k), number(0)), "margin"),
        named(scoring.dialect.truth(every([able.copy(), _unlike(scoring.model)])), "unlike_anyone"),
    ]


def _number_of(model: Segmentation) -> Sql:
    """The number of a segment, as people know it."""
    if model.ids == tuple(range(1, model.k + 1)):
        return name("nearest")
    return by_number(name("nearest"), map(whole, model.ids))


def _called(scoring: Scoring, column: str) -> Sql:
    """The name of a segment by its number."""
    return by_number(name(column), map(scoring.dialect.shown, scoring.model.names))


def _runner_up(scoring: Scoring) -> Sql:
    return _called(scoring, "runner") if scoring.model.k > 1 else scoring.dialect.shown("")


def _margin(k: int) -> Sql:
    """0 on the border with the runner-up, 1 at the centroid, to four decimals."""
    if k == 1:
        return number(1)
    second = by_number(name("runner"), map(name, _numbered("o", k)))
    apart = exp.Nullif(this=second, expression=number(0))  # there may be two centroids on one spot
    share = quotient(exp.Sqrt(this=name("first")), exp.Sqrt(this=apart))
    told = floor(shifted(product(exp.Sub(this=number(1), expression=share), number(MARGIN)), 0.5))
    return exp.Coalesce(this=quotient(told, number(MARGIN)), expressions=[number(0)])


def _unlike(model: Segmentation) -> Sql:
    """Beyond all others in a column, or farther from the centroid than all but a stated share."""
    tests = [compare(exp.EQ, name("beyond"), whole(1))]
    if np.isfinite(model.far).any():
        far = by_number(name("nearest"), map(_limit, model.far.tolist()))
        tests.append(compare(exp.GT, exp.Sqrt(this=name("first")), far))
    return exp.Paren(this=either(tests))


def _limit(far: float) -> Sql:
    return number(far) if np.isfinite(far) else exp.Null()
