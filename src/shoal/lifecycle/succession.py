"""Do the old segments still serve, and if not: how do the new ones follow them?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np

from shoal.analysis.assign import Places
from shoal.analysis.features import encode
from shoal.lifecycle.matching import Follows, Overlap, follow
from shoal.output import palette
from shoal.sentences import say
from shoal.stats.agreement import jaccard, shared
from shoal.stats.distances import two_nearest
from shoal.types import (
    NOTHING,
    Choice,
    Crossing,
    Fit,
    Floats,
    Ints,
    Points,
    Sample,
    Segmentation,
    SegmentFate,
    Service,
    Statement,
    Structure,
    Succession,
)

MOST_LOSS = 0.05  # by which squared distances may be larger …
BY_CHANCE = 4.0  # … and this times segments per customer: twice what a fit gains by chance
LEAST_ALIKE = 0.75  # Jaccard similarity of a segment that is found again (Hennig 2007)
RETURNS = 0.6  # the same on resamples, below which a number of segments is not kept
SHOWN = 0.05  # share of a segment's customers below which a crossing is not told
SHARED_LEAST = 30  # customers that both tables must have to be followed by their ids


def keeps_k(choice: Choice, k: int) -> Statement | None:
    """Why the number of segments of before is kept where another one would be taken; None: not."""
    evidence = next((each for each in choice.evidence if each.k == k and each.allowed), None)
    if evidence is None or choice.structure is Structure.natural:
        return None
    if not choice.structure:
        return say("k-kept-slices", k=k)
    returns = k in choice.defensible or (evidence.worst_jaccard or 0) >= RETURNS
    return say("k-kept-returns", k=k) if returns else None


def service_of(
    model: Segmentation, points: Points, fit: Fit, places: Places
) -> tuple[Service, Fit]:
    """How well a model serves, beside a new fit of the same points; and the model as such a fit."""
    near, squared = two_nearest(points.matrix, model.centres)
    labels, distances = near[:, 0].astype(np.int64), squared[:, 0]
    inertia = float(distances @ points.weights)
    both = shared(labels, fit.labels, points.weights, (model.k, len(fit.centres)))
    weakest = float(jaccard(both).max(axis=1).min())
    allowed = MOST_LOSS + BY_CHANCE * model.k / float(points.weights.sum())
    loss = inertia / max(fit.inertia, 1e-300) - 1 if fit.inertia > 0 else 0.0
    same = len(fit.centres) == model.k
    service = Service(
        serves=same and loss <= allowed and weakest >= LEAST_ALIKE,
        k_before=model.k,
        k_now=len(fit.centres),
        loss=loss,
        most_loss=allowed,
        weakest=weakest,
        least_weakest=LEAST_ALIKE,
        unlike_anyone=float(places.unlike_anyone.mean()),
        expected_unlike=model.far_rate,
    )
    return service, Fit(model.centres, labels, inertia, fit.starts, fit.reached)


def why_serves(service: Service, changed: bool) -> Statement:
    """Why nothing is fitted again, with the numbers."""
    return say(
        "serves",
        loss=service.loss,
        most_loss=service.most_loss,
        weakest=service.weakest,
        k=service.k_before,
        changed=changed,
    )


def why_refitted(service: Service) -> Statement:
    """Why it is fitted again, with the numbers."""
    if service.serves:
        return say("refit-asked")
    return say(
        "refit",
        k_before=service.k_before,
        k_now=service.k_now,
        loss=service.loss,
        most_loss=service.most_loss,
        weakest=service.weakest,
        least=service.least_weakest,
    )


@dataclass(frozen=True)
class Before:
    """The segmentation that goes on, and what is known of it."""

    model: Segmentation  # in the columns and units of the new table
    table: str
    model_id: str
    last_id: int  # the largest that was ever given


@dataclass(frozen=True)
class Following:
    """New segments in the order of the ids that they keep, or get."""

    order: Ints  # (k1,) the new segments, from 0, by their ids
    ids: tuple[int, ...]
    names: dict[int, str]  # of those that follow another
    colours: tuple[str, ...]
    succession: Succession


def followed(
    before: Before,
    sample: Sample,
    labels: Ints,
    places: Places,
    known: Ints | None,
    service: Service,
    why: Statement,
) -> Following:
    """How new segments follow old ones.

    `labels` (m,) are those of the sample by the new fit, `places` by the old model, `known` those
    that customers had before, from 0, and -1 for who was not there; None where nobody knows.
    """
    was, by_ids = _was(known, places)
    follows = follow(overlap(before.model, sample, labels, was, places, by_ids=by_ids))
    seen = follows.seen
    ids, last = _ids(before, follows, seen)
    order = np.argsort(ids)
    succession = Succession(
        refitted=True,
        why=why,
        service=service,
        segments=_segments(before.model, follows, ids),
        crosswalk=_crosswalk(before.model, follows, seen, ids),
        compared=len(labels),
        by_ids=by_ids,
        last_id=last,
        table_before=before.table,
        model_before=before.model_id,
    )
    kept = {ids[j]: before.model.names[i] for j, i in follows.of_new.items()}
    colours = _colours(before.model, follows, len(ids))
    in_order = tuple(ids[j] for j in order)
    return Following(order, in_order, kept, tuple(colours[j] for j in order), succession)


def _was(known: Ints | None, places: Places) -> tuple[Ints, bool]:
    """(m,) where customers were before, and whether their ids tell it; else the old model does."""
    if known is not None and int((known >= 0).sum()) >= SHARED_LEAST:
        return known, True
    return places.label.astype(np.int64), False


def overlap(
    model: Segmentation, sample: Sample, labels: Ints, was: Ints, places: Places, *, by_ids: bool
) -> Overlap:
    """What the old segments and the new ones have in common, on the sample."""
    k0, k1 = model.k, int(labels.max()) + 1
    able = was >= 0
    ones = np.ones(int(able.sum()))
    both = shared(was[able], labels[able], ones, (k0, k1))
    sizes = np.bincount(labels, minlength=k1).astype(np.float64)
    matrix = encode(sample.rows, model.recipe, clip=True)
    spread = matrix.std(axis=0)
    spread = np.where(spread > 0, spread, 1.0)
    after = np.stack([matrix[labels == j].mean(axis=0) for j in range(k1)])
    unlike = np.bincount(labels, places.unlike_anyone, k1) / np.maximum(sizes, 1)
    shares = np.asarray(model.sizes) / max(model.rows, 1)
    return Overlap(
        both=both,
        expected=shares * len(ones),
        sizes=sizes,
        unlike=np.asarray(unlike),
        before=model.centres / spread,
        after=after / spread,
        by_ids=by_ids,
    )


def _ids(before: Before, follows: Follows, seen: Overlap) -> tuple[list[int], int]:
    """The id of each new segment, and the largest that was ever given: none is given twice."""
    ids, last = [], before.last_id
    for j in range(len(seen.sizes)):
        if j in follows.of_new:
            ids.append(before.model.ids[follows.of_new[j]])
        else:
            last += 1
            ids.append(last)
    return ids, last


def _segments(model: Segmentation, follows: Follows, ids: list[int]) -> tuple[SegmentFate, ...]:
    made = []
    for j, (fate, of, why) in enumerate(follows.fates):
        name = model.names[follows.of_new[j]] if j in follows.of_new else ""
        made.append(SegmentFate(ids[j], name, fate, tuple(model.ids[i] for i in of), why))
    for i, (fate, into, why) in follows.left.items():
        if into is None:
            made.append(SegmentFate(model.ids[i], model.names[i], fate, (model.ids[i],), why))
    return tuple(sorted(made, key=lambda each: each.id))


def _crosswalk(
    model: Segmentation, follows: Follows, seen: Overlap, ids: list[int]
) -> tuple[Crossing, ...]:
    rows = [
        *(row for i in range(model.k) for row in _from(model, follows, seen, ids, i)),
        *(row for j in range(len(ids)) for row in _arrived(follows, seen, ids, j)),
    ]
    return tuple(rows)


def _from(
    model: Segmentation, follows: Follows, seen: Overlap, ids: list[int], i: int
) -> list[Crossing]:
    """Where customers of an old segment are now."""
    rows = []
    for j in range(len(ids)):
        fate, of, why = follows.fates[j]
        told = max(seen.into[i, j], seen.out_of[i, j]) >= SHOWN and seen.both[i, j] > 0
        if told or i in of:
            rows.append(
                Crossing(
                    before=model.ids[i],
                    before_name=model.names[i],
                    after=ids[j],
                    after_name="",
                    customers=round(float(seen.both[i, j])),
                    share_of_before=float(seen.into[i, j]),
                    share_of_after=float(seen.out_of[i, j]),
                    fate=fate if i in of else None,
                    why=why if i in of else NOTHING,
                )
            )
    left = follows.left.get(i)
    if left is not None and left[1] is None:
        rows.append(
            Crossing(model.ids[i], model.names[i], None, "", 0, None, None, left[0], left[2])
        )
    return rows


def _arrived(follows: Follows, seen: Overlap, ids: list[int], j: int) -> list[Crossing]:
    """Customers of a new segment who were in none."""
    fate, _, why = follows.fates[j]
    count = float(seen.sizes[j] - seen.both[:, j].sum())
    if fate != "born" and not count:
        return []
    share = count / max(float(seen.sizes[j]), 1)
    born = fate == "born"
    kind, reason = (fate, why) if born else (None, NOTHING)
    return [Crossing(None, "", ids[j], "", round(count), None, share, kind, reason)]


def _colours(model: Segmentation, follows: Follows, k: int) -> list[str]:
    """Each new segment's colour: that of the one it follows, or one that none had."""
    had = set(model.colours)
    free = (shade for shade in palette.colours(len(had) + k) if shade not in had)
    return [
        model.colours[follows.of_new[j]] if j in follows.of_new else next(free) for j in range(k)
    ]


