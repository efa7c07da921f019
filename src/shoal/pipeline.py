"""The road from a table to a study: read this file first. Each step is one verb, in the file that bears its name."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from msgspec import structs

from shoal.analysis.assign import (
    Kept,
    PlaceAccumulator,
    kept_labels,
    label_here,
    place,
    store_for_labels,
)
from shoal.analysis.features import encode, placeable, points, prepare
from shoal.analysis.profile import describe as describe_table
from shoal.engine.distinct import DistinctRows, distinct
from shoal.engine.progress import Progress, begin, counting
from shoal.engine.table import Table, run
from shoal.engine.worker import Workers
from shoal.errors import InputError
from shoal.findings import finding, unmuted
from shoal.options import FitOptions, Options
from shoal.sentences import say
from shoal.text.options import option
from shoal.types import (
    Choice,
    Facts,
    Finding,
    Fit,
    Ints,
    Profile,
    Recipe,
    Sample,
    Segmentation,
    Trust,
)


def segmented(
    table: Table,
    options: Options,
    words: Sequence[str],
    progress: Progress | None,
    helper: Workers,
) -> tuple[Facts, Callable[[], Kept | None]]:
    """The way itself: from a table of customers to all that is found in it, and everybody's place."""
    asked = options.fit
    k, seed = asked.k, asked.seed
    profile, sample = describe_table(
        table, options.roles, progress=counting(progress, "reading", None)
    )
    basis = profile.basis
    _refuse_damaged(profile, basis)
    recipe = prepare(
        profile, sample, basis, scale=asked.scale, fill=asked.fill, weights=asked.weights
    )
    sample = _placeable_part(sample, recipe, table.name)
    dots = points(sample, recipe)
    _enough(table.name, dots.weights.sum(), len(dots.matrix), k)

    from shoal.analysis.choose_k import choose
    from shoal.analysis.stability import examine, outlier_distances
    from shoal.interpret import interpret

    begin(progress, "choosing k")
    choice = choose(
        dots,
        k=k,
        k_max=asked.k_max,
        min_share=asked.min_share,
        seed=seed,
        each=helper.each,
    )
    fit = choice.fits[choice.k]
    spots = _spots_of(table, sample)
    if not sample.whole:
        fit = _polished(table, recipe, fit, spots, dots.matrix, progress, profile.rows, seed)
    fit = _in_order(fit, dots.weights, *_value_of(profile, sample, dots.of_row))
    begin(progress, "examining")
    trust = _doubted(examine(dots, fit, choice.fits, seed=seed, each=helper.each), choice)
    model = _segmentation(profile, recipe, basis, choice, fit, seed)
    placed = place(sample.rows, model)
    own: Ints = placed.label.astype(np.int64)
    distances = placed.distance.astype(np.float64)
    far, far_rate = outlier_distances(dots, fit, distances=distances, labels=own)
    model = dataclasses.replace(model, far=far, far_rate=far_rate)
    placing, places = _placed(table, model, profile, spots, progress)
    groups = placing.groups()
    labelled = int(groups.sizes.sum())
    model = dataclasses.replace(
        model, sizes=tuple(map(int, groups.sizes)), inertia=placing.inertia, rows=labelled
    )
    begin(progress, "interpreting")
    money = next((c.name for c in profile.columns if c.role == "value"), None)
    portraits = interpret(
        segmentation=model,
        groups=groups,
        sample=sample,
        labels=own,
        distances=distances,
        trust=trust,
        profile=profile,
        value=money,
        playbook=options.playbook,
        each=helper.each,
    )
    portraits = tuple(
        dataclasses.replace(p, unlike_anyone=int(placing.unlike[p.segment - 1])) for p in portraits
    )
    model = dataclasses.replace(model, names=tuple(p.name for p in portraits))
    facts = Facts(
        name=table.name,
        profile=profile,
        sample=sample,
        points=dots,
        labels=own,
        distances=distances,
        choice=choice,
        segmentation=model,
        groups=groups,
        trust=trust,
        portraits=portraits,
        findings=unmuted(
            _findings(profile, basis, choice, trust, profile.rows - labelled), options.mute
        ),
        value=money,
        rows_read=profile.rows,
        rows_labelled=labelled,
        rows_set_aside=profile.rows - labelled,
        options=_stated(asked, basis, words),
        versions=_versions(),
    )
    return facts, places


