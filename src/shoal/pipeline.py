"""The pipeline from a table to a study: read this file first.

Each step is one call of a function in the file that bears its name, and takes what the steps
before it made.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from importlib.metadata import version

from shoal.analysis.assign import NO_VALUES, Kept, nearest, place_table
from shoal.analysis.features import check_enough, placeable_part, prepare
from shoal.analysis.features import points as points_of
from shoal.analysis.profile import describe
from shoal.engine.distinct import DistinctCounter
from shoal.engine.progress import Progress, begin, counting
from shoal.engine.table import Table
from shoal.engine.worker import Workers
from shoal.findings import finding, unmuted
from shoal.options import Options
from shoal.types import Centroids, Choice, Facts, Finding, Profile, Segmentation, Trust

LIBRARIES = ("shoal", "numpy", "scikit-learn", "pyarrow", "duckdb")


def segmented(
    table: Table,
    options: Options,
    orders: Sequence[str],
    progress: Progress | None,
    workers: Workers,
) -> tuple[Facts, Callable[[], Kept | None]]:
    """All that is found in a table of customers, and a function that gives everybody's label.

    Args:
        table: one row a customer.
        options: what was asked.
        orders: how the table was made from orders, in sentences; empty where it was not.
        progress: is called with each step.
        workers: share choosing k, resampling and rules out.

    Raises:
        InputError: the table holds nothing that could be segmented.
        OptionError: an option does not fit the table.
    """
    asked, seed = options.fit, options.fit.seed

    # What the table holds, and a sample that stands for all rows; how columns become numbers.
    heard = counting(progress, "reading", None)
    profile, sample = describe(table, options.roles, progress=heard)
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

    # What is slow to import, and not needed where the table is refused.
    from shoal.analysis.choose_k import choose
    from shoal.analysis.kmeans.full_data import refine
    from shoal.analysis.kmeans.order import in_order, value_of_each
    from shoal.analysis.stability import examine, outlier_distances
    from shoal.interpret import interpret

    # How many segments, and their centroids: on the sample first, then on all rows.
    begin(progress, "choosing k")
    choice = choose(
        points,
        k=asked.k,
        k_max=asked.k_max,
        min_share=asked.min_share,
        seed=seed,
        each=workers.each,
    )
    fit = choice.fits[choice.k]
    distinct_rows = DistinctCounter(table, sample)
    if not sample.whole:
        fit = refine(
            table, recipe, fit, points, distinct_rows, profile.rows, seed=seed, progress=progress
        )
    fit = in_order(fit, points, value_of_each(profile, sample))

    # How far to believe them.
    begin(progress, "examining")
    trust = examine(
        points, fit, choice.fits, seed=seed, structure=choice.structure, each=workers.each
    )

    # Where everybody belongs, and the sums over all rows.
    labels, distances = nearest(sample.rows, recipe, fit.centres)
    far, far_rate = outlier_distances(points, fit, distances=distances, labels=labels)
    centroids = Centroids(recipe, fit.centres, far, profile.id)
    placed, kept = place_table(table, centroids, profile, distinct_rows, progress)
    totals = placed.groups()

    # What they are called, how to tell them, what to do about them.
    begin(progress, "interpreting")
    portraits = interpret(
        recipe=recipe,
        id_column=profile.id,
        groups=totals,
        unlike_anyone=placed.unlike,
        sample=sample,
        labels=labels,
        distances=distances,
        trust=trust,
        profile=profile,
        value=profile.value,
        playbook=options.playbook,
        each=workers.each,
    )

    labelled = int(totals.sizes.sum())
    aside = profile.rows - labelled
    segmentation = Segmentation(
        recipe=recipe,
        centres=fit.centres,
        far=far,
        id_column=profile.id,
        names=tuple(portrait.name for portrait in portraits),
        sizes=tuple(map(int, totals.sizes)),
        inertia=placed.inertia,
        silhouette=next((e.silhouette for e in choice.evidence if e.k == choice.k), None),
        far_rate=far_rate,
        basis=profile.basis,
        seed=seed,
        rows=labelled,
    )
    facts = Facts(
        name=table.name,
        profile=profile,
        sample=sample,
        points=points,
        labels=labels,
        distances=distances,
        choice=choice,
        segmentation=segmentation,
        groups=totals,
        trust=trust,
        portraits=portraits,
        findings=unmuted(_findings(profile, choice, trust, aside), options.mute),
        value=profile.value,
        rows_read=profile.rows,
        rows_labelled=labelled,
        rows_set_aside=aside,
        options=options.stated(profile.basis, orders),
        versions={name: version(name) for name in LIBRARIES},
    )
    return facts, kept


def _findings(profile: Profile, choice: Choice, trust: Trust, aside: int) -> tuple[Finding, ...]:
    """What a person should know of the table and of the result, in the order of the steps."""
    from shoal.analysis.choose_k import findings as about_choice
    from shoal.analysis.stability import findings as about_trust

    found = list(profile.findings)
    if len(profile.basis) == 1:
        found.append(finding("one-column", profile.basis[0]))
    if aside:
        found.append(
            finding("set-aside", aside=aside, rows=profile.rows, why=NO_VALUES, new_customers=False)
        )
    return (*found, *about_choice(choice), *about_trust(trust))


def warm_up() -> None:
    """Load what a process of the pool is asked for, while the table is read."""
    import shoal.analysis.choose_k
    import shoal.analysis.stability
    import shoal.interpret  # noqa: F401
    from shoal.output import report

    report.warm_up()
