"""The door: table or model → how far segments separate an outcome."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from msgspec import structs

from shoal.api import load, segment
from shoal.data import open_table
from shoal.engine.made import own_columns
from shoal.engine.progress import Progress, begin, listening
from shoal.engine.resources import limited
from shoal.errors import OptionError
from shoal.options import Meanings, Names, Options, ReadingOptions, check_names, options_of
from shoal.output.labels import placed_frame
from shoal.sentences import say
from shoal.separation.groupings import (
    Grouped,
    by_old_labels,
    by_one_column,
    by_rfm,
    by_words,
)
from shoal.separation.halves import Halves, halves
from shoal.stats.agreement import adjusted_rand, shared
from shoal.stats.explained import explained, interval, means_of
from shoal.stats.intervals import Z95, wilson_of
from shoal.study import Model
from shoal.text.nouns import speaking_of
from shoal.text.options import option
from shoal.types import Bools, Floats, Grouping, GroupRate, Separation, Statement

NOBODY = "(in no segment)"


def compare_outcome(
    source: Any,
    *,
    outcome: str | None = None,
    model: Model | str | Path | None = None,
    by: Names = None,
    ignore: Names = None,
    value: str | None = None,
    id: str | None = None,
    k: int | None = None,
    date: Any = None,
    seed: int = 0,
    min_cell: int = 5,
    memory: str | int | None = None,
    threads: int | None = None,
    progress: Progress | None = None,
    **reading: Any,
) -> Separation:
    """Does it matter? How far segments separate something that did not form them.

    Half of the customers are put aside; on the others segments are formed without the outcome (or
    a saved model places them), and what each segment's outcome is gets learned. How much of the
    outcome that explains is then measured on those who were put aside, beside RFM classes (where
    recency, frequency and money are there), the one column that separates it most, and an earlier
    segmentation found in the table.

    Args:
        source: a table of customers, as in `segment`; of large ones a sample of 20,000 is taken.
        outcome: what became of customers: a column of two states, such as "Churn" or "Churn=Yes",
            or of numbers, such as later spending; the outcome found in the table when left out.
        model: a saved model (or its path) that places the customers; it must not have been formed
            on them, which cannot be seen from here. Segments are formed when left out.
        min_cell: rates of fewer customers (or of all but fewer) are in no sentence, nor shown by
            `shoal compare-outcome`; `.segments`, `.others` and `.to_json()` hold them.
        by, ignore, value, id, k, date, seed, memory, threads, progress, reading: as in `segment`.

    Returns:
        `.lines` (in words), `.segments` and `.others` (each with its groups, their rates or means
        with 95 % intervals, and the share of variance explained), `.to_json()`.

    Raises:
        OptionError: no outcome is known, or it formed the segments.
        InputError: the table cannot be read, or too few customers' outcome is known.

    >>> import numpy as np, pandas as pd, shoal
    >>> rng = np.random.default_rng(0)
    >>> group = np.repeat([0, 1], 200)
    >>> spent, visits = rng.normal(10 + 40 * group, 2), rng.normal(5 + 9 * group)
    >>> churned = rng.random(400) < 0.7 - 0.6 * group
    >>> table = pd.DataFrame({"spent": spent, "visits": visits, "churned": churned})
    >>> found = shoal.compare_outcome(table, outcome="churned")
    >>> found.segments.separates, found.measured
    (True, 200)
    """
    check_names(compare_outcome, reading, ReadingOptions, Meanings)
    given = {"by": by, "ignore": ignore, "value": value, "id": id, "k": k, "date": date}
    given |= {"seed": seed, "memory": memory, "threads": threads}
    options = options_of(**given, **reading, outcome=outcome, min_cell=min_cell)
    with limited(options.resources), listening(progress) as heard:
        begin(heard, "reading")
        table = open_table(source, options.reading)
        halved = halves(table, options, outcome)
        placer = _loaded(model) if model is not None else _formed(halved, options, given)
        _check_not_formed(placer, halved)
        begin(heard, "placing")
        with speaking_of(halved.profile.noun):
            placed = model is not None
            segments, least = _by_segments(halved, placer), options.min_cell
            return _separation(halved, segments, placer.k, placed, least)


def _loaded(model: Model | str | Path) -> Model:
    return model if isinstance(model, Model) else load(model)


def _formed(halved: Halves, options: Options, given: dict[str, Any]) -> Model:
    """Segments of the half to learn on, whose outcome forms nothing."""
    told = structs.asdict(options.meanings)
    told.pop("outcome")
    ignored = [*options.roles.ignore, *([] if halved.event else [halved.outcome])]
    outcome = f"{halved.outcome}={halved.event}" if halved.event else None
    asked = {name: value for name, value in given.items() if name not in ("ignore", "date")}
    asked["id"] = given["id"] or halved.profile.id
    more = {name: value for name, value in told.items() if value is not None and name != "day"}
    day = given["date"] or halved.profile.analysis_date or None
    half = halved.half(learn=True)
    study = segment(half, ignore=ignored, outcome=outcome, date=day, **asked, **more)
    return study.model


def _check_not_formed(placer: Model, halved: Halves) -> None:
    """Raise OptionError where the outcome formed the segments: they would separate it by making."""
    formed = placer.segmentation.recipe.columns
    if halved.outcome in (*formed, *own_columns(formed, placer.segmentation.made)):
        raise OptionError(
            f'"{halved.outcome}" formed the segments, which separate it by being made so. Name '
            f"another one with {option('outcome')}, or leave it out of the segments."
        )


def _by_segments(halved: Halves, placer: Model) -> Grouped:
    table = open_table(halved.rows.select(halved.own), ReadingOptions(id=halved.profile.id))
    placed, _ = placed_frame(table, placer.segmentation, halved.profile.id)
    names = dict(zip(placer.ids, placer.names, strict=True))
    return by_words("segments", "", [names.get(n, NOBODY) for n in placed["segment"].to_pylist()])


# --- measuring ------------------------------------------------------------------------------------


def _separation(
    halved: Halves, segments: Grouped, parts: int, placed: bool, least: int
) -> Separation:
    rfm = by_rfm(halved)
    column = by_one_column(halved, parts)
    others = [rfm] if isinstance(rfm, Grouped) else []
    others += [column] if column is not None else []
    others += by_old_labels(halved)
    first, *rest = _measured(halved, segments, others)
    y, event = halved.y[halved.measure], halved.event
    everybody = _rate("everybody", y, bool(event))
    told = {"outcome": halved.outcome, "event": event, "measured": len(y)}
    told |= {"everybody": everybody, "segments": first, "placed": placed, "least": least}
    said = [say("separation-found", **told)]
    said += [statement for each in rest for statement in _said(each)]
    if placed:
        said.append(say("separation-placed"))
    if isinstance(rfm, str):
        said.append(say("separation-no-rfm", missing=rfm))
    return Separation(
        name=halved.profile.name,
        outcome=halved.outcome,
        event=event,
        measured=len(y),
        learned=int(halved.known.sum()),
        everybody=everybody,
        segment_names=segments.names,
        segments=first,
        others=tuple(rest),
        statements=tuple(said),
        least=least,
    )


def _said(grouping: Grouping) -> list[Statement]:
    said = [say("separation-beside", grouping=grouping)]
    if grouping.agreement is not None:
        named = grouping.kind == "old_label"
        told = {"column": grouping.column, "agreement": grouping.agreement, "named": named}
        said.append(say("separation-agrees", **told))
    return said


def _measured(halved: Halves, segments: Grouped, others: list[Grouped]) -> list[Grouping]:
    """Every grouping, learned on the one half and measured on the other."""
    every = [segments, *others]
    known, measure = halved.known, halved.measure
    base = float(halved.y[known].mean())
    predicted = np.column_stack([_predicted(each, halved, base) for each in every])
    shares, drawn = explained(halved.y[measure], predicted, base)
    made = []
    for at, each in enumerate(every):
        crossed = _crossed(segments, each, measure) if each.kind in ("rfm", "old_label") else None
        low, high = interval(drawn[:, at])
        made.append(
            Grouping(
                kind=each.kind,
                column=each.column,
                groups=_rates(each, halved),
                explained=float(shares[at]),
                low=low,
                high=high,
                **_difference(shares, drawn, at),
                agreement=None if crossed is None else adjusted_rand(crossed),
                crosswalk=() if crossed is None else _counts(crossed),
                crossed=() if crossed is None else each.names,
            )
        )
    return made


def _predicted(each: Grouped, halved: Halves, base: float) -> Floats:
    """What the groups' means on the half to learn on say of those who are measured."""
    known = halved.known
    means = means_of(each.of[known], halved.y[known], len(each.names), base)
    return means[each.of[halved.measure]]


