"""The pipeline from a table to a study: read this file first.

Each step is one call of a function in the file that bears its name, and takes what the steps
before it made.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from importlib.metadata import version
from typing import TYPE_CHECKING

from msgspec import structs

from shoal.analysis.assign import Kept, PlaceAccumulator, nearest, place_table
from shoal.analysis.features import check_enough, placeable_part, prepare
from shoal.analysis.features import points as points_of
from shoal.analysis.findings import all_findings
from shoal.analysis.profile import describe
from shoal.engine.distinct import DistinctCounter
from shoal.engine.gaps import with_gaps
from shoal.engine.made import with_made
from shoal.engine.progress import Progress, begin, counting
from shoal.engine.table import Table
from shoal.engine.worker import Workers
from shoal.errors import InputError
from shoal.findings import unmuted
from shoal.lifecycle.baseline import baseline_of
from shoal.options import FitOptions, Options
from shoal.output.palette import colours
from shoal.rfm.measures import IN_DAYS
from shoal.rfm.shape import check_one_row_a_customer
from shoal.text.nouns import speaking_of
from shoal.text.options import option
from shoal.types import (
    Centroids,
    Choice,
    Facts,
    Finding,
    Fit,
    Floats,
    Ints,
    OrderLines,
    Points,
    Profile,
    Recipe,
    RfmMix,
    Sample,
    Segmentation,
    SegmentProfile,
    Succession,
    Trust,
)

if TYPE_CHECKING:
    from shoal.analysis.choose_k import Looks
    from shoal.analysis.stability import Resamples
    from shoal.interpret.playbook import Playbook

LIBRARIES = ("shoal", "numpy", "scikit-learn", "pyarrow", "duckdb")


@dataclass(frozen=True)
class Prepared:
    """What is known of a table before any segment is searched."""

    table: Table  # with the columns that are made of others
    profile: Profile
    sample: Sample  # those of its customers that can be placed
    recipe: Recipe
    points: Points  # the sample, encoded


@dataclass(frozen=True)
class Asked:
    """What was asked of a run, and how its table was made."""

    options: Options
    playbook: Playbook
    orders: tuple[str, ...] = ()  # how customers were made from orders, in sentences
    lines: OrderLines | None = None  # what became of the rows they were made from


@dataclass(frozen=True)
class Known:
    """What is found before a number of segments is taken: another one can begin from it."""

    prepared: Prepared
    looks: Looks
    resamples: Resamples
    distinct_rows: DistinctCounter


@dataclass(frozen=True)
class Run:
    """What a run found."""

    facts: Facts
    kept: Callable[[], Kept | None]  # gives everybody's label
    asked: Asked
    known: Known | None = None  # None where the rows are here no more


@dataclass(frozen=True)
class GoingOn:
    """What segments keep of those that they follow."""

    succession: Succession
    ids: tuple[int, ...]  # (k,) ascending
    names: dict[int, str]  # what some were called before, by id
    colours: tuple[str, ...]  # (k,)
    # The segmentation that still serves: it places, and nothing of it is learned anew.
    serving: Segmentation | None = None
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True)
class Placed:
    """Where customers belong."""

    centroids: Centroids
    far_rate: float  # share of ordinary customers that is called unlike anyone
    labels: Ints  # (m,) of the sample, from 0
    distances: Floats  # (m,) of the sample, to the own centroid
    sums: PlaceAccumulator  # over all rows
    kept: Callable[[], Kept | None]  # gives everybody's label


def segmented(
    table: Table,
    options: Options,
    orders: Sequence[str],
    lines: OrderLines | None,
    progress: Progress | None,
    workers: Workers,
) -> Run:
    """All that is found in a table of customers.

    Args:
        table: one row a customer.
        options: what was asked.
        orders: how the table was made from orders, in sentences; empty where it was not.
        lines: what became of the rows that customers were made from, if they were.
        progress: is called with each step.
        workers: share choosing k, resampling and rules out.

    Raises:
        InputError: the table holds nothing that could be segmented.
        OptionError: an option does not fit the table, or the playbook is not understood.
    """
    from shoal.interpret.playbook import load

    asked = Asked(options, load(options.playbook), tuple(orders), lines)
    prepared = prepared_from(table, options, bool(orders), progress)
    with speaking_of(prepared.profile.noun):
        return _found(known_of(prepared, options.fit), asked, (), progress, workers)


def prepared_from(
    table: Table, options: Options, from_orders: bool, progress: Progress | None
) -> Prepared:
    """What is known of a table before any segment is searched."""
    prepared = _prepare(table, options, progress)
    if from_orders:
        prepared = replace(prepared, profile=_in_days(prepared.profile))
    return prepared


def known_of(prepared: Prepared, fit: FitOptions) -> Known:
    """The same with looks at points, resamples, and distinct rows, that are kept for every k."""
    from shoal.analysis.choose_k import Looks
    from shoal.analysis.stability import Resamples

    looks = Looks(prepared.points, fit.min_share, fit.seed)
    resamples = Resamples(prepared.points, fit.seed, prepared.sample.total)
    return Known(prepared, looks, resamples, DistinctCounter(prepared.table, prepared.sample))


def with_other_k(run: Run, k: int, progress: Progress | None, workers: Workers) -> Run:
    """What a run finds that is asked for another number of segments, from what is known already.

    Names that a person gave are those of the other segments, and do not come along.

    Raises:
        InputError: too few customers differ, or the rows are here no more.
        OptionError: the number does not fit the table.
    """
    known, asked, facts = run.known, run.asked, run.facts
    if known is None:
        raise InputError(
            f"The rows of {facts.name} are here no more. Segment it again with {option('k', k)}."
        )
    check_enough(facts.name, known.prepared.points, k)
    fit = structs.replace(asked.options.fit, k=k)
    options = structs.replace(asked.options, fit=fit, names=None)
    with speaking_of(facts.noun):
        reruns = facts.choice.reruns
        return _found(known, replace(asked, options=options), reruns, progress, workers)


def _found(
    known: Known,
    asked: Asked,
    reruns: tuple[tuple[int, int], ...],
    progress: Progress | None,
    workers: Workers,
) -> Run:
    """What is found for the k that is asked for, or chosen; `reruns` where k was chosen anew."""
    fitting = asked.options.fit
    found = fitted(known, fitting, progress, workers)
    if fitting.reruns and not reruns:
        reruns = _chosen_again(known.prepared, fitting, progress, workers)
    choice, fit = returning(known, fitting, found, progress, workers)
    return completed(known, asked, replace(choice, reruns=reruns), fit, None, progress, workers)


def completed(
    known: Known,
    asked: Asked,
    choice: Choice,
    fit: Fit,
    going_on: GoingOn | None,
    progress: Progress | None,
    workers: Workers,
) -> Run:
    """All that follows from the centroids: how far to believe them, everybody's place, what it
    means. `going_on` is what segments keep of those that they follow, in the order of the fit.
    """
    from shoal.interpret.untold import not_shown

    prepared, options = known.prepared, asked.options
    table, profile = prepared.table, prepared.profile
    begin(progress, "examining")
    choice, trust = examine(known, choice, fit, options.fit.seed, workers)
    placed = _place(known, fit, going_on, progress)
    totals = placed.sums.groups()
    begin(progress, "interpreting")
    portraits = _portraits(prepared, placed, trust, asked, going_on, workers)
    trust = trust.numbered(tuple(p.segment for p in portraits))
    seed = options.fit.seed
    segmentation = _segmentation(prepared, placed, portraits, choice, seed, going_on)
    aside = placed.sums.aside
    if segmentation.rows + aside != profile.rows:
        raise InputError(
            f"{table.name} changed while it was read: it held {profile.rows:,} rows at first, and "
            f"{segmentation.rows + aside:,} later. Wait until nothing writes to it.",
            "Try it again.",
        )
    facts = Facts(
        name=table.name,
        profile=profile,
        sample=prepared.sample,
        points=prepared.points,
        labels=placed.labels,
        distances=placed.distances,
        choice=choice,
        segmentation=segmentation,
        groups=totals,
        trust=trust,
        portraits=portraits,
        findings=(
            *(going_on.findings if going_on else ()),
            *unmuted(not_shown(portraits, totals, options.min_cell), options.mute),
            *all_findings(profile, prepared.recipe, choice, trust, aside, options),
        ),
        value=profile.value,
        rows_read=profile.rows,
        rows_labelled=segmentation.rows,
        rows_set_aside=aside,
        options=options.stated(profile.basis, asked.orders),
        versions=_versions(),
        lines=asked.lines,
        succession=None if going_on is None else going_on.succession,
        least=options.min_cell,
    )
    return Run(facts, placed.kept, asked, known)


def _prepare(table: Table, options: Options, progress: Progress | None) -> Prepared:
    """What the table holds, a sample that stands for all rows, and how columns become numbers."""
    asked = options.fit
    heard = counting(progress, "reading", None)
    profile, sample = describe(
        table, options.roles, options.meanings, noun=options.noun, progress=heard
    )
    if not options.one_row_a_customer:
        check_one_row_a_customer(profile, table.schema)
    recipe = prepare(
        profile,
        sample,
        profile.basis,
        scale=asked.scale,
        fill=asked.fill,
        weights=asked.weights,
    )
    sample = placeable_part(sample, recipe, table.name)
    points = points_of(sample, recipe)
    check_enough(table.name, points, asked.k)
    seen = with_made(with_gaps(table, profile.never), profile.made)
    return Prepared(seen, profile, sample, recipe, points)


def _in_days(profile: Profile) -> Profile:
    """The profile of a table that was made from orders, where spans of time are days."""
    columns = (replace(c, unit="days") if c.name in IN_DAYS else c for c in profile.columns)
    return replace(profile, columns=tuple(columns))


def fitted(
    known: Known, asked: FitOptions, progress: Progress | None, workers: Workers
) -> tuple[Choice, Fit]:
    """How many segments, and their centroids: on the sample first, then on all rows."""
    from shoal.analysis.choose_k import choose
    from shoal.analysis.kmeans.full_data import refine
    from shoal.analysis.kmeans.order import in_order, value_of_each

    prepared = known.prepared
    profile, sample, points = prepared.profile, prepared.sample, prepared.points
    begin(progress, "choosing k")
    choice = choose(
        points,
        k=asked.k,
        k_max=asked.k_max,
        min_share=asked.min_share,
        seed=asked.seed,
        each=workers.each,
        looks=known.looks,
    )
    fit = choice.fits[choice.k]
    if not sample.whole:
        fit = refine(
            prepared.table,
            prepared.recipe,
            fit,
            points,
            known.distinct_rows,
            profile.rows,
            seed=asked.seed,
            progress=progress,
        )
    return choice, in_order(fit, points, value_of_each(profile, sample))


def returning(
    known: Known,
    asked: FitOptions,
    found: tuple[Choice, Fit],
    progress: Progress | None,
    workers: Workers,
) -> tuple[Choice, Fit]:
    """What was found, or fewer segments that surely return, where not all of these do."""
    from shoal.analysis.examined import that_return

    def fewer(k: int) -> tuple[Choice, Fit]:
        return fitted(known, structs.replace(asked, k_max=k), progress, workers)

    def trust_in(choice: Choice, fit: Fit) -> Trust:
        begin(progress, "examining")
        return examine(known, choice, fit, asked.seed, workers)[1]

    return that_return(found, fewer, trust_in)


def _chosen_again(
    prepared: Prepared, asked: FitOptions, progress: Progress | None, workers: Workers
) -> tuple[tuple[int, int], ...]:
    """What re-runs chose."""
    from shoal.analysis.reruns import rerun

    begin(progress, "choosing k anew")
    return rerun(prepared.profile, prepared.sample, asked, each=workers.each)


def examine(
    known: Known, choice: Choice, fit: Fit, seed: int, workers: Workers
) -> tuple[Choice, Trust]:
    """How far to believe the segments, and what kind of groups they are after that."""
    from shoal.analysis.examined import examined

    points, customers = known.prepared.points, known.prepared.sample.total
    looks, resamples = known.looks, known.resamples
    return examined(choice, fit, points, customers, looks, resamples, seed, workers.each)


def _place(known: Known, fit: Fit, going_on: GoingOn | None, progress: Progress | None) -> Placed:
    """Where everybody belongs: the sample first, since the limits of `unlike_anyone` rest on it."""
    from shoal.analysis.stability import outlier_distances

    prepared = known.prepared
    profile, points, recipe = prepared.profile, prepared.points, prepared.recipe
    labels, distances = nearest(prepared.sample.rows, recipe, fit.centres)
    serving = None if going_on is None else going_on.serving
    if serving is None:
        far, far_rate = outlier_distances(points, fit, distances=distances, labels=labels)
    else:
        far, far_rate = serving.far, serving.far_rate
    centroids = Centroids(recipe, fit.centres, far, profile.id)
    sums, kept = place_table(prepared.table, centroids, profile, known.distinct_rows, progress)
    return Placed(centroids, far_rate, labels, distances, sums, kept)


def _portraits(
    prepared: Prepared,
    placed: Placed,
    trust: Trust,
    asked: Asked,
    going_on: GoingOn | None,
    workers: Workers,
) -> tuple[SegmentProfile, ...]:
    """What a person should know of each segment."""
    from shoal.interpret import interpret

    profile = prepared.profile
    return interpret(
        recipe=prepared.recipe,
        id_column=profile.id,
        groups=placed.sums.groups(),
        unlike_anyone=placed.sums.unlike,
        sample=prepared.sample,
        labels=placed.labels,
        distances=placed.distances,
        trust=trust,
        profile=profile,
        value=profile.value,
        playbook=asked.playbook,
        rfm=_rfm_mixes(prepared, placed, bool(asked.orders)),
        asked_names=asked.options.names or {},
        kept_names=going_on.names if going_on else {},
        ids=going_on.ids if going_on else None,
        least=asked.options.min_cell,
        each=workers.each,
    )


def _rfm_mixes(prepared: Prepared, placed: Placed, from_orders: bool) -> tuple[RfmMix, ...]:
    """How segments fall into the classes of RFM, where its measures formed them."""
    from shoal.rfm.segment_classes import class_mixes, rfm_columns

    columns = rfm_columns(prepared.profile, from_orders)
    if not columns:
        return ()
    return class_mixes(prepared.sample.rows, placed.labels, placed.centroids.k, columns)


def _segmentation(
    prepared: Prepared,
    placed: Placed,
    portraits: Sequence[SegmentProfile],
    choice: Choice,
    seed: int,
    going_on: GoingOn | None,
) -> Segmentation:
    """What is saved: the centroids, with what the segments are called and how large they are."""
    profile, unlike = prepared.profile, int(placed.sums.unlike.sum())
    centroids, sizes = placed.centroids, tuple(placed.sums.sizes.tolist())
    if going_on and going_on.serving:
        return replace(
            going_on.serving,
            sizes=sizes,
            rows=sum(sizes),
            inertia=placed.sums.inertia,
            id_column=centroids.id_column,
        )
    formed = set(centroids.recipe.columns)  # one without differences formed nothing
    return Segmentation(
        recipe=centroids.recipe,
        centres=centroids.centres,
        far=centroids.far,
        id_column=centroids.id_column,
        names=tuple(portrait.name for portrait in portraits),
        colours=going_on.colours if going_on else colours(len(portraits)),
        ids=tuple(portrait.segment for portrait in portraits),
        sizes=sizes,
        inertia=placed.sums.inertia,
        silhouette=next((e.silhouette for e in choice.evidence if e.k == choice.k), None),
        far_rate=placed.far_rate,
        basis=tuple(name for name in profile.basis if name in formed),
        seed=seed,
        rows=sum(sizes),
        made=tuple(each for each in profile.made if each.name in formed),
        baseline=baseline_of(prepared.sample.rows, prepared.recipe, placed.distances, unlike),
    )


def _versions() -> dict[str, str]:
    return {name: version(name) for name in LIBRARIES}


def warm_up() -> None:
    """Load what a process of the pool is asked for, while the table is read."""
    import shoal.analysis.choose_k
    import shoal.analysis.stability
    import shoal.interpret  # noqa: F401
    from shoal.output import report

    report.warm_up()
