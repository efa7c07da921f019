"""How sure the number of segments is: chosen anew on parts of the sample.

A re-run does what the run did: it learns how columns become numbers, and chooses, from nine tenths
of the customers that k was chosen on.
"""

from __future__ import annotations

from collections import Counter

import numpy as np

from shoal.analysis.choose_k import choose
from shoal.analysis.features import points, prepare
from shoal.engine.worker import Each, in_turn
from shoal.options import FitOptions
from shoal.types import Choice, Profile, Sample

PART = 0.9  # share of the customers that a re-run sees


def rerun(
    profile: Profile,
    sample: Sample,
    asked: FitOptions,
    *,
    each: Each = in_turn,
) -> tuple[tuple[int, int], ...]:
    """Which k re-runs chose, and how many of them, the most often chosen first.

    Args:
        profile: of the table.
        sample: the customers that k was chosen on.
        asked: how segments are searched; `reruns` says how often. A k that was asked for is not:
            a re-run says what would be chosen.
        each: shares the looks at every k out, where there is somebody to share them with.

    Returns:
        Pairs of (k, times); nothing where no re-run was asked for. A part in which all customers
            are the same is left out.

    >>> rerun(None, None, FitOptions())
    ()
    """
    chosen: Counter[int] = Counter()
    for turn in range(asked.reruns):
        choice = _chosen_on(_part(sample, asked.seed, turn), profile, asked, each)
        if choice is not None:
            chosen[choice.k] += 1
    return tuple(sorted(chosen.items(), key=lambda pair: (-pair[1], pair[0])))


def _part(sample: Sample, seed: int, turn: int) -> Sample:
    """Nine tenths of the sample, in its order."""
    n = len(sample.index)
    drawn = np.random.default_rng((seed, turn)).choice(n, int(np.ceil(PART * n)), replace=False)
    rows = np.sort(drawn)
    return Sample(sample.rows.take(rows), sample.index[rows], sample.total)


def _chosen_on(part: Sample, profile: Profile, asked: FitOptions, each: Each) -> Choice | None:
    """The choice on some customers; None where all of them are the same."""
    recipe = prepare(
        profile, part, profile.basis, scale=asked.scale, fill=asked.fill, weights=asked.weights
    )
    encoded = points(part, recipe)
    if len(encoded.matrix) < 2:
        return None
    return choose(encoded, k_max=asked.k_max, min_share=asked.min_share, seed=asked.seed, each=each)
