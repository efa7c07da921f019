"""How the groups of one number of segments fall apart into those of the next: who follows whom."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from shoal.types import Floats, KFlow

SWEEPS = 6


def ks_of(flows: Sequence[KFlow]) -> list[int]:
    """The numbers of segments that a chain of flows leads through."""
    return [flows[0].k_from, *(flow.k_to for flow in flows)]


def group_sizes(flows: Sequence[KFlow]) -> dict[int, Floats]:
    """For each k, how many customers each of its groups has."""
    sizes = {flow.k_from: _counts(flow).sum(axis=1) for flow in flows}
    return sizes | {flows[-1].k_to: _counts(flows[-1]).sum(axis=0)}


def owners(flows: Sequence[KFlow], chosen: int) -> dict[int, Floats]:
    """For each k, how each of its groups is made up of the chosen segments: (groups, chosen).

    >>> found = owners([KFlow(1, 2, ((30, 10),))], 2)
    >>> found[1].tolist(), found[2].tolist()
    ([[0.75, 0.25]], [[1.0, 0.0], [0.0, 1.0]])
    """
    ks = ks_of(flows)
    home = chosen if chosen in ks else ks[-1]
    found: dict[int, Floats] = {home: np.eye(home)}
    for flow in reversed([flow for flow in flows if flow.k_to <= home]):
        found[flow.k_from] = _shares(_counts(flow)) @ found[flow.k_to]
    for flow in (flow for flow in flows if flow.k_from >= home):
        found[flow.k_to] = _shares(_counts(flow).T) @ found[flow.k_from]
    return found


def order(flows: Sequence[KFlow]) -> dict[int, Floats]:
    """A rank (groups,) for each k, at which bands between groups cross little.

    The barycentre method (Sugiyama, Tagawa & Toda, IEEE Transactions on Systems, Man, and
    Cybernetics 11, 1981): each group goes to the mean rank of its neighbours, forth and back.
    """
    first = flows[0].k_from
    ranks = {first: np.linspace(0.0, 1.0, first)}
    for sweep in range(SWEEPS):
        forth = sweep % 2 == 0
        for flow in flows if forth else reversed(flows):
            if forth:
                ranks[flow.k_to] = _ranked(_counts(flow).T, ranks[flow.k_from])
            else:
                ranks[flow.k_from] = _ranked(_counts(flow), ranks[flow.k_to])
    return ranks


def _ranked(counts: Floats, ranks: Floats) -> Floats:
    """Ranks in 0 .. 1 of groups, by the mean rank of those they share customers with."""
    middles = _shares(counts) @ ranks
    places = np.argsort(np.argsort(middles, kind="stable"), kind="stable")
    return np.asarray(places / max(len(middles) - 1, 1))


def _counts(flow: KFlow) -> Floats:
    return np.array(flow.counts, dtype=float)


def _shares(counts: Floats) -> Floats:
    return np.asarray(counts / np.maximum(counts.sum(axis=1, keepdims=True), 1e-12))
