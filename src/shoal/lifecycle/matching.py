"""Old segments and new ones: which follows which, and what became of each.

Segments are matched by the customers they share and by how near their centroids lie (Kuhn 1955, the
assignment problem). What is left over, or shares with several, was split, merged, born or is gone.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from shoal.sentences import say
from shoal.stats.agreement import jaccard
from shoal.types import Bools, Fate, Floats, Statement

FEW = 0.3  # of the customers a segment should have, below which it is gone
MOSTLY = 0.5  # share of a segment's customers that makes it a part of another
PART = 0.2  # share of a segment's customers that is more than a border's
NEAR = 0.8  # closeness of centroids that makes segments the same whoever is in them
LINKED = 0.2  # Jaccard similarity, and …
CLOSE = 0.5  # … closeness, below which nothing follows
MOVED = 0.5  # standard deviations of a column (Cohen 1988: a medium effect)
CHANGED = 0.5  # Jaccard similarity below which most of a segment are others (Hennig 2007)
STAYED = 0.15  # how far the old centroid is from a part, beside the other, where only one is new
STAYED_UNLIKE = 0.35  # the same where most of the other are unlike anyone before


@dataclass(frozen=True)
class Overlap:
    """What old segments (rows, k0) and new ones (columns, k1) have in common."""

    both: Floats  # (k0, k1) customers in each pair
    expected: Floats  # (k0,) customers that there would be if shares had stayed
    sizes: Floats  # (k1,) customers, whether or not they were known before
    unlike: Floats  # (k1,) share of them who are unlike anyone before
    before: Floats  # (k0, d) centroids, in standard deviations of the new customers
    after: Floats  # (k1, d)
    by_ids: bool

    def without(self, born: Bools) -> Overlap:
        """The same where nobody in a new segment that is born was in an old one.

        An old model puts such customers somewhere, which does not make them members of it.
        """
        both = np.where(born, 0.0, self.both)
        left = float(both.sum()) / max(float(self.both.sum()), 1e-300)
        return replace(self, both=both, expected=self.expected * left)

    @property
    def into(self) -> Floats:
        """(k0, k1) the share of an old segment's customers that is in a new one."""
        return _shares(self.both, self.both.sum(axis=1, keepdims=True))

    @property
    def out_of(self) -> Floats:
        """(k0, k1) the share of a new segment's customers that was in an old one."""
        return _shares(self.both, self.both.sum(axis=0, keepdims=True))

    @property
    def apart(self) -> Floats:
        """(k0, k1) distances of centroids."""
        return np.asarray(np.linalg.norm(self.before[:, None] - self.after[None], axis=2))

    @property
    def closeness(self) -> Floats:
        """(k0, k1) from 1, where centroids coincide, to 0, where another old one is as near."""
        own = np.linalg.norm(self.before[:, None] - self.before[None], axis=2)
        np.fill_diagonal(own, np.inf)
        room = own.min(axis=1, keepdims=True)
        room = np.where(np.isfinite(room), room, self.apart.max(initial=1.0))
        return np.asarray(np.clip(1 - self.apart / np.maximum(room, 1e-12), 0, 1))


def _shares(both: Floats, whole: Floats) -> Floats:
    return np.asarray(both / np.maximum(whole, 1e-300))


@dataclass(frozen=True)
class Follows:
    """What became of all segments; places count from 0."""

    seen: Overlap  # what they have in common, who was in none before left out
    of_new: dict[int, int]  # new segment → the old one whose id it keeps
    fates: tuple[tuple[Fate, tuple[int, ...], Statement], ...]  # (k1,) with the old ones it is of
    # Old segments that no new one keeps → the new one they went into, or None, and why.
    left: dict[int, tuple[Fate, int | None, Statement]]


def follow(seen: Overlap) -> Follows:
    """Which new segment follows which old one, and what became of those that are left over."""
    from scipy.optimize import linear_sum_assignment

    born = _born(seen)
    if not seen.by_ids:
        seen = seen.without(born)
    gone = _gone(seen)
    alike, close = jaccard(seen.both), seen.closeness
    score = alike + close
    barred = (gone[:, None] | born[None]) & (close < NEAR)
    linked = ((alike >= LINKED) | (close >= CLOSE)) & ~barred
    old, new = linear_sum_assignment(np.where(linked, score, 0.0), maximize=True)
    pairs = {int(j): int(i) for i, j in zip(old, new, strict=True) if linked[i, j]}
    return _fates(seen, pairs, gone, born)


def _gone(seen: Overlap) -> Bools:
    """(k0,) segments with few customers left, who are the most of no new segment."""
    few = seen.both.sum(axis=1) < FEW * seen.expected
    return np.asarray(few & (seen.out_of.max(axis=1, initial=0) < MOSTLY))


