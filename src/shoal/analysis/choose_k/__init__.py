"""How many segments this table supports, with the evidence, or that there are none.

`choose` fits every k, gathers what speaks for and against each, picks one and says why in a sentence.
What was tried before it came to this, and what each rule scored: docs/decisions/choosing-k.md.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial

import numpy as np

from shoal.analysis.choose_k import null_model as reference
from shoal.analysis.choose_k.resampling import MOST_POINTS, returns, thin
from shoal.analysis.choose_k.separation import Crowd, Gaps, crowd, gaps, inside
from shoal.analysis.kmeans.search import nearest_two, one_thread, search, settle
from shoal.analysis.kmeans.split import lead
from shoal.engine.worker import Each, in_turn
from shoal.errors import OptionError
from shoal.stats.silhouette import silhouette_values
from shoal.types import Choice, Evidence, Finding, Fit, Floats, Points, Structure

EXACT_UP_TO = 2_000  # customers whose silhouette is computed over every pair of them
HOLDS = 0.75  # bootstrap Jaccard of a segment that is a pattern (Hennig 2007)
RETURNS = 0.7  # bootstrap Jaccard below which a gap is an accident of this sample
PREDICTED = 0.25  # prediction strength below which it is one too
BEYOND_CHANCE = (
    3.0  # standard errors by which segments are tighter than in copies without structure
)
NEARLY = 1.05  # times the least inertia that a solution led to by a gap may have
FIRM = 0.8, 0.65  # bootstrap Jaccard and prediction strength of segments that surely come back
MANY = 6  # segments beyond which prediction strength must reach its published bar
STRONG = 0.8  # that bar (Tibshirani & Walther 2005)
MOST_SLICES = 5  # where nothing speaks for a number, few enough to remember
COPIED = 1_000  # customers in each copy


@dataclass(frozen=True)
class Bench:
    """What every k is judged on."""

    points: Points
    few: tuple[Floats, Floats]  # points and weights that are resampled
    copies: reference.Tables  # tables without structure, and what they are compared with
    people: Crowd
    min_share: float
    seed: int


@dataclass(frozen=True)
class Look:
    """What was seen of one k."""

    fit: Fit
    between: Gaps
    evidence: Evidence
    log_inertias: Floats  # in the table and in each copy


@dataclass(frozen=True)
class Seen:
    """What was seen of each k."""

    fits: dict[int, Fit]
    between: dict[int, Gaps]
    evidence: dict[int, Evidence]

    def replaced(self, fit: Fit, between: Gaps, evidence: Evidence) -> Seen:
        """The same with another solution of one k; how compact it is hardly changes."""
        k = evidence.k
        evidence = dataclasses.replace(evidence, reference_gap=self.evidence[k].reference_gap)
        return Seen(
            {**self.fits, k: fit}, {**self.between, k: between}, {**self.evidence, k: evidence}
        )


def choose(
    points: Points,
    *,
    k: int | None = None,
    k_min: int = 2,
    k_max: int = 10,
    min_share: float = 0.0,
    seed: int = 0,
    each: Each = in_turn,
) -> Choice:
    """Evidence for every k, the pick, and what kind of segments these are.

    Args:
        points: the encoded sample.
        k: asked for by the user; the others are still looked at.
        k_min: fewest segments to consider.
        k_max: most segments to consider; fewer when the table holds fewer distinct customers.
        min_share: no segment may hold a smaller share of customers than this.
        seed: the same seed gives the same choice.
        each: shares the looks at every k out, where there is somebody to share them with.

    Returns:
        The choice; its `fits` hold the solution of each k, so that nothing is fitted again.

    Raises:
        OptionError: `k`, `k_min` or `k_max` do not fit this table.
    """
    ks = _range(points, k, k_min, k_max)
    with one_thread(
        len(points.matrix) * max(ks)
    ):  # many small products: threads would wait for each other most of the time
        bench = _bench(points, min_share, seed)
        seen = _look(bench, ks, each)
        if k is None and not _lattice(points):
            seen = _led(seen, bench, each)
        choice = _decide(points, seen, bench.people, k, seed, each)
        settled = settle(points.matrix, points.weights, seen.fits[choice.k])
    return dataclasses.replace(choice, fits={**seen.fits, choice.k: settled})


def findings(choice: Choice) -> tuple[Finding, ...]:
    """What a person should know about the choice before using it."""
    found = []
    if choice.structure in (Structure.constructed, Structure.none):
        found.append(
            Finding(
                "no-natural-groups",
                "warning",
                f"{choice.reason} Do not tell anybody that these groups exist.",
            )
        )
    if len(choice.defensible) > 1 and choice.structure:
        others = _listed(each for each in choice.defensible if each != choice.k)
        found.append(
            Finding(
                "several-k",
                "info",
                f"{choice.k} segments were taken, {others} can be defended as well.",
            )
        )
    if (
        choice.structure
        and not choice.asked
        and choice.k > 2
        and choice.k == max(e.k for e in choice.evidence)
    ):
        message = (
            f"{choice.k} is the most that was allowed, more may be there: try a larger --k-max."
        )
        found.append(Finding("k-at-the-edge", "warning", message))
    return tuple(found)


def _range(points: Points, k: int | None, k_min: int, k_max: int) -> list[int]:
    most = len(points.matrix)
    if most < 2:
        raise OptionError(
            f"All {len(points.of_row)} customers are alike in these columns: there is nothing to segment. "
            "Segments need columns in which customers differ: name them with --by."
        )
    if k is not None and not 2 <= k <= most:
        raise OptionError(
            f"k = {k} does not fit a table with {most} distinct customers. Give --k from 2 to {most}."
        )
    if not 2 <= k_min <= k_max:
        raise OptionError(
            f"k from {k_min} to {k_max} is not a range. Give 2 <= --k-min <= --k-max."
        )
    last = max(
        2, min(k_max, most - 1)
    )  # everybody alone is no segmentation, unless it is asked for
    return sorted({*range(min(k_min, last), last + 1), *([k] if k else [])})


def _bench(points: Points, min_share: float, seed: int) -> Bench:
    few, fewer = thin(points, MOST_POINTS, seed), thin(points, COPIED, seed)
    return Bench(points, few, reference.tables(*fewer, seed), crowd(points, seed), min_share, seed)


def _look(bench: Bench, ks: list[int], each: Each) -> Seen:
    ordered = [
        *reversed(ks),
        1,
    ]  # what takes longest first: whoever shares the work is done at the same time
    looks = dict(zip(ordered, each(partial(_look_at, bench), ordered), strict=True))
    compact = reference.gaps({k: looks[k].log_inertias for k in ks if k < len(bench.copies[0][0])})
    return Seen(
        fits={k: looks[k].fit for k in (1, *ks)},
        between={k: looks[k].between for k in ks},
        evidence={
            k: dataclasses.replace(looks[k].evidence, reference_gap=compact.get(k))
            for k in (1, *ks)
        },
    )


def _look_at(bench: Bench, k: int) -> Look:
    fit = search(bench.points.matrix, bench.points.weights, k, seed=bench.seed, settled=False)
    between = gaps(fit, bench.people)
    logs = (
        reference.log_inertias(bench.copies, k, bench.seed)
        if 1 < k < len(bench.copies[0][0])
        else np.zeros(0)
    )
    return Look(fit, between, _evidence(bench, fit, between), logs)


def _evidence(bench: Bench, fit: Fit, between: Gaps) -> Evidence:
    k, weights = len(fit.centres), bench.points.weights
    shares = np.bincount(fit.labels, weights, k) / weights.sum()
    smallest = float(shares.min())
    found = Evidence(
        k,
        fit.inertia,
        None,
        smallest,
        fit.starts,
        fit.reached,
        allowed=k > 1,
        note="" if k > 1 else "for reference",
    )
    if k == 1 or k >= len(bench.few[0]):
        return found
    back = returns(*bench.few, fit, bench.seed)
    weak = int(back.jaccard.argmin())
    return dataclasses.replace(
        found,
        silhouette=silhouette(bench.points, fit, bench.seed),
        separation=between.weakest,
        prediction_strength=back.strength,
        stability=back.stability,
        worst_jaccard=float(back.jaccard[weak]),
        allowed=smallest >= bench.min_share,
        note=_note(
            float(back.jaccard[weak]), shares[weak], smallest, bench.min_share, weights.sum()
        ),
    )


def _led(seen: Seen, bench: Bench, each: Each) -> Seen:
    """The largest k with a gap between all neighbours, led on to the next by a gap inside a segment, while that holds.

    The least inertia at the next k may cut a crowd along a column that tells nobody apart, and leave two groups in one.
    Columns in steps lead nowhere: between one order and two lies nothing, and on a scale of ratios that looks wide.
    """
    while apart := _apart(seen):
        k = max(apart)
        gap = next(
            iter(inside(seen.fits[k], bench.people, bench.seed, between_steps=False, each=each)),
            None,
        )
        if gap is None or k + 1 not in seen.between:
            break
        fit = lead(bench.points.matrix, bench.points.weights, seen.fits[k], gap.segment, gap.halves)
        between = gaps(fit, bench.people)
        if not between.clear or fit.inertia > NEARLY * seen.fits[k + 1].inertia:
            break
        more = seen.replaced(fit, between, _evidence(bench, fit, between))
        if k + 1 not in _apart(more) or not _sure(more.evidence[k + 1]):
            break
        seen = more
    return seen


def _note(jaccard: float, share: float, smallest: float, min_share: float, total: float) -> str:
    if smallest < min_share:
        return f"its smallest segment holds {smallest:.1%} of customers, less than the {min_share:.1%} asked for"
    if jaccard < HOLDS:
        return f"a segment of {round(share * total):,} does not come back on resampled customers (Jaccard {jaccard:.2f})"
    return ""


def silhouette(points: Points, fit: Fit, seed: int) -> float:
    """Mean silhouette: exact up to 2,000 customers (Rousseeuw 1987), from the distances to the centres above."""
    if len(points.of_row) > EXACT_UP_TO:
        _, far = nearest_two(points.matrix, fit.centres)
        return float(
            np.average(1 - far[:, 0] / np.maximum(far[:, 1], 1e-300), weights=points.weights)
        )
    values = silhouette_values(points.matrix, points.weights, fit.labels, len(fit.centres))
    return float(np.average(values, weights=points.weights))


def _decide(
    points: Points, seen: Seen, people: Crowd, asked: int | None, seed: int, each: Each
) -> Choice:
    evidence = seen.evidence
    usable = _usable(seen)
    apart = [] if _lattice(points) else _apart(seen)
    steady = [k for k in usable if _steady(evidence[k])]
    structure = (
        Structure.natural
        if apart
        else Structure.reproducible
        if steady
        else _unsteady(evidence, usable)
    )
    pick = (
        max(apart) if apart else _fewest(evidence, steady) if steady else _slices(evidence, usable)
    )
    if asked is not None:
        pick = asked
        structure = (
            Structure.natural
            if asked in apart
            else Structure.reproducible
            if _steady(evidence[asked])
            else _unsteady(evidence, [asked])
        )
    if structure is Structure.natural and (
        not _sure(evidence[pick]) or inside(seen.fits[pick], people, seed, each=each)
    ):
        structure = Structure.reproducible
    defensible = tuple(sorted({pick, *(apart or _firm(evidence, steady))}))
    rest = [k for k in defensible if k != pick]
    return Choice(
        k=pick,
        structure=structure,
        reason=_reason(pick, structure, asked is not None),
        runner_up=max(rest) if rest else None,
        runner_up_reason=_speaks_for(evidence[max(rest)], max(rest) in apart) if rest else "",
        evidence=tuple(evidence.values()),
        asked=asked is not None,
        sample_size=int(points.weights.sum()),
        fits=seen.fits,
        defensible=defensible,
    )


def _usable(seen: Seen) -> list[int]:
    return [k for k in seen.between if seen.evidence[k].allowed] or [min(seen.between)]


def _apart(seen: Seen) -> list[int]:
    """The k whose segments are all apart: some clearly; above those also where nothing speaks against it."""
    whole = [k for k in _usable(seen) if _whole(seen.evidence[k])]
    clear = [k for k in whole if seen.between[k].clear]
    return clear + [k for k in whole if clear and k > max(clear) and seen.between[k].likely]


def _whole(evidence: Evidence) -> bool:
    return (evidence.worst_jaccard or 0) >= RETURNS and (
        evidence.prediction_strength or 0
    ) >= PREDICTED


def _sure(evidence: Evidence) -> bool:
    return (evidence.worst_jaccard or 0) >= FIRM[0] and (
        evidence.reference_gap or 0
    ) >= BEYOND_CHANCE


def _steady(evidence: Evidence) -> bool:
    jaccard, many = evidence.worst_jaccard or 0, evidence.k > MANY
    beyond = (evidence.reference_gap or 0) >= BEYOND_CHANCE
    return beyond and (_whole(evidence) and jaccard >= FIRM[0] if many else jaccard >= HOLDS)


def _firm(evidence: dict[int, Evidence], steady: list[int]) -> list[int]:
    """Of the k whose segments come back, those that do so beyond doubt; many segments must do so the more."""
    return [
        k
        for k in steady
        if (evidence[k].worst_jaccard or 0) >= FIRM[0]
        and (evidence[k].prediction_strength or 0) >= (FIRM[1] if k <= MANY else STRONG)
    ]


def _fewest(evidence: dict[int, Evidence], steady: list[int]) -> int:
    """The most segments that surely come back; where none do, the handful whose weakest comes back best."""
    firm = _firm(evidence, steady)
    few = [k for k in steady if 3 <= k <= MANY] or steady[:1]
    return max(firm) if firm else max(few, key=lambda k: evidence[k].worst_jaccard or 0)


def _lattice(points: Points) -> bool:
    """Mostly yes and no, or three steps: customers stand on few spots, and gaps between spots are gaps for anybody."""
    return bool(np.mean([len(np.unique(column)) <= 3 for column in points.matrix.T]) > 0.5)


def _unsteady(evidence: dict[int, Evidence], usable: list[int]) -> Structure:
    tighter = any((evidence[k].reference_gap or 0) >= BEYOND_CHANCE for k in usable)
    return Structure.constructed if tighter else Structure.none


def _slices(evidence: dict[int, Evidence], usable: list[int]) -> int:
    few = [k for k in usable if 3 <= k <= MOST_SLICES] or usable[:1]
    return max(few, key=lambda k: evidence[k].stability or 0)


def _reason(k: int, structure: Structure, asked: bool) -> str:
    words = {
        Structure.natural: f"{k} is the largest number of segments at which a gap lies between all neighbours",
        Structure.reproducible: f"{k} segments return on other customers of the same kind, but they do not all stand clear of each other",
        Structure.constructed: f"No groups stand apart here: {k} segments are slices through a continuum",
        Structure.none: f"No groups were found here: {k} segments are only convenient slices",
    }[structure]
    return f"You asked for {k} segments. {words}." if asked else f"{words}."


def _speaks_for(evidence: Evidence, apart: bool) -> str:
    back = f"each of {evidence.k} segments comes back on resampled customers (Jaccard at least {evidence.worst_jaccard or 0:.2f})"
    return (
        f"A gap lies between all neighbours there too, and {back}."
        if apart
        else f"{back[0].upper()}{back[1:]}."
    )


def _listed(numbers: Iterable[int]) -> str:
    words = [str(each) for each in numbers]
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)