def warm_up() -> None:
    """Load what a process of the pool is asked for, while the table is read."""
    import shoal.analysis.choose_k
    import shoal.analysis.stability
    import shoal.interpret  # noqa: F401
    from shoal.output import report

    report.warm_up()


# --- the small stones ------------------------------------------------------------------------------


def _refuse_damaged(profile: Profile, basis: Sequence[str]) -> None:
    """A column whose numbers could not be read for certain forms no segments, even when asked for."""
    for found in profile.findings:
        unreadable = found.severity == "error" or found.code == "damaged-numbers"
        if unreadable and found.column in basis:
            raise InputError(f"{found.message} It cannot form segments as it is.")


def _placeable_part(sample: Sample, recipe: Recipe, name: str) -> Sample:
    """The sample without customers that have no basis value at all."""
    keep = placeable(sample.rows, recipe)
    if keep.all():
        return sample
    if not keep.any():
        raise InputError(
            f"Nobody in {name} has a value in the columns that form segments "
            f"({', '.join(recipe.columns)}). Choose others with {option('by')}."
        )
    part = Sample(rows=sample.rows.filter(keep), index=sample.index[keep], total=sample.total)
    return dataclasses.replace(part, total=len(part.index)) if sample.whole else part


def _enough(name: str, customers: float, distinct: int, k: int | None) -> None:
    if k is not None and k > distinct:
        few = (
            f"{customers:,.0f} customers"
            if distinct == customers
            else f"{customers:,.0f} customers, of which {distinct:,} differ,"
        )
        raise InputError(
            f"{name} has {few} in the columns that form segments: too few for {k} segments. "
            f"Use {option('k', distinct)} at most, or more columns with {option('by')}."
        )
    if distinct < 2:
        raise InputError(
            f"All customers of {name} are the same in the columns that form segments: "
            f"there is nothing to segment. Choose others with {option('by')}."
        )


def _value_of(profile: Profile, sample: Sample, of_row: Ints) -> tuple[Any, Ints]:
    """The value of each sampled customer, where there is a value column, and the point each stands on."""
    from shoal.stats.distribution import numbers

    money = next((c.name for c in profile.columns if c.role == "value"), None)
    return (
        None
        if money is None
        else np.nan_to_num(numbers(sample.rows[money]), posinf=0.0, neginf=0.0)
    ), of_row


def _in_order(fit: Fit, weights: Any, value: Any, of_row: Ints) -> Fit:
    """Segments numbered by what they are worth in all, or by size where there is no money; ties by their centres."""
    k = len(fit.centres)
    worth = (
        np.bincount(fit.labels, weights, k)
        if value is None
        else np.bincount(fit.labels[of_row], value, k)
    )
    order = np.lexsort((*np.round(fit.centres, 6).T[::-1], -np.round(worth, 6)))
    new_id = np.empty(k, dtype=np.int64)
    new_id[order] = np.arange(k)
    return dataclasses.replace(fit, centres=fit.centres[order], labels=new_id[fit.labels])


Spots = Callable[[Sequence[str]], DistinctRows | None]


def _spots_of(table: Table, sample: Sample) -> Spots:
    """The counted distinct rows of some columns, where that pays; counted once for the same columns."""
    counted = functools.cache(lambda columns: distinct(table, columns, sample))
    return lambda columns: counted(tuple(sorted(columns)))


def _polished(
    table: Table,
    recipe: Recipe,
    fit: Fit,
    spots_of: Spots,
    matrix: Any,
    progress: Progress | None,
    rows: int,
    seed: int,
) -> Fit:
    """The fit bettered on all customers, from the sample's optimum: exactly on their few distinct spots, or by Lloyd steps over all."""
    from shoal.analysis.kmeans.full_data import refine_on_all_rows
    from shoal.analysis.kmeans.search import assign, search

    spots = spots_of(recipe.columns)
    if spots is not None:
        begin(progress, "fitting everybody")
        able = placeable(spots.rows, recipe)
        spread = encode(spots.rows, recipe, clip=True)[able]
        centres = search(
            spread,
            spots.counts[able].astype(np.float64),
            len(fit.centres),
            seed=seed,
            known=fit.centres,
        ).centres
    else:
        centres = refine_on_all_rows(
            table,
            recipe,
            fit.centres,
            rows,
            heard=counting(progress, "encoding", rows),
            told=lambda: begin(progress, "fitting everybody"),
        )
    return dataclasses.replace(fit, centres=centres, labels=assign(matrix, centres)[0])


