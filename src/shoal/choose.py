"""How many segments this table supports, with the evidence, or that there are none.

`choose` fits every k, gathers what speaks for and against each, picks one and says why in a sentence.
"""

from __future__ import annotations

import dataclasses

import numpy as np

from shoal.cluster import assign, nearest_two, search
from shoal.errors import OptionError
from shoal.nouns import Choice, Evidence, Finding, Fit, Floats, Ints, Points, Structure

EXACT_UP_TO = 2_000  # customers whose silhouette is computed over every pair of them
SEPARATED = 0.15  # a valley this deep between two neighbours is no accident
STRONG = 0.8  # prediction strength that speaks of groups (Tibshirani & Walther 2005)
SLICES = 4  # a convenient number when there are no groups: few enough to remember


def choose(
    points: Points, *, k: int | None = None, k_min: int = 2, k_max: int = 10, min_share: float = 0.0, seed: int = 0
) -> Choice:
    """Evidence for every k, the pick, and what kind of segments these are.

    Args:
        points: the encoded sample.
        k: asked for by the user; the others are still looked at.
        k_min: fewest segments to consider.
        k_max: most segments to consider; fewer when the table holds fewer distinct customers.
        min_share: no segment may hold a smaller share of customers than this.
        seed: the same seed gives the same choice.

    Returns:
        The choice; its `fits` hold the solution of each k, so that nothing is fitted again.

    Raises:
        OptionError: `k`, `k_min` or `k_max` do not fit this table.
    """
    tried = _range(points, k, k_min, k_max)
    fits = {each: search(points.matrix, points.weights, each, seed=seed) for each in (1, *tried)}
    evidence = tuple(_evidence(points, fits[each], min_share, seed) for each in fits)
    held = [e.k for e in evidence if e.k > 1 and e.allowed and (e.separation or 0) >= SEPARATED]
    strong = [e.k for e in evidence if e.k > 1 and e.allowed and (e.prediction_strength or 0) >= STRONG]
    allowed = [e.k for e in evidence if e.k > 1 and e.allowed] or [tried[0]]
    if held:
        pick, structure = max(held), Structure.natural
    elif strong:
        pick, structure = max(strong), Structure.reproducible
    else:
        pick, structure = min(allowed, key=lambda each: abs(each - SLICES)), Structure.none
    if k is not None:
        pick = k
        structure = Structure.natural if k in held else Structure.reproducible if k in strong else Structure.none
    rest = [each for each in held or strong or allowed if each != pick]
    return Choice(
        k=pick,
        structure=structure,
        reason=_reason(pick, structure, k is not None),
        runner_up=max(rest) if rest else None,
        runner_up_reason="It is the next that holds." if rest else "",
        evidence=evidence,
        asked=k is not None,
        sample_size=int(points.weights.sum()),
        fits=fits,
        defensible=tuple(sorted({pick, *(held or strong)})),
    )


def findings(choice: Choice) -> tuple[Finding, ...]:
    """What a person should know about the choice before using it."""
    if choice.structure:
        return ()
    return (Finding("no-natural-groups", "warning", choice.reason),)


def _range(points: Points, k: int | None, k_min: int, k_max: int) -> list[int]:
    most = len(points.matrix)
    if most < 2:
        raise OptionError("All customers are the same in the columns chosen: nothing to segment. Choose other columns with --by.")
    if k is not None and not 1 < k <= most:
        raise OptionError(f"k = {k} does not fit this table of {most} distinct customers. Give a k from 2 to {most}.")
    if not 2 <= k_min <= k_max:
        raise OptionError(f"k from {k_min} to {k_max} is no range. Give 2 <= k_min <= k_max.")
    return sorted({*range(k_min, min(k_max, most) + 1), k or min(k_min, most)})


def _evidence(points: Points, fit: Fit, min_share: float, seed: int) -> Evidence:
    k = len(fit.centres)
    smallest = float(np.bincount(fit.labels, points.weights, k).min() / points.weights.sum())
    found = Evidence(k, fit.inertia, None, smallest, fit.starts, fit.reached)
    if k == 1:
        return found
    return dataclasses.replace(
        found,
        silhouette=silhouette(points, fit.labels, fit.centres, seed),
        separation=_separation(points, fit),
        prediction_strength=_prediction_strength(points, k, seed),
        allowed=smallest >= min_share,
        note="" if smallest >= min_share else f"its smallest segment holds {smallest:.1%} of customers",
    )


def silhouette(points: Points, labels: Ints, centres: Floats, seed: int) -> float:
    """Mean silhouette (Rousseeuw 1987): exact up to 2,000 customers, over as many drawn at random above."""
    from sklearn.metrics import silhouette_score

    rows = points.of_row
    if len(rows) > EXACT_UP_TO:
        rows = np.random.default_rng(seed).choice(rows, EXACT_UP_TO, replace=False)
    if len(np.unique(labels[rows])) < 2 or len(np.unique(labels[rows])) >= len(rows):
        return 0.0
    return float(silhouette_score(points.matrix[rows], labels[rows]))


def _separation(points: Points, fit: Fit) -> float:
    near, _ = nearest_two(points.matrix, fit.centres)
    pairs = {(int(min(a, b)), int(max(a, b))) for a, b in np.unique(near, axis=0)}
    return min(_valley(points, fit, a, b) for a, b in pairs)


def _valley(points: Points, fit: Fit, a: int, b: int) -> float:
    """Depth of the valley between two segments along the line of their centres: 0 none .. 1 empty."""
    mine = (fit.labels == a) | (fit.labels == b)
    axis = fit.centres[b] - fit.centres[a]
    along = (points.matrix[mine] - fit.centres[a]) @ axis / (axis @ axis)
    counts = np.histogram(along, bins=13, range=(-0.625, 1.625), weights=points.weights[mine])[0]
    left, middle, right = counts[2:5].max(), counts[5:8].min(), counts[8:11].max()
    return float(1 - min(1.0, (middle + np.sqrt(middle)) / max(min(left, right), 1e-9)))


def _prediction_strength(points: Points, k: int, seed: int) -> float:
    """Smallest share of pairs of one half's segment that the other half's centres keep together (two halves)."""
    half = np.random.default_rng(seed).random(len(points.matrix)) < 0.5
    if min(half.sum(), (~half).sum()) <= k:
        return 0.0
    one = search(points.matrix[half], points.weights[half], k, seed=seed, starts=3)
    two = search(points.matrix[~half], points.weights[~half], k, seed=seed, starts=3)
    other, _ = assign(points.matrix[~half], one.centres)
    together = np.zeros((k, k))
    np.add.at(together, (two.labels, other), points.weights[~half])
    sizes = together.sum(1)
    return float(((together**2).sum(1) / np.maximum(sizes, 1e-9) ** 2).min())


def _reason(k: int, structure: Structure, asked: bool) -> str:
    words = {
        Structure.natural: f"{k} is the largest number of segments at which every pair of neighbours is clearly apart",
        Structure.reproducible: f"{k} segments return on other customers of the same kind, though no gaps lie between them",
        Structure.constructed: f"{k} segments are slices through a continuum, convenient but not there by themselves",
        Structure.none: f"No groups were found: {k} segments are only convenient slices",
    }[structure]
    return f"You asked for {k} segments. {words}." if asked else f"{words}."
