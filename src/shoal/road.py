"""The road from a table to a study: read this file first. Each step is one verb, in the file that bears its name."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

import numpy as np

from shoal.beside import Beside, beside
from shoal.describe import describe as describe_table
from shoal.describe.roles import Wishes
from shoal.distinct import Counted, distinct
from shoal.engine import Here, at_most, memory_of, threads_of
from shoal.errors import InputError, OptionError, did_you_mean
from shoal.nouns import Choice, Facts, Finding, Fit, Ints, Profile, Recipe, Sample, Segmentation, Trust
from shoal.passes import Table, run
from shoal.prepare import FILLS, SCALINGS, encode, placeable, points, prepare
from shoal.score import Kept, PlacePass, kept_places, place, shelf_for_places
from shoal.sources import orders as orders_to_customers
from shoal.sources import table_of
from shoal.study import Study

Names = str | Sequence[str] | None
Tell = Callable[[str, int, int | None], None]  # (what is being done, rows done, rows in all if known)


def inspect(source: Any, *, id: str | None = None, mute: Names = None, tell: Tell | None = None, **reading: Any) -> Profile:
    """The data analysis alone: facts of every column, guessed roles, findings.

    `source` and `reading` are as in `segment`. Raises InputError when the table cannot be read.

    >>> import pandas as pd, shoal
    >>> profile = shoal.inspect(pd.DataFrame({"customer_id": [1, 2, 3], "spent": [10.0, 20.0, 60.0]}))
    >>> [(c.name, c.role, c.mean) for c in profile.columns]
    [('customer_id', 'id', 2.0), ('spent', 'value', 30.0)]
    """
    muted = _known_codes(mute)
    table = table_of(source, reading)
    _known_column(table, "--id", id)
    profile = describe_table(table, Wishes(id=id), tell=_hear(tell, "reading", None))[0]
    return dataclasses.replace(profile, findings=_unmuted(profile.findings, muted))


def segment(
    source: Any,
    *,
    id: str | None = None,
    by: Names = None,
    describe: Names = None,
    value: str | None = None,
    ignore: Names = None,
    k: int | None = None,
    k_max: int = 10,
    min_share: float = 0.0,
    scale: Literal["auto", "standard", "robust", "none"] = "auto",
    fill: Literal["median", "mean", "zero"] = "median",
    weights: Mapping[str, float] | None = None,
    seed: int = 0,
    orders: bool = False,
    date: str | None = None,
    playbook: str | Path | None = None,
    out: str | Path | None = None,
    mute: Names = None,
    memory: str | int | None = None,
    threads: int | None = None,
    tell: Tell | None = None,
    **reading: Any,
) -> Study:
    """From a table of customers to named, trusted segments.

    Args:
        source: a path, a glob, a database address, or any dataframe (pandas, Polars, PyArrow, DuckDB, Spark); one row a customer.
        id: the column that tells customers apart; guessed when left out, never clustered on.
        by: the columns that form segments; guessed when left out.
        describe: columns that describe segments without forming them.
        value: the money column that shares of value are computed on.
        ignore: columns to leave out altogether.
        k: number of segments; chosen when left out.
        k_max: most segments to consider.
        min_share: no segment smaller than this share of customers (0 .. 0.5) is chosen.
        scale: "auto" (log heavy tails, winsorise for fitting, standardise), "standard", "robust" or "none".
        fill: what stands in for gaps in numbers: "median", "mean" or "zero".
        weights: how much more than once a column counts, by name.
        seed: the same table and seed give the same study.
        orders: rows are orders or order lines; they are summed up to customers first (see `shoal.orders`).
        date: the analysis date of orders, such as "2011-12-10"; the day after the last order when left out.
        playbook: a TOML file of actions in place of the one that ships.
        out: a folder to write report, labels, figures and model into.
        mute: codes of findings that are not to be shown again (docs/findings.md lists them).
        memory: what rows may take before they are kept on disk, such as "1GB"; a quarter of what is free when left out.
        threads: how many processors to use; all of them when left out.
        tell: is told of progress: (step, rows done, rows in all or None).
        reading: options of the reader: sep, decimal, encoding, header, sheet; query for a database; engine="spark" or the
            address of its master ("spark://host:7077") for Parquet files that Spark reads.

    Returns:
        The study: `.segments`, `.choice`, `.trust`, `.labels`, `.assign(new)`, `.plot`, `.report(path)`, `.save(path)`.

    Raises:
        InputError: the table cannot be read, or holds nothing that could be segmented.
        OptionError: an option is wrong or does not fit the table.
        OutputError: the results could not be written.

    >>> import numpy as np, pandas as pd, shoal
    >>> rng = np.random.default_rng(0)
    >>> spent = np.concatenate([rng.normal(m, 1, 60) for m in (10, 30, 50)])
    >>> study = shoal.segment(pd.DataFrame({"spent": spent, "visits": spent * 2 + rng.normal(0, 1, 180)}))
    >>> study.k, sorted(study.segments["size"])
    (3, [60, 60, 60])
    """
    options, muted = _check_options(k, k_max, min_share, scale, fill, seed), _known_codes(mute)
    roles: dict[str, Any] = {"id": id, "by": by, "describe": describe, "value": value, "ignore": ignore}
    if date is not None and not orders:
        raise OptionError("--date is the analysis date of orders: it needs --orders.")
    engine = Here(threads_of(threads), memory_of(memory), None if out is None else Path(out).parent)
    with at_most(threads), beside(out is not None and engine.threads > 1) as helper:
        table, roles, words = _customers(source, date, reading, roles) if orders else (table_of(source, reading), roles, ())
        table = dataclasses.replace(table, engine=engine) if table.engine.here else table
        _known_column(table, "--id", roles["id"])
        wishes = Wishes(roles["id"], _names(roles["by"]), _names(roles["describe"]), roles["value"], _names(roles["ignore"]))
        learn = {"scale": scale, "fill": fill, "weights": weights, "playbook": playbook}
        facts, places = _walk(table, wishes, options, learn, words, muted, tell, helper)
        study = Study(facts, places, table)
        if out is not None:
            _tell(tell, "writing")
            study.write(out, helper=helper)
    return study


def _walk(
    table: Table,
    wishes: Wishes,
    options: dict[str, Any],
    learn: dict[str, Any],
    words: Sequence[str],
    muted: Sequence[str],
    tell: Tell | None,
    helper: Beside,
) -> tuple[Facts, Callable[[], Kept | None]]:
    """The way itself: from a table of customers to all that is found in it, and everybody's place."""
    k, seed = options["k"], options["seed"]
    profile, sample = describe_table(table, wishes, tell=_hear(tell, "reading", None))
    basis = profile.basis
    _refuse_damaged(profile, basis)
    recipe = prepare(profile, sample, basis, scale=learn["scale"], fill=learn["fill"], weights=learn["weights"])
    sample = _placeable_part(sample, recipe, table.name)
    dots = points(sample, recipe)
    _enough(table.name, dots.weights.sum(), len(dots.matrix), k)

    from shoal.choose import choose
    from shoal.examine import examine, reach
    from shoal.interpret import interpret

    _tell(tell, "choosing k")
    choice = choose(dots, k=k, k_max=options["k_max"], min_share=options["min_share"], seed=seed, each=helper.each)
    fit = choice.fits[choice.k]
    spots = _spots_of(table, sample)
    if not sample.whole:
        fit = _polished(table, recipe, fit, spots, dots.matrix, tell, profile.rows, seed)
    fit = _in_order(fit, dots.weights, *_value_of(profile, sample, dots.of_row))
    _tell(tell, "examining")
    trust = _doubted(examine(dots, fit, choice.fits, seed=seed, each=helper.each), choice)
    model = _segmentation(profile, recipe, basis, choice, fit, seed)
    placed = place(sample.rows, model)
    own: Ints = placed.segment.astype(np.int64) - 1
    distances = placed.distance.astype(np.float64)
    far, far_rate = reach(dots, fit, seed=seed, distances=distances, labels=own)
    model = dataclasses.replace(model, far=far, far_rate=far_rate)
    placing, places = _placed(table, model, profile, spots, tell)
    groups = placing.groups()
    labelled = int(groups.sizes.sum())
    model = dataclasses.replace(model, sizes=tuple(map(int, groups.sizes)), inertia=placing.inertia, rows=labelled)
    _tell(tell, "interpreting")
    money = next((c.name for c in profile.columns if c.role == "value"), None)
    portraits = interpret(
        segmentation=model, groups=groups, sample=sample, labels=own, distances=distances, trust=trust, profile=profile,
        value=money, playbook=Path(learn["playbook"]) if learn["playbook"] else None, each=helper.each,
    )  # fmt: skip
    portraits = tuple(dataclasses.replace(p, unlike_anyone=int(placing.unlike[p.segment - 1])) for p in portraits)
    model = dataclasses.replace(model, names=tuple(p.name for p in portraits))
    facts = Facts(
        name=table.name, profile=profile, sample=sample, points=dots, labels=own, distances=distances, choice=choice, segmentation=model,
        groups=groups, trust=trust, portraits=portraits, findings=_unmuted(_findings(profile, basis, choice, trust, profile.rows - labelled), muted),
        value=money, rows_read=profile.rows, rows_labelled=labelled, rows_set_aside=profile.rows - labelled,
        options=options | {"by": list(basis)} | ({"orders": list(words)} if words else {}), versions=_versions(),
    )  # fmt: skip
    return facts, places