def _born(seen: Overlap) -> Bools:
    """(k1,) segments of customers that were nowhere before."""
    if seen.by_ids:
        known = seen.both.sum(axis=0) / np.maximum(seen.sizes, 1e-300)
        overall = seen.both.sum() / max(float(seen.sizes.sum()), 1e-300)
        return np.asarray(known < FEW * overall)
    return np.array([_is_new(seen, j) for j in range(len(seen.sizes))])


def _is_new(seen: Overlap, j: int) -> bool:
    """Whether a new segment stands beside the one that stayed where the old one was."""
    i = int(seen.both[:, j].argmax())
    nearest = int(seen.apart[i].argmin())
    if nearest == j:
        return False
    between = float(np.linalg.norm(seen.after[nearest] - seen.after[j]))
    moved = float(seen.apart[i, nearest]) / max(between, 1e-12)
    return moved < STAYED or (moved < STAYED_UNLIKE and float(seen.unlike[j]) >= MOSTLY)


def _fates(seen: Overlap, pairs: dict[int, int], gone: Bools, born: Bools) -> Follows:
    left_over = [i for i in range(len(gone)) if i not in pairs.values()]
    parents = {j: _parents(seen, j, pairs, gone) for j in range(len(born))}
    children = {i: _children(seen, i, pairs, born) for i in range(len(gone))}
    fates = tuple(_fate(seen, j, pairs, parents[j], children) for j in range(len(born)))
    return Follows(seen, pairs, fates, {i: _left(seen, i, parents) for i in left_over})


def _parents(seen: Overlap, j: int, pairs: dict[int, int], gone: Bools) -> list[int]:
    """The old segments that are in a new one for the most part, and a good part of it."""
    mostly = (seen.into[:, j] >= MOSTLY) & (seen.out_of[:, j] >= PART) & ~gone
    others = {i for new, i in pairs.items() if new != j}
    own = {pairs[j]} if j in pairs else set()
    return sorted({int(i) for i in np.flatnonzero(mostly)} - others | own)


def _children(seen: Overlap, i: int, pairs: dict[int, int], born: Bools) -> list[int]:
    """The new segments that an old one is in, and that are of it for the most part."""
    parts = (seen.out_of[i] >= MOSTLY) & (seen.into[i] >= PART) & ~born
    others = {new for new, old in pairs.items() if old != i}
    own = {new for new, old in pairs.items() if old == i}
    return sorted({int(j) for j in np.flatnonzero(parts)} - others | own)


def _fate(
    seen: Overlap, j: int, pairs: dict[int, int], parents: list[int], children: dict[int, list[int]]
) -> tuple[Fate, tuple[int, ...], Statement]:
    if len(parents) > 1:
        return "merged", tuple(parents), say("fate-merged", shares=_shares_of(seen, parents, j))
    of = next((i for i, parts in children.items() if j in parts and len(parts) > 1), None)
    if of is not None:
        share = float(seen.into[of, j])
        return "split", (of,), say("fate-split", parts=len(children[of]), share=share)
    if j not in pairs:
        known = float(seen.unlike[j])
        return "born", (), say("fate-born", by_ids=seen.by_ids, share=known, ids=_new_ids(seen, j))
    return _stayed(seen, j, pairs[j])


def _shares_of(seen: Overlap, parents: list[int], j: int) -> tuple[float, ...]:
    return tuple(float(seen.out_of[i, j]) for i in parents)


def _new_ids(seen: Overlap, j: int) -> float:
    """The share of a new segment's customers who were not there before."""
    return 1 - float(seen.both[:, j].sum() / max(seen.sizes[j], 1e-300))


def _stayed(seen: Overlap, j: int, i: int) -> tuple[Fate, tuple[int, ...], Statement]:
    alike = float(jaccard(seen.both)[i, j])
    shift = float(np.abs(seen.after[j] - seen.before[i]).max(initial=0))
    met = bool(seen.both[i].sum())  # where nobody is known again, centroids alone tell
    moved = shift >= MOVED or (met and alike < CHANGED)
    code: Fate = "moved" if moved else "kept"
    why = say(f"fate-{code}", alike=alike if met else None, shift=shift, by_ids=seen.by_ids)
    return code, (i,), why


def _left(
    seen: Overlap, i: int, parents: dict[int, list[int]]
) -> tuple[Fate, int | None, Statement]:
    """What became of an old segment that no new one keeps the id of."""
    into = next((j for j, of in parents.items() if i in of), None)
    if into is not None:
        share = float(seen.into[i, into])
        return "merged", into, say("fate-went-into", share=share)
    found, expected = float(seen.both[i].sum()), float(seen.expected[i])
    return "gone", None, say("fate-gone", found=round(found), expected=round(expected))
