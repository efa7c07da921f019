"""How far to believe each segment, and each customer's place in it.

Segments are found again on resampled customers; what comes back can be trusted, what does not
cannot. All of it runs on the bounded sample, and no step needs memory in n².
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from shoal.analysis.stability.across_k import flows, stability_across
from shoal.analysis.stability.agreed import agreed, fallen
from shoal.analysis.stability.bootstrap import Resamples, Returns, how_found
from shoal.analysis.stability.borders import border_shares, nearest_segments, silhouettes
from shoal.analysis.stability.outliers import outlier_distances
from shoal.analysis.stability.verdict import DISSOLVED, RETURNED, doubted, judge
from shoal.engine.worker import Each, in_turn
from shoal.findings import finding
from shoal.types import Finding, Fit, Points, SegmentTrust, Structure, Trust

__all__ = ["Resamples", "agreed", "examine", "fallen", "findings", "outlier_distances"]


def examine(
    points: Points,
    fit: Fit,
    fits: Mapping[int, Fit],
    *,
    seed: int,
    resamples: int = 100,
    structure: Structure = Structure.natural,
    customers: int | None = None,
    each: Each = in_turn,
    known: Resamples | None = None,
) -> Trust:
    """How far to believe each segment of a solution, and each sampled customer's place.

    Per segment: bootstrap Jaccard similarity (Hennig, Computational Statistics & Data Analysis 52,
    2007, as in R's `fpc::clusterboot`: segments are compared on the customers drawn, each once),
    stability within and across solutions (Dolnicar & Leisch, Marketing Letters 28, 2017), customers
    near a border, silhouette, a verdict.

    Args:
        points: the encoded sample.
        fit: the chosen solution, segments in their final order.
        fits: the solutions of other numbers of segments, by k.
        seed: the same seed gives the same trust.
        resamples: how often customers are drawn and the segments searched again.
        structure: what kind of groups were found; where there are none, nobody should act on one.
        customers: of the whole table; those of the sample when left out.
        each: shares the resamples out, where there is somebody to share them with.
        known: resamples of these points and customers, with the same seed, which are kept there.

    Returns:
        The trust: one entry per segment in order, agreement per sampled customer, flows from k to k
            + 1.

    >>> noise = np.random.default_rng(0).normal(size=(40, 2))
    >>> matrix = np.repeat([[0.0, 0.0], [9.0, 9.0]], 20, axis=0) + noise
    >>> labels = np.repeat([0, 1], 20)
    >>> fit = Fit(np.stack([matrix[:20].mean(0), matrix[20:].mean(0)]), labels, 80.0, 1, 1)
    >>> trust = examine(Points(matrix, np.ones(40), np.arange(40)), fit, {}, seed=0)
    >>> [s.jaccard for s in trust.segments], trust.agreement.min().item()
    ([1.0, 1.0], 1.0)
    """
    sampled = len(points.of_row)
    total = customers or sampled
    known = known or Resamples(points, seed, total)
    returns = known.of(fit, resamples, each)
    every = {**fits, len(fit.centres): fit}
    return Trust(
        segments=tuple(_segments(points, fit, returns, structure)),
        resamples=resamples,
        sample_size=sampled,
        agreement=returns.agreement[points.of_row],
        flows=flows(every, points.weights),
        across=stability_across(every, len(fit.centres), points.weights),
        how=how_found(sampled, resamples, total),
    )


def findings(trust: Trust) -> tuple[Finding, ...]:
    """What a person should know before using single segments, the graver first."""
    codes = {"do not rely on it": "segment-not-stable", "use with care": "segment-with-care"}
    return tuple(
        finding(code, segment=s.segment, why=s.why)
        for verdict, code in codes.items()
        for s in trust.segments
        if s.verdict == verdict
    )


def _segments(
    points: Points, fit: Fit, returns: Returns, structure: Structure
) -> Iterator[SegmentTrust]:
    near, border = nearest_segments(points, fit), border_shares(points, fit)
    silhouette = silhouettes(points, fit)
    sizes = np.bincount(fit.labels, points.weights, len(fit.centres))
    for i, jaccards in enumerate(returns.jaccards.T):
        mean, low = float(jaccards.mean()), float(np.quantile(jaccards, 0.1))
        again = float((returns.elsewhere[:, i] >= RETURNED).mean())
        verdict, why = judge(mean, low, again, round(float(sizes[i])), float(border[i]))
        if not structure:
            verdict, why = doubted(verdict, why)
        yield SegmentTrust(
            segment=i + 1,
            jaccard=mean,
            jaccard_low=low,
            recovered=float((jaccards >= RETURNED).mean()),
            dissolved=float((jaccards <= DISSOLVED).mean()),
            within=float(returns.within[:, i].mean()),
            border_share=float(border[i]),
            silhouette=float(silhouette[i]),
            nearest=int(near[i]) + 1,
            verdict=verdict,
            why=why,
            found_again=again,
        )