def load() -> None:
    """Load the steps of a study: a process that is about to be copied need do so only once."""
    from shoal import choose, examine, interpret  # noqa: F401


def warm_up() -> None:
    """Load what a helper is asked for, while the table is read."""
    from shoal import report

    load()
    report.warm_up()


# --- the small stones ------------------------------------------------------------------------------


def _check_options(k: int | None, k_max: int, min_share: float, scale: str, fill: str, seed: int) -> dict[str, Any]:
    if k is not None and k < 2:
        raise OptionError(f"--k {k}: at least 2 segments are needed, such as --k 5.")
    if k_max < 2:
        raise OptionError(f"--k-max {k_max}: at least 2 segments must be allowed, such as --k-max 10.")
    if not 0 <= min_share <= 0.5:
        raise OptionError(
            f"--min-share {min_share:g} must lie between 0 and 0.5: --min-share 0.05 keeps segments at 5 % of customers or more."
        )
    if scale not in SCALINGS:
        raise OptionError(f'--scale "{scale}" is unknown. Known: {", ".join(SCALINGS)}.')
    if fill not in FILLS:
        raise OptionError(f'--fill "{fill}" is unknown. Known: {", ".join(FILLS)}.')
    if not 0 <= seed < 2**32:
        raise OptionError(f"--seed {seed} must lie between 0 and 4294967295.")
    return {"k": k, "k_max": k_max, "min_share": min_share, "scale": scale, "fill": fill, "seed": seed}


