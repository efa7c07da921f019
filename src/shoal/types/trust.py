"""How far to believe the segmentation, and each segment: kinds of groups, verdicts, shares."""

from __future__ import annotations

import enum
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal, get_args

from shoal.types.profile import Floats, Statement
from shoal.types.shown import Shown


class Structure(enum.StrEnum):
    """What kind of groups these are (Dolnicar, Grün & Leisch, Market Segmentation Analysis, 2018).

    False in a condition when there are no groups to speak of (constructed, none).
    """

    natural = "natural"  # clearly separated groups
    # Not all clearly separated, but the same groups return on resampled customers.
    reproducible = "reproducible"
    constructed = "constructed"  # neither: slices through a continuum
    none = "none"  # not to be told from a copy of the table without structure

    @property
    def groups(self) -> str:
        """The same in two or three words."""
        return "no groups found" if self is Structure.none else f"{self.value} groups"

    def __bool__(self) -> bool:
        return self in (Structure.natural, Structure.reproducible)


Verdict = Literal["act on it", "use with care", "do not rely on it"]


@dataclass(frozen=True)
class SegmentTrust:
    """How far to believe one segment."""

    segment: int  # its id, from 1
    # mean bootstrap Jaccard similarity (Hennig 2007): .5 dissolved · .6 doubtful · .75 a pattern ·
    # .85 stable
    jaccard: float
    jaccard_low: float  # its 10 % quantile over the resamples
    recovered: float  # share of resamples in which it came back with Jaccard >= .75
    dissolved: float  # share of resamples in which it fell to Jaccard <= .5
    within: float  # segment level stability within solutions (Dolnicar & Leisch 2017)
    border_share: float  # share of its customers nearly as close to another segment
    silhouette: float
    nearest: int  # the id of the neighbouring segment
    verdict: Verdict
    why: Statement
    # Share of other tables of this size in which it would be found again (Jaccard >= .75).
    found_again: float = float("nan")

    @property
    def reason(self) -> str:
        """Why this verdict, with the numbers."""
        return str(self.why)


@dataclass(frozen=True)
class KFlow:
    """How segments of one k fall apart into those of the next: counts over the sample."""

    k_from: int
    k_to: int
    counts: tuple[tuple[int, ...], ...]  # (k_from, k_to)


@dataclass(frozen=True)
class Trust(Shown):
    """How far to believe the segmentation, found on resampled customers of the sample."""

    segments: tuple[SegmentTrust, ...]
    resamples: int
    sample_size: int
    # (m,) for each customer of the sample, share of resamples that put it into its segment
    agreement: Floats
    flows: tuple[KFlow, ...] = ()
    # (k,) segment level stability across solutions (entropy based), 1 = appears unchanged.
    across: Floats | None = None
    how: Statement | None = None  # it was found, on how many

    def __repr__(self) -> str:
        told = _verdicts([s.verdict for s in self.segments])
        return f"<shoal.Trust of {len(self.segments)} segments: {told}>"

    @property
    def stated(self) -> str:
        """In words: how it was found, on how many."""
        return str(self.how or "")

    def numbered(self, ids: tuple[int, ...]) -> Trust:
        """The same of segments that have these ids in place of 1 to k."""
        segments = (
            replace(each, segment=ids[each.segment - 1], nearest=ids[each.nearest - 1])
            for each in self.segments
        )
        return replace(self, segments=tuple(segments))


@dataclass(frozen=True)
class SegmentReliability:
    """How far to believe one segment: all that is said of it, wherever it is said."""

    segment: int  # its id, from 1
    share: float  # of all customers
    found_again: float  # share of other tables of this size in which it returns; NaN: not tried
    near_border: float  # share of its customers nearly as close to another segment
    verdict: Verdict


@dataclass(frozen=True)
class Reliability(Shown):
    """How far to believe the segmentation: the one table of facts that every output speaks from."""

    kind: Structure
    k: int
    asked: bool  # the user set k
    segments: tuple[SegmentReliability, ...]  # in id order; empty where nothing was examined
    reruns: tuple[tuple[int, int], ...] = ()  # k that re-runs chose, and how many of them did

    def __repr__(self) -> str:
        told = _verdicts([s.verdict for s in self.segments])
        return f"<shoal.Reliability of {self.k} segments ({self.kind.groups}): {told}>"

    @property
    def near_border(self) -> float:
        """Share of all customers who stand near a border."""
        return sum(s.share * s.near_border for s in self.segments)

    @property
    def lowest(self) -> float:
        """How often the segment is found again that is found again least; NaN: not tried."""
        return min((s.found_again for s in self.segments), default=float("nan"))

    @property
    def highest(self) -> float:
        """How often the segment is found again that is found again most; NaN: not tried."""
        return max((s.found_again for s in self.segments), default=float("nan"))

    def of(self, verdict: Verdict) -> int:
        """How many segments have this verdict."""
        return sum(s.verdict == verdict for s in self.segments)


def _verdicts(given: Sequence[Verdict]) -> str:
    """How many have which verdict, in words."""
    counts = ((given.count(each), each) for each in get_args(Verdict))
    return ", ".join(f"{n} {each}" for n, each in counts if n) or "not examined"