def all_kept(
    before: Before, service: Service, why: Statement, places: Places, known: Ints | None
) -> Succession:
    """The succession where the old segments serve: each follows itself, and customers may move.

    `places` and `known` are as in `followed`.
    """
    model = before.model
    was, by_ids = _was(known, places)
    now = places.label.astype(np.int64)
    able = (was >= 0) & (now >= 0)
    both = shared(was[able], now[able], np.ones(int(able.sum())), (model.k, model.k))
    fate = say("fate-serves")
    pairs: Mapping[int, str] = dict(zip(model.ids, model.names, strict=True))
    return Succession(
        refitted=False,
        why=why,
        service=service,
        segments=tuple(SegmentFate(id, name, "kept", (id,), fate) for id, name in pairs.items()),
        crosswalk=tuple(_went(model, both, fate)),
        compared=len(places.label),
        by_ids=by_ids,
        last_id=before.last_id,
        table_before=before.table,
        model_before=before.model_id,
    )


def _went(model: Segmentation, both: Floats, fate: Statement) -> Iterator[Crossing]:
    """Who went from which segment to which, where each segment is what it was."""
    from_each, to_each = both.sum(axis=1), both.sum(axis=0)
    for i, j in zip(*np.nonzero(both + np.eye(model.k)), strict=True):
        count = float(both[i, j])
        yield Crossing(
            before=model.ids[i],
            before_name=model.names[i],
            after=model.ids[j],
            after_name=model.names[j],
            customers=round(count),
            share_of_before=count / max(float(from_each[i]), 1.0),
            share_of_after=count / max(float(to_each[j]), 1.0),
            fate="kept" if i == j else None,
            why=fate if i == j else NOTHING,
        )


def in_order_of(fit: Fit, order: Ints) -> Fit:
    """A fit with its segments in another order."""
    place = np.empty(len(order), dtype=np.int64)
    place[order] = np.arange(len(order))
    return replace(fit, centres=fit.centres[order], labels=place[fit.labels])