def _customers(
    source: Any, date: Any, reading: Mapping[str, Any], roles: dict[str, Any]
) -> tuple[Table, dict[str, Any], tuple[str, ...]]:
    """Orders summed up to customers, the roles that follow from it unless they were set, and how it was done in words."""
    made = orders_to_customers(source, date=date, **reading)
    follow = {"id": made.id, "by": made.by, "describe": made.describe, "value": made.value, "ignore": made.ignore}
    taken = {name for names in (roles["by"], roles["describe"], roles["ignore"]) for name in _names(names)} | {
        roles["value"],
        roles["id"],
    }
    for role, names in follow.items():
        if not roles[role]:
            roles[role] = names if names is None or isinstance(names, str) else tuple(n for n in names if n not in taken)
    return made.table, roles, made.facts.words


def _names(names: Names) -> tuple[str, ...]:
    return () if names is None else (names,) if isinstance(names, str) else tuple(names)


def _known_column(table: Table, option: str, name: str | None) -> None:
    if name is not None and name not in table.schema.names:
        raise OptionError(
            f'{option} names "{name}", but {table.name} has no such column. {did_you_mean(name, table.schema.names)}'
        )


def _refuse_damaged(profile: Profile, basis: Sequence[str]) -> None:
    """A column whose numbers could not be read for certain forms no segments, even when asked for."""
    for finding in profile.findings:
        unreadable = finding.severity == "error" or finding.code == "damaged-numbers"
        if unreadable and finding.column in basis:
            raise InputError(f"{finding.message} It cannot form segments as it is.")


