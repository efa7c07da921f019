"""The kind of groups agrees with the figures of each segment."""

from __future__ import annotations

from dataclasses import replace

from shoal.analysis.stability.verdict import doubted
from shoal.sentences import say
from shoal.types import Choice, SegmentTrust, Structure, Trust


def agreed(choice: Choice, trust: Trust) -> tuple[Choice, Trust]:
    """What kind of groups these are, after each segment was examined.

    A kind that claims groups is a claim on all of them. Where some segment cannot be relied on to
    return, nothing is claimed, and the others are slices too.
    """
    lost = fallen(trust)
    if not choice.structure or not lost:
        return choice, trust
    why = say("k-unsteady", k=choice.k, asked=choice.asked, fallen=lost)
    second = choice.runner_up_why
    choice = replace(
        choice,
        structure=Structure.constructed,
        why=why,
        # Where these are slices, no gap lies between others "too".
        runner_up_why=None if second is None else say("runner-up-returns", **second.values),
    )
    return choice, replace(trust, segments=tuple(map(_as_a_slice, trust.segments)))


def fallen(trust: Trust) -> int:
    """How many segments cannot be relied on to return, not even with care."""
    return sum(s.verdict == "do not rely on it" for s in trust.segments)


def _as_a_slice(segment: SegmentTrust) -> SegmentTrust:
    verdict, why = doubted(segment.verdict, segment.why)
    return replace(segment, verdict=verdict, why=why)