def _placed(
    table: Table, model: Segmentation, profile: Profile, spots_of: Spots, progress: Progress | None
) -> tuple[PlaceAccumulator, Callable[[], Kept | None]]:
    """The sums over everybody's places, and the places: at once with the sums, or where a few rows say it all when asked for."""
    store = store_for_labels(table)
    placing = PlaceAccumulator(model, _measures(profile), _words(profile), store)
    heard = counting(progress, "placing", profile.rows)
    summed = [*model.recipe.columns, *placing.measures, *placing.words]
    spots = spots_of(list(dict.fromkeys(summed)))
    if spots is None:
        run(table, placing, columns=placing.columns, progress=heard)
        return placing, lambda: kept_labels(table, model, store)
    placing.update_counted(spots.rows, spots.counts)
    if store is None:
        return placing, lambda: None
    return placing, functools.cache(lambda: label_here(table, model, heard))


def _doubted(trust: Trust, choice: Choice) -> Trust:
    """A slice through a continuum may return faithfully; nobody should act as if it were a group."""
    if choice.structure:
        return trust
    segments = tuple(
        dataclasses.replace(s, verdict="use with care", why=say("a-slice", why=s.why))
        if s.verdict == "act on it"
        else s
        for s in trust.segments
    )
    return dataclasses.replace(trust, segments=segments)


def _segmentation(
    profile: Profile, recipe: Recipe, basis: tuple[str, ...], choice: Choice, fit: Fit, seed: int
) -> Segmentation:
    k = len(fit.centres)
    silhouette = next((e.silhouette for e in choice.evidence if e.k == k), None)
    ids = next((c.name for c in profile.columns if c.role == "id"), None)
    return Segmentation(
        recipe=recipe,
        centres=fit.centres,
        names=tuple(f"Segment {i + 1}" for i in range(k)),
        sizes=(0,) * k,
        inertia=fit.inertia,
        silhouette=silhouette,
        far=np.full(k, np.inf),
        far_rate=0.0,
        id_column=ids,
        basis=basis,
        seed=seed,
        rows=0,
    )


def _measures(profile: Profile) -> dict[str, float]:
    """Numeric columns whose sums portraits need, with their means."""
    return {
        c.name: c.mean or 0.0
        for c in profile.columns
        if c.mean is not None and c.role in ("basis", "describe", "value")
    }


def _words(profile: Profile) -> dict[str, tuple[str, ...]]:
    """Columns of words whose counts portraits need."""
    return {
        c.name: tuple(w for w, _ in c.top)
        for c in profile.columns
        if c.top and c.kind in ("category", "flag") and c.role in ("basis", "describe")
    }


def _findings(
    profile: Profile, basis: Sequence[str], choice: Choice, trust: Trust, aside: int
) -> tuple[Finding, ...]:
    from shoal.analysis.assign import NO_VALUES
    from shoal.analysis.choose_k import findings as about_choice
    from shoal.analysis.stability import findings as about_trust

    found = list(profile.findings)
    if len(basis) == 1:
        found.append(finding("one-column", basis[0]))
    if aside:
        rows = profile.rows
        found.append(
            finding("set-aside", aside=aside, rows=rows, why=NO_VALUES, new_customers=False)
        )
    return (*found, *about_choice(choice), *about_trust(trust))


def _stated(asked: FitOptions, basis: Sequence[str], words: Sequence[str]) -> dict[str, Any]:
    """What was asked, for "how it was made"."""
    stated = {name: value for name, value in structs.asdict(asked).items() if name != "weights"}
    stated["by"] = list(basis)
    if words:
        stated["orders"] = list(words)
    return stated


def _versions() -> dict[str, str]:
    from importlib.metadata import version

    return {name: version(name) for name in ("shoal", "numpy", "scikit-learn", "pyarrow", "duckdb")}