def _placeable_part(sample: Sample, recipe: Recipe, name: str) -> Sample:
    """The sample without customers that have no basis value at all."""
    keep = placeable(sample.rows, recipe)
    if keep.all():
        return sample
    if not keep.any():
        raise InputError(
            f"Nobody in {name} has a value in the columns that form segments ({', '.join(recipe.columns)}). Choose others with --by COLUMN."
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
            f"{name} has {few} in the columns that form segments: too few for {k} segments. Use --k {distinct} at most, or more --by columns."
        )
    if distinct < 2:
        raise InputError(
            f"All customers of {name} are the same in the columns that form segments: there is nothing to segment. Choose others with --by COLUMN."
        )


def _value_of(profile: Profile, sample: Sample, of_row: Ints) -> tuple[Any, Ints]:
    """The value of each sampled customer, where there is a value column, and the point each stands on."""
    from shoal.shape import numbers

    money = next((c.name for c in profile.columns if c.role == "value"), None)
    return (None if money is None else np.nan_to_num(numbers(sample.rows[money]), posinf=0.0, neginf=0.0)), of_row


def _in_order(fit: Fit, weights: Any, value: Any, of_row: Ints) -> Fit:
    """Segments numbered by what they are worth in all, or by size where there is no money; ties by their centres."""
    k = len(fit.centres)
    worth = np.bincount(fit.labels, weights, k) if value is None else np.bincount(fit.labels[of_row], value, k)
    order = np.lexsort((*np.round(fit.centres, 6).T[::-1], -np.round(worth, 6)))
    new_id = np.empty(k, dtype=np.int64)
    new_id[order] = np.arange(k)
    return dataclasses.replace(fit, centres=fit.centres[order], labels=new_id[fit.labels])


Spots = Callable[[Sequence[str]], Counted | None]


def _spots_of(table: Table, sample: Sample) -> Spots:
    """The counted distinct rows of some columns, where that pays; counted once for the same columns."""
    counted = functools.cache(lambda columns: distinct(table, columns, sample))
    return lambda columns: counted(tuple(sorted(columns)))


def _polished(
    table: Table, recipe: Recipe, fit: Fit, spots_of: Spots, matrix: Any, tell: Tell | None, rows: int, seed: int
) -> Fit:
    """The fit bettered on all customers, from the sample's optimum: exactly on their few distinct spots, or by Lloyd steps over all."""
    from shoal.cluster import assign, search
    from shoal.everyone import polish

    spots = spots_of(recipe.columns)
    if spots is not None:
        _tell(tell, "fitting everybody")
        able = placeable(spots.rows, recipe)
        spread = encode(spots.rows, recipe, clip=True)[able]
        centres = search(spread, spots.counts[able].astype(np.float64), len(fit.centres), seed=seed, known=fit.centres).centres
    else:
        centres = polish(
            table, recipe, fit.centres, rows, heard=_hear(tell, "encoding", rows), told=lambda: _tell(tell, "fitting everybody")
        )
    return dataclasses.replace(fit, centres=centres, labels=assign(matrix, centres)[0])


def _placed(
    table: Table, model: Segmentation, profile: Profile, spots_of: Spots, tell: Tell | None
) -> tuple[PlacePass, Callable[[], Kept | None]]:
    """The sums over everybody's places, and the places: at once with the sums, or where a few rows say it all when asked for."""
    shelf = shelf_for_places(table, profile.rows)
    placing = PlacePass(model, _measures(profile), _words(profile), shelf)
    heard = _hear(tell, "placing", profile.rows)
    needed = list(dict.fromkeys([*model.recipe.columns, *placing.measures, *placing.words]))
    spots = spots_of(needed)
    if spots is None:
        run(table, placing, columns=needed, tell=heard)
        return placing, lambda: kept_places(shelf, profile.rows)
    placing.absorb_counted(spots.rows, spots.counts)

    @functools.cache
    def places() -> Kept | None:
        if shelf is None:
            return None
        run(table, PlacePass(model, {}, {}, shelf), columns=list(model.recipe.columns), tell=heard)
        return kept_places(shelf, profile.rows)

    return placing, places


