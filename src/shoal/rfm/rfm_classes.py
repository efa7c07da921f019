"""Classic RFM: scores and named classes, exhaustive and exclusive, from a table that can be replaced."""

from __future__ import annotations

import itertools
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from shoal.engine.table import Table
from shoal.errors import InputError, OptionError, did_you_mean
from shoal.rfm.columns import kind_of, tokens
from shoal.rfm.rfm_scores import (
    MEASURES,
    TIE_WORDS,
    TIES,
    Measure,
    Ties,
    check_cuts,
    cut_points,
    scores,
)
from shoal.types import Finding, Floats, Ints

HOUSE = Path(__file__).parent / "classes.toml"
_NAMES: dict[Measure, frozenset[str]] = {
    "recency": frozenset({"recency"}),
    "frequency": frozenset(
        {"frequency", "orders", "transactions", "purchases", "visits", "invoices"}
    ),
    "monetary": frozenset(
        {"monetary", "revenue", "amount", "spent", "spend", "sales", "value", "total"}
    ),
}


@dataclass(frozen=True)
class Box:
    """A class, or a part of one: the scores that belong to it, both ends included."""

    name: str
    ranges: tuple[tuple[int, int] | None, ...]  # in the order of MEASURES; None: any score
    text: str = ""

    def holds(self, combination: Sequence[int]) -> bool:
        """Whether a combination of scores lies in the box."""
        return all(
            r is None or r[0] <= s <= r[1] for r, s in zip(self.ranges, combination, strict=True)
        )


@dataclass(frozen=True)
class Scheme:
    """A table of classes."""

    boxes: tuple[Box, ...]
    bins: tuple[int, int, int]
    first_match: bool = False
    rest: str | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """The classes in the order of the table."""
        return tuple(
            dict.fromkeys([*(b.name for b in self.boxes), *([self.rest] if self.rest else [])])
        )

    def class_of(self, combination: Sequence[int]) -> str:
        """The class of one combination of scores.

        Raises OptionError when it lies in none, or in two.
        """
        found = list(dict.fromkeys(b.name for b in self.boxes if b.holds(combination)))
        told = ", ".join(f"{m} {s}" for m, s in zip(MEASURES, combination, strict=True))
        if not found and self.rest is None:
            raise OptionError(
                f'The score combination {told} is in no class. Widen a class to take it in, or write rest = "Others" above the classes.'
            )
        if len(found) > 1 and not self.first_match:
            raise OptionError(
                f"The score combination {told} is in two classes: {found[0]} and {found[1]}. "
                "Narrow one of them, or write first_match = true above the classes to take the first."
            )
        return found[0] if found else str(self.rest)


@dataclass(frozen=True)
class RfmClasses:
    """Scores and class of each customer."""

    customers: (
        pa.Table
    )  # id, the measures, their scores, rfm_score, class; in the order of the table
    id: str | None
    measures: tuple[tuple[Measure, str], ...]  # which column was taken for what
    cuts: dict[str, tuple[float, ...]]
    ties: str  # the rule in words
    scheme: Scheme
    findings: tuple[Finding, ...]

    @property
    def labels(self) -> tuple[str, ...]:
        """(n,) the class of each customer."""
        return tuple(self.customers["class"].to_pylist())

    @property
    def summary(self) -> Any:
        """A pandas DataFrame, one row a class that anybody is in: customers, orders, value, medians, largest first."""
        import pandas as pd

        frame = pd.DataFrame(self.customers.to_pydict())  # also where PyArrow knows no pandas
        found = pd.DataFrame({"customers": frame.groupby("class").size()})
        found["share"] = found["customers"] / len(frame)
        columns = dict(self.measures)
        for measure, word in (("frequency", "orders"), ("monetary", "value")):
            if measure in columns:
                found[word] = frame.groupby("class")[columns[measure]].sum()
        if "value" in found:
            found["value_share"] = found["value"] / found["value"].sum()
        for column in columns.values():
            found[f"median {column}"] = frame.groupby("class")[column].median()
        return found.sort_values("customers", ascending=False, kind="stable")


