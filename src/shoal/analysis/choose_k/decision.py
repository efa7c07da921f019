"""Which k is taken, and what kind of segments these are (docs/decisions/choosing-k.md)."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from functools import partial

import numpy as np

from shoal.analysis.choose_k.along import run_together
from shoal.analysis.choose_k.evidence import HOLDS, JudgedOn, Seen, gather
from shoal.analysis.choose_k.held_out import stands
from shoal.analysis.choose_k.null_model import BEYOND_CHANCE, falls_apart
from shoal.analysis.choose_k.resampling import RETURNS
from shoal.analysis.choose_k.separation import DEEP, columns_with_gaps, gaps, inside
from shoal.analysis.kmeans.split import split_segment
from shoal.engine.worker import Each
from shoal.sentences import say
from shoal.stats.agreement import jaccard, shared
from shoal.types import Choice, Evidence, Fit, Points, Statement, Structure

PREDICTED = 0.25  # prediction strength below which a gap is an accident of this sample
NEARLY = 1.05  # times the least inertia that a solution led to by a gap may have
ALIKE = 0.9  # Jaccard of segments that are the same, but for a few customers on a border
SURE_JACCARD = 0.8  # bootstrap Jaccard of segments that surely come back
SURE_PREDICTED = 0.7  # prediction strength of segments that surely come back
MANY = 6  # segments beyond which prediction strength must reach its published bar
STRONG = 0.8  # that bar (Tibshirani & Walther 2005)
MOST_SLICES = 5  # where nothing speaks for a number, few enough to remember
TIED = 0.07  # means of eight resamples that differ by less do so by chance: the fewest are taken
TWICE = 2  # numbers of segments that must be tighter: one of nine may be so by chance
FEW_STEPS = 3  # different values of a column up to which gaps between them tell nothing


def decide(seen: Seen, judged_on: JudgedOn, asked: int | None, each: Each) -> Choice:
    """The choice among all k, or the judgement on the one that was asked for."""
    evidence, points = seen.evidence, judged_on.points
    apart = [] if is_lattice(points) else _confirmed(seen, judged_on, each)
    usable = _usable(seen)
    steady = [k for k in usable if _steady(evidence[k])]
    found = _pick(evidence, apart, steady, usable)
    if asked is None:
        pick = found
        structure = _structure(evidence, apart, steady, usable)
    else:
        pick = asked
        structure = _structure(
            evidence,
            [k for k in apart if k == asked],
            [k for k in [asked] if _steady(evidence[k])],
            [asked],
        )
    if structure is Structure.natural and not _natural(pick, seen, judged_on, each):
        structure = Structure.reproducible
    together = points.matrix.shape[1] > 1  # one column alone is all columns together
    alone = columns_with_gaps(points) if together and not structure else ()
    if alone:
        structure = Structure.constructed
    gaps_too = _deep(apart, seen) if structure is Structure.natural else ()
    others = apart or _firm(evidence, steady)
    defensible = {pick, *(k for k in others if (evidence[k].worst_jaccard or 0) >= HOLDS)}
    runner_up = max(defensible - {pick}, default=None)
    return Choice(
        k=pick,
        structure=structure,
        why=say(_reason(structure, alone), k=pick, asked=asked is not None),
        alone=alone,
        runner_up=runner_up,
        runner_up_why=None if runner_up is None else _speaks_for(evidence[runner_up], gaps_too),
        evidence=tuple(evidence.values()),
        asked=asked is not None,
        sample_size=int(points.weights.sum()),
        fits=seen.fits,
        defensible=tuple(sorted(defensible)),
        unasked=found,
    )


def _reason(structure: Structure, alone: Sequence[int]) -> str:
    """The code of what speaks for the pick."""
    return "k-drowned" if alone else f"k-{structure.value}"


def follow_gaps(seen: Seen, judged_on: JudgedOn, each: Each) -> Seen:
    """From the largest k with a gap between all neighbours to the next, by a gap inside one.

    The least inertia at the next k may cut a crowd along a column that tells nobody apart, and
    leave two groups in one. Columns in steps lead nowhere: between one order and two lies nothing,
    and on a scale of ratios that looks wide.
    """
    while apart := _apart(seen):
        more = _one_more(seen, max(apart), judged_on, each)
        if more is None:
            break
        seen = more
    return seen


def _one_more(seen: Seen, k: int, judged_on: JudgedOn, each: Each) -> Seen | None:
    """What was seen, with the solution of k + 1 that a gap inside a segment of k leads to.

    None where none holds.
    """
    if k + 1 not in seen.between:
        return None
    fit = _parted(seen.fits[k], judged_on, each, between_steps=False)
    if fit is None:
        return None
    between = gaps(fit, judged_on.crowd)
    if not between.clear or fit.inertia > NEARLY * seen.fits[k + 1].inertia:
        return None
    more = seen.replaced(fit, between, gather(judged_on, fit, between))
    holds = k + 1 in _apart(more) and _sure(more.evidence[k + 1])
    return more if holds else None


def led_by_gap(fit: Fit, choice: Choice, judged_on: JudgedOn, each: Each) -> Fit | None:
    """The chosen solution as the one that a gap inside one of k - 1 leads to; None where it is not.

    On other customers the least inertia may cut a crowd where a column spreads widely, and the gap
    still leads to these segments: then they are searched again in that way.
    """
    fewer, points = choice.fits.get(choice.k - 1), judged_on.points
    if fewer is None or choice.k <= 2 or fit.within is not None:
        return None
    led = _parted(fewer, judged_on, each, between_steps=False)
    if led is None:
        return None
    both = shared(led.labels, fit.labels, points.weights, (choice.k, choice.k))
    same = float(jaccard(both).max(axis=1).min()) >= ALIKE
    return dataclasses.replace(fit, within=fewer) if same else None


def surely_return(choice: Choice) -> bool:
    """Whether gaps lie between the segments, or they come back beyond doubt."""
    seen = next(each for each in choice.evidence if each.k == choice.k)
    natural = choice.structure is Structure.natural
    return natural or (choice.structure is Structure.reproducible and _is_firm(seen))


def in_place_of(choice: Choice, fewer: Choice, lost: int) -> Choice:
    """Fewer segments, all of which return, in place of a choice of which so many do not.

    What was seen of every number of segments is told all the same.
    """
    most = max(each.k for each in fewer.evidence)
    code = f"{_reason(fewer.structure, ())}-fewer"
    return dataclasses.replace(
        fewer,
        why=say(code, k=fewer.k, asked=False, more=choice.k, lost=lost),
        evidence=(*fewer.evidence, *(each for each in choice.evidence if each.k > most)),
        fits={**choice.fits, **fewer.fits},
    )


def is_lattice(points: Points) -> bool:
    """Whether most columns are yes and no, or three steps.

    Customers stand on few spots then, and gaps between spots are gaps for anybody.
    """
    few = [len(np.unique(column)) <= FEW_STEPS for column in points.matrix.T]
    return bool(np.mean(few) > 0.5)


def _usable(seen: Seen) -> list[int]:
    return [k for k in seen.between if seen.evidence[k].allowed] or [min(seen.between)]


def _apart(seen: Seen) -> list[int]:
    """The k whose segments are all clearly apart, and above those where nothing speaks against."""
    whole = [k for k in _usable(seen) if _whole(seen.evidence[k])]
    clear = [k for k in whole if seen.between[k].clear]
    return clear + [k for k in whole if clear and k > max(clear) and seen.between[k].likely]


def _deep(apart: Sequence[int], seen: Seen) -> list[int]:
    """Of these k those with deep gaps, which may be spoken of."""
    return [k for k in apart if seen.between[k].clear]


def _confirmed(seen: Seen, judged_on: JudgedOn, each: Each) -> list[int]:
    """Of the k whose segments are all apart those whose gaps others see, and copies do not show."""
    tried = _apart(seen)
    kept = each(partial(_is_confirmed, seen, judged_on), tried)
    return [k for k, keep in zip(tried, kept, strict=True) if keep]


def _is_confirmed(seen: Seen, judged_on: JudgedOn, k: int) -> bool:
    if not stands(judged_on.points, judged_on.crowd, seen.fits[k], judged_on.seed):
        return False
    if k not in seen.copied or _beyond_chance(seen.evidence[k]):
        return True
    return not falls_apart(judged_on.copies, seen.copied[k], judged_on.seed)


def _natural(k: int, seen: Seen, judged_on: JudgedOn, each: Each) -> bool:
    """Whether segments with gaps between them are natural.

    The gaps are deep, the segments surely come back, are apart along the data as well, and have no
    gap inside.
    """
    if not seen.between[k].clear or (seen.evidence[k].worst_jaccard or 0) < SURE_JACCARD:
        return False
    fit, crowd = seen.fits[k], judged_on.crowd
    return not run_together(fit, crowd, judged_on.seed) and not _gap_inside(fit, judged_on, each)


def _gap_inside(fit: Fit, judged_on: JudgedOn, each: Each) -> bool:
    """Whether one of the segments falls apart, for others as well."""
    split = _parted(fit, judged_on, each)
    if split is None:
        return False
    return stands(judged_on.points, judged_on.crowd, split, judged_on.seed, depth=DEEP)


def _parted(fit: Fit, judged_on: JudgedOn, each: Each, *, between_steps: bool = True) -> Fit | None:
    """The solution of k + 1 that the clearest gap inside a segment leads to; None without a gap."""
    points = judged_on.points
    found = inside(fit, judged_on.crowd, judged_on.seed, between_steps=between_steps, each=each)
    if not found:
        return None
    gap = found[0]
    return split_segment(points.matrix, points.weights, fit, gap.segment, gap.halves)


def _whole(evidence: Evidence) -> bool:
    """No gap is an accident of this sample: it is one below either bar."""
    returned = (evidence.worst_jaccard or 0) >= RETURNS
    predicted = (evidence.prediction_strength or 0) >= PREDICTED
    return returned and predicted


def _beyond_chance(evidence: Evidence) -> bool:
    return (evidence.reference_gap or 0) >= BEYOND_CHANCE


def _sure(evidence: Evidence) -> bool:
    """All segments surely come back, and are tighter than chance makes them."""
    return (evidence.worst_jaccard or 0) >= SURE_JACCARD and _beyond_chance(evidence)


def _steady(evidence: Evidence) -> bool:
    """All segments come back, and are tighter than chance makes them.

    Many must do so beyond doubt.
    """
    if not _beyond_chance(evidence):
        return False
    if evidence.k > MANY:
        return _is_firm(evidence)
    return (evidence.worst_jaccard or 0) >= HOLDS


def _firm(evidence: dict[int, Evidence], steady: Sequence[int]) -> list[int]:
    """Of the k whose segments come back, those that do so beyond doubt.

    Many segments must do so the more.
    """
    return [k for k in steady if _is_firm(evidence[k])]


def _is_firm(evidence: Evidence) -> bool:
    bar = SURE_PREDICTED if evidence.k <= MANY else STRONG
    return (evidence.worst_jaccard or 0) >= SURE_JACCARD and (
        evidence.prediction_strength or 0
    ) >= bar


def _pick(
    evidence: dict[int, Evidence],
    apart: Sequence[int],
    steady: Sequence[int],
    usable: Sequence[int],
) -> int:
    if apart:
        return max(apart)
    if steady:
        return _most_that_come_back(evidence, steady)
    few = [k for k in usable if 3 <= k <= MOST_SLICES] or usable[:1]
    return _fewest_tied({k: evidence[k].stability or 0 for k in few})


def _most_that_come_back(evidence: dict[int, Evidence], steady: Sequence[int]) -> int:
    """The most segments that surely come back.

    Where none do, the handful whose weakest comes back best, or about as well.
    """
    firm = _firm(evidence, steady)
    if firm:
        return max(firm)
    few = [k for k in steady if 3 <= k <= MANY] or steady[:1]
    return _fewest_tied({k: evidence[k].worst_jaccard or 0 for k in few})


def _fewest_tied(figures: Mapping[int, float]) -> int:
    """The least k whose figure is as good as the best, so that a tenth of the rows changes little.

    The best alone is another one on other resamples.
    """
    bar = max(figures.values()) - TIED
    return min(k for k, figure in figures.items() if figure >= bar)


def _structure(
    evidence: dict[int, Evidence],
    apart: Sequence[int],
    steady: Sequence[int],
    usable: Sequence[int],
) -> Structure:
    """What kind of segments there are among these k."""
    if apart:
        return Structure.natural
    if steady:
        return Structure.reproducible
    tighter = sum(_beyond_chance(evidence[k]) for k in usable)
    return Structure.constructed if tighter >= min(TWICE, len(usable)) else Structure.none


def _speaks_for(evidence: Evidence, apart: Sequence[int]) -> Statement:
    code = "runner-up-apart" if evidence.k in apart else "runner-up-returns"
    return say(code, k=evidence.k, jaccard=evidence.worst_jaccard or 0)