def _doubted(trust: Trust, choice: Choice) -> Trust:
    """A slice through a continuum may return faithfully; nobody should act as if it were a group."""
    if choice.structure:
        return trust
    words = "It returns on other customers, but no groups were found in this table: it is a slice, and its borders are a choice."
    return dataclasses.replace(
        trust,
        segments=tuple(
            dataclasses.replace(s, verdict="use with care", reason=f"{words} {s.reason}") if s.verdict == "act on it" else s
            for s in trust.segments
        ),
    )


def _segmentation(profile: Profile, recipe: Recipe, basis: tuple[str, ...], choice: Choice, fit: Fit, seed: int) -> Segmentation:
    k = len(fit.centres)
    silhouette = next((e.silhouette for e in choice.evidence if e.k == k), None)
    ids = next((c.name for c in profile.columns if c.role == "id"), None)
    return Segmentation(
        recipe=recipe, centres=fit.centres, names=tuple(f"Segment {i + 1}" for i in range(k)), sizes=(0,) * k, inertia=fit.inertia,
        silhouette=silhouette, far=np.full(k, np.inf), far_rate=0.0, id_column=ids, basis=basis, seed=seed, rows=0,
    )  # fmt: skip


def _measures(profile: Profile) -> dict[str, float]:
    """Numeric columns whose sums portraits need, with their means."""
    return {c.name: c.mean or 0.0 for c in profile.columns if c.mean is not None and c.role in ("basis", "describe", "value")}


def _words(profile: Profile) -> dict[str, tuple[str, ...]]:
    """Columns of words whose counts portraits need."""
    return {
        c.name: tuple(w for w, _ in c.top)
        for c in profile.columns
        if c.top and c.kind in ("category", "flag") and c.role in ("basis", "describe")
    }


def _findings(profile: Profile, basis: Sequence[str], choice: Choice, trust: Trust, aside: int) -> tuple[Finding, ...]:
    from shoal.choose import findings as about_choice
    from shoal.examine import findings as about_trust
    from shoal.score import NO_VALUES

    found = list(profile.findings)
    if len(basis) == 1:
        found.append(
            Finding(
                "one-column",
                "warning",
                f'Only "{basis[0]}" forms segments: they are ranges of it. Name more columns with --by.',
                basis[0],
            )
        )
    if aside:
        found.append(
            Finding(
                "set-aside",
                "warning",
                f"{aside:,} of {profile.rows:,} rows were set aside: {NO_VALUES}. They are listed with the results.",
            )
        )
    return (*found, *about_choice(choice), *about_trust(trust))


CODES = {
    "one-column": "only one column forms segments: they are ranges of it",
    "set-aside": "customers without any value in the columns that form segments could not be placed",
    "unknown-words": "new customers carry words that the model has never seen",
}


def codes() -> dict[str, str]:
    """Every code a finding can carry, with what it means."""
    from shoal.choose.codes import CODES as CHOOSING
    from shoal.describe.findings import CODES as DESCRIBING
    from shoal.examine import CODES as EXAMINING
    from shoal.read.codes import CODES as READING
    from shoal.rfm.codes import CODES as SUMMING

    return {**READING, **SUMMING, **DESCRIBING, **CHOOSING, **EXAMINING, **CODES}


def _known_codes(mute: Names) -> tuple[str, ...]:
    for code in _names(mute):
        if code not in (known := codes()):
            raise OptionError(f'--mute "{code}" is no code of a finding. {did_you_mean(code, known)}')
    return _names(mute)


def _unmuted(findings: Sequence[Finding], muted: Sequence[str]) -> tuple[Finding, ...]:
    return tuple(f for f in findings if f.code not in muted)


def _versions() -> dict[str, str]:
    from importlib.metadata import version

    return {name: version(name) for name in ("shoal", "numpy", "scikit-learn", "pyarrow", "duckdb")}


def _tell(tell: Tell | None, step: str) -> None:
    if tell is not None:
        tell(step, 0, None)


def _hear(tell: Tell | None, step: str, total: int | None) -> Callable[[int], None] | None:
    return None if tell is None else lambda rows: tell(step, rows, total)