def rfm_classes(
    customers: Table,
    *,
    recency: str | None = None,
    frequency: str | None = None,
    monetary: str | None = None,
    id: str | None = None,
    bins: int | None = None,
    cuts: Mapping[Measure, Sequence[float]] | None = None,
    ties: Ties = "low",
    classes: str | Path | None = None,
) -> RfmClasses:
    """Put each customer into a named RFM class.

    Args:
        customers: one row a customer, as `customers_from_orders` makes it, or any table with such columns.
        recency, frequency, monetary, id: columns; guessed from their names when left out. Monetary may be missing.
        bins: number of quantile bins of each measure; that of the table of classes when left out.
        cuts: own cut points by measure, in place of quantiles.
        ties: where a value equal to a cut point goes: "low", "high" or "plus-one" (as in the R package rfm).
        classes: a TOML file of classes in place of the one that ships.

    Raises:
        InputError: a measure is not in the table, or nobody has all of them.
        OptionError: an option is wrong, or a combination of scores is in no class or in two.

    >>> import pandas as pd
    >>> from shoal.data.read import read
    >>> table = pd.DataFrame({"recency": [5, 90, 300, 10, 40], "frequency": [9, 1, 1, 2, 5], "monetary": [900, 20, 15, 50, 300]})
    >>> rfm_classes(read(table)).labels
    ('Champions', 'Hibernating', 'Hibernating', 'Potential loyalists', 'Loyal customers')
    """
    if ties not in TIES:
        raise OptionError(f'--ties "{ties}" is unknown. Known: {", ".join(TIES)}.')
    columns = _columns(
        customers, {"recency": recency, "frequency": frequency, "monetary": monetary}, id
    )
    measures = {m: columns[m] for m in MEASURES if m in columns}
    own: dict[str, Sequence[float]] = {str(m): points for m, points in (cuts or {}).items()}
    check_cuts(own, list(measures))
    scheme = load_classes(Path(classes) if classes else HOUSE, len(measures) == 3)
    if bins is not None and not 2 <= bins <= 20:
        raise OptionError(
            f"--bins {bins}: the number of bins must lie between 2 and 20; five is usual."
        )
    seats: dict[str, int] = dict(zip(MEASURES, scheme.bins, strict=True))
    wanted: dict[str, int] = dict(zip(MEASURES, (bins,) * 3 if bins else scheme.bins, strict=True))
    rows = _rows(customers, measures, columns.get("id"))
    values: dict[str, Floats] = {
        m: np.asarray(rows[c].cast(pa.float64()), dtype=np.float64) for m, c in measures.items()
    }
    points: dict[str, tuple[float, ...]] = {}
    for m, x in values.items():
        points[m] = tuple(own[m]) if m in own else cut_points(x, wanted[m])
        if len(points[m]) + 1 != seats[m]:
            raise OptionError(
                f"{m} has {len(points[m]) + 1} scores, but the classes are made for {seats[m]}. "
                "Give as many cut points as fit, or a file of classes for that many with --classes."
            )
    given: dict[str, Ints] = {
        m: scores(x, points[m], ties, fewer_is_better=m == "recency") for m, x in values.items()
    }
    table = _labelled(rows, given, _classed(scheme, given))
    return RfmClasses(
        table,
        columns.get("id"),
        tuple(measures.items()),
        points,
        TIE_WORDS[ties],
        scheme,
        _findings(given, points, values, customers, rows),
    )