def _difference(shares: Floats, drawn: Floats, at: int) -> dict[str, Any]:
    if at == 0:
        return {}
    low, high = interval(drawn[:, 0] - drawn[:, at])
    more = float(shares[0] - shares[at])
    return {"difference": more, "difference_low": low, "difference_high": high}


def _rates(each: Grouped, halved: Halves) -> tuple[GroupRate, ...]:
    y, of = halved.y[halved.measure], each.of[halved.measure]
    there = [(name, y[of == at]) for at, name in enumerate(each.names)]
    rates = [_rate(name, own, bool(halved.event)) for name, own in there if len(own)]
    return tuple(sorted(rates, key=lambda rate: rate.value))


def _rate(name: str, y: Floats, share: bool) -> GroupRate:
    """A share with Wilson's interval, or a mean with that of its standard error."""
    mean, n = float(y.mean()), len(y)
    if share:
        low, high = wilson_of(mean, n)
        return GroupRate(name, n, mean, low, high)
    half = Z95 * float(y.std(ddof=1)) / n**0.5 if n > 1 else float("inf")
    return GroupRate(name, n, mean, mean - half, mean + half)


def _crossed(segments: Grouped, each: Grouped, measure: Bools) -> Floats:
    one, other = segments.of[measure], each.of[measure]
    shape = (len(segments.names), len(each.names))
    return shared(one, other, np.ones(len(one)), shape)


def _counts(crossed: Floats) -> tuple[tuple[int, ...], ...]:
    return tuple(tuple(map(int, row)) for row in crossed)
