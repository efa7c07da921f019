"""What cannot be said together of one study: statements are codes with numbers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from shoal.types import Statement

GROUPS = ("natural", "reproducible")
SLICES = ("constructed", "none")


@dataclass(frozen=True)
class Told:
    """All that a study says of what was found, as codes with their values."""

    study: Any

    @cached_property
    def every(self) -> list[tuple[int, str, dict[str, Any]]]:
        """(segment, or 0 where it is said of all; code; values)"""
        return [(s, code, values) for s, each in self._said() for code, values in _whole(each)]

    def _said(self) -> Iterator[tuple[int, Any]]:
        study, answer = self.study, self.study.answer
        yield from ((0, each) for each in (answer.found, answer.basis, answer.cuts))
        yield from ((0, each) for each in (answer.verdicts, answer.reruns, study.choice.why))
        if study.choice.runner_up_why is not None:
            yield 0, study.choice.runner_up_why
        yield from ((f.values.get("segment", 0), f) for f in study.findings)
        yield from enumerate(answer.sure, 1)
        for portrait in study.portraits:
            action = portrait.action
            told = (*portrait.statements, *portrait.evidence, action.advice, action.reason)
            yield from ((portrait.segment, each) for each in told)

    def values(self, *codes: str, of: int | None = None) -> list[dict[str, Any]]:
        """What was said under these codes, of one segment or of all."""
        return [v for s, code, v in self.every if code in codes and of in (None, s)]

    @property
    def kind(self) -> str:
        said = [kind for kind in (*GROUPS, *SLICES) if self.values(f"found-{kind}")]
        assert len(said) == 1
        return said[0]


def _whole(said: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    """A statement or finding, and the statements inside it."""
    if said.code:
        yield said.code, dict(said.values)
    for value in said.values.values():
        if isinstance(value, Statement):
            yield from _whole(value)


# --- what cannot be said together -----------------------------------------------------------------


def claims_groups_that_fall_apart(told: Told) -> bool:
    return told.kind in GROUPS and bool(told.values("falls-apart", "segment-not-stable"))


def claims_gaps_where_many_stand(told: Told) -> bool:
    return any(v["near_border"] > 0.15 for v in told.values("basis-natural"))


def finds_none_and_groups(told: Told) -> bool:
    return told.kind in GROUPS and bool(told.values("no-natural-groups", "a-slice", "cuts-return"))


def acts_on_slices(told: Told) -> bool:
    return told.kind in SLICES and any(v["verdict"] == "act on it" for v in told.values("sure"))


def acts_on_what_is_seldom_found(told: Told) -> bool:
    found = [v for v in told.values("sure", "how-sure") if v["verdict"] == "act on it"]
    return any(_found_again(v) < 0.9 for v in found)


def _found_again(values: dict[str, Any]) -> float:
    """Of a verdict, or of the reason inside it."""
    if "found_again" in values:
        return float(values["found_again"])
    return _found_again(values["why"].values)


def slices_return_in_silence(told: Told) -> bool:
    again = [v["found_again"] for v in told.values("sure")]
    steady = bool(again) and min(again) >= 0.95
    return told.kind in SLICES and steady and not told.values("cuts-return")


def two_figures_of_one_name(told: Told) -> bool:
    """How often one segment is found again, and its verdict."""
    for s in range(1, told.study.k + 1):
        said = told.values("sure", "how-sure", of=s)
        if len({(v["verdict"], _found_again(v)) for v in said}) > 1:
            return True
    return False


def counts_do_not_add_up(told: Told) -> bool:
    counts = [sum(v.values()) for v in told.values("verdict-counts")]
    ks = [v["k"] for v in told.values(f"found-{told.kind}", f"k-{told.kind}", "k-unsteady")]
    return any(n != told.study.k for n in (*counts, *ks))


def falls_apart_and_returns(told: Told) -> bool:
    falls = told.values("falls-apart")
    comes = told.values("comes-back")
    return any(v["found_again"] >= 0.9 for v in falls) or any(v["found_again"] < 0.9 for v in comes)


def names_other_k_for_slices(told: Told) -> bool:
    return told.kind in SLICES and bool(told.values("several-k", "k-at-the-edge"))


def runner_up_returns_and_does_not(told: Told) -> bool:
    ks = {v["k"] for v in told.values("runner-up-returns", "runner-up-apart")}
    rows = [e for e in told.study.choice.evidence if e.k in ks]
    return told.study.k in ks or any(
        e.remark is not None and e.remark.code in ("does-not-return", "too-small") for e in rows
    )


def a_gap_too_where_none_is(told: Told) -> bool:
    return told.kind != "natural" and bool(told.values("runner-up-apart"))


def tries_first_what_is_sure(told: Told) -> bool:
    for s in range(1, told.study.k + 1):
        sure = any(v["verdict"] == "act on it" for v in told.values("sure", of=s))
        if sure and any(v["tried_first"] for v in told.values("play", of=s)):
            return True
    return False


def differs_and_is_like_everybody(told: Told) -> bool:
    pairs = (("differences", "like-everybody"), ("who-they-are", "who-unknown"))
    return any(
        told.values(one, of=s) and told.values(other, of=s)
        for s in range(1, told.study.k + 1)
        for one, other in pairs
    )


def misses_a_bar_that_it_reached(told: Told) -> bool:
    return any(v["low"] >= v["stable"] for v in told.values("worse-tenth")) or any(
        v["found_again"] >= v["sure"] for v in told.values("found-less")
    )


PAIRS: tuple[Callable[[Told], bool], ...] = (
    claims_groups_that_fall_apart,
    claims_gaps_where_many_stand,
    finds_none_and_groups,
    acts_on_slices,
    acts_on_what_is_seldom_found,
    slices_return_in_silence,
    two_figures_of_one_name,
    counts_do_not_add_up,
    falls_apart_and_returns,
    names_other_k_for_slices,
    runner_up_returns_and_does_not,
    a_gap_too_where_none_is,
    tries_first_what_is_sure,
    differs_and_is_like_everybody,
    misses_a_bar_that_it_reached,
)


def contradictions(study: Any) -> list[str]:
    told = Told(study)
    return [pair.__name__ for pair in PAIRS if pair(told)]