def load_classes(path: Path, money: bool = True) -> Scheme:
    """Read and check a table of classes: every combination of scores in exactly one class.

    Raises OptionError for a file that cannot be read, a gap or an overlap.
    """
    try:
        raw = tomllib.loads(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as wrong:
        raise OptionError(
            f'The classes "{path}" could not be read: {wrong}. Start from the file that ships with shoal.'
        ) from None
    unknown = sorted(set(raw) - {"bins", "classes", "first_match", "rest"})
    if unknown or not isinstance(raw.get("classes"), list) or not raw["classes"]:
        raise OptionError(
            f'"{path}" must hold [[classes]] with a name and ranges of scores'
            + (f"; {unknown[0]} is unknown." if unknown else ".")
        )
    given = raw.get("bins", 5)
    bins = tuple(given) if isinstance(given, list) else (given,) * 3
    if len(bins) != 3 or any(not isinstance(b, int) or not 2 <= b <= 20 for b in bins):
        raise OptionError(
            f'"{path}": bins = {given} must be a whole number from 2 to 20, or three of them.'
        )
    boxes = tuple(_box(path, each, bins, money) for each in raw["classes"])
    scheme = Scheme(
        boxes, (bins[0], bins[1], bins[2]), bool(raw.get("first_match", False)), raw.get("rest")
    )
    for combination in itertools.product(*(range(1, b + 1) for b in bins)):
        scheme.class_of(combination)
    return scheme


def _box(path: Path, raw: Any, bins: Sequence[int], money: bool) -> Box:
    name = raw.get("name") if isinstance(raw, dict) else None
    if not isinstance(name, str) or not name.strip():
        raise OptionError(f'"{path}": every class needs a name, such as name = "Champions".')
    unknown = sorted(set(raw) - {"name", "text", *MEASURES})
    if unknown:
        raise OptionError(
            f'"{path}": {name} has "{unknown[0]}". {did_you_mean(unknown[0], [*MEASURES, "text"])}'
        )
    if "monetary" in raw and not money:
        raise OptionError(
            f'"{path}": {name} asks for a monetary score, but there are no amounts. Name them, or use classes without monetary.'
        )
    ranges: list[tuple[int, int] | None] = []
    for measure, most in zip(MEASURES, bins, strict=True):
        span = raw.get(measure)
        if span is None:
            ranges.append(None)
        elif (
            isinstance(span, list)
            and len(span) == 2
            and all(isinstance(s, int) for s in span)
            and 1 <= span[0] <= span[1] <= most
        ):
            ranges.append((span[0], span[1]))
        else:
            raise OptionError(
                f'"{path}": {name} has {measure} = {span}; write the lowest and highest score, such as [1, {most}].'
            )
    return Box(name, tuple(ranges), str(raw.get("text", "")))


def _columns(
    customers: Table, asked: Mapping[Measure, str | None], id: str | None
) -> dict[Any, str]:
    """Which column is which measure, asked for or guessed by name."""
    known = customers.schema.names
    found: dict[Any, str] = {}
    numeric = [f.name for f in customers.schema if kind_of(f.type) in ("whole", "number")]
    for measure, name in asked.items():
        if name is not None and name not in known:
            raise OptionError(
                f'--{measure} names "{name}", but {customers.name} has no such column. {did_you_mean(name, known)}'
            )
        if name is not None and name not in numeric:
            raise OptionError(
                f'--{measure} "{name}" holds no numbers. Columns of numbers: {", ".join(numeric)}.'
            )
        exact = [n for n in numeric if n.lower() == measure]
        like = [n for n in numeric if _NAMES[measure] & set(tokens(n)) and n not in found.values()]
        guess = name or next(iter(exact or like), None)
        if guess is None and measure != "monetary":
            raise InputError(
                f"No column of {customers.name} holds the {measure}. Name it with --{measure} COLUMN. Its numbers: {', '.join(numeric)}."
            )
        if guess is not None:
            found[measure] = guess
    if id is not None and id not in known:
        raise OptionError(
            f'--id names "{id}", but {customers.name} has no such column. {did_you_mean(id, known)}'
        )
    told = [
        n
        for n in known
        if n not in found.values()
        and {"id", "customer"} & set(tokens(n))
        and "category" not in tokens(n)
    ]
    if id is not None or told:
        found["id"] = id or told[0]
    return found


def _rows(customers: Table, measures: Mapping[Measure, str], id: str | None) -> pa.Table:
    """The columns that matter, of customers that have all measures."""
    names = [*([id] if id else []), *measures.values()]
    rows = pa.Table.from_batches(
        customers.batches(names), pa.schema([customers.schema.field(n) for n in names])
    )
    finite = np.ones(len(rows), dtype=bool)
    for column in measures.values():
        finite &= np.isfinite(
            np.asarray(rows[column].cast(pa.float64()).fill_null(np.nan), dtype=np.float64)
        )
    if not finite.any():
        raise InputError(
            f"Nobody in {customers.name} has a value in all of {', '.join(measures.values())}."
        )
    return rows.filter(pa.array(finite)) if not finite.all() else rows


def _classed(scheme: Scheme, given: Mapping[str, Ints]) -> npt.NDArray[np.str_]:
    """(n,) class names; every combination of scores is looked up once."""
    n = len(next(iter(given.values())))
    each = np.column_stack([given.get(m, np.ones(n, dtype=np.int64)) for m in MEASURES])
    combinations, of_row = np.unique(each, axis=0, return_inverse=True)
    return np.array([scheme.class_of([int(s) for s in c]) for c in combinations])[of_row.ravel()]


def _labelled(rows: pa.Table, given: Mapping[str, Ints], names: npt.NDArray[np.str_]) -> pa.Table:
    joined = np.array(["".join(map(str, c)) for c in zip(*given.values(), strict=True)])
    for measure, score in given.items():
        rows = rows.append_column(f"{measure}_score", pa.array(score))
    return rows.append_column("rfm_score", pa.array(joined)).append_column("class", pa.array(names))


def _findings(
    given: Mapping[str, Ints],
    points: Mapping[str, tuple[float, ...]],
    values: Mapping[str, Floats],
    customers: Table,
    rows: pa.Table,
) -> tuple[Finding, ...]:
    found = []
    for measure, score in given.items():
        empty = sorted(set(range(1, len(points[measure]) + 2)) - set(np.unique(score).tolist()))
        if empty:
            met, often = np.unique(values[measure], return_counts=True)
            common, count = met[often.argmax()], often.max()
            text = (
                f"Nobody has the {measure} score {' or '.join(map(str, empty))}: {count / len(score):.0%} of customers share the {measure} "
                f"{common:g}, and equal customers get equal scores. Give own cut points to part them otherwise."
            )
            found.append(Finding("rfm-ties", "info", text, measure))
    total = sum(b.num_rows for b in customers.batches([]))
    if total > len(rows):
        found.append(
            Finding(
                "rfm-gaps",
                "warning",
                f"{total - len(rows):,} of {total:,} customers lack a measure; they have no RFM class.",
            )
        )
    return tuple(found)
