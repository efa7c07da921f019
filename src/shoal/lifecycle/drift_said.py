"""Comparison → its sentences: the verdict first, then every shift that speaks for it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from shoal.sentences import say
from shoal.sentences.drift import DISTANCES, SHARES
from shoal.types import ColumnShift, Comparison, DriftState, Statement


def told(found: Comparison, least: int) -> Comparison:
    """The same with its verdict in words; counts of fewer than the least are not said."""
    state: DriftState = "drift" if found.alarm else "unsure"
    things = list(_things(found, state))
    reasons = list(_reasons(found, state, least)) if things else []
    small = list(_things(found, "small"))
    if small:
        reasons.append(say("drift-small", what=small))
    return replace(found, summary=_summary(found, things), reasons=tuple(reasons))


def _summary(found: Comparison, things: list[str]) -> Statement:
    sizes = {"before": found.customers_before, "after": found.customers_after}
    if found.alarm:
        return say("drift-found", what=things)
    return say("drift-unsure", what=things, **sizes) if things else say("drift-none", **sizes)


def _things(found: Comparison, state: DriftState) -> Iterator[str]:
    """What is in this state, by its name."""
    yield from (f'"{column.name}"' for column in found.columns if column.worst == state)
    if found.segments_state == state:
        yield SHARES
    if found.farther.state == state:
        yield DISTANCES
    if found.unlike_anyone.state == state:
        yield "the share of those unlike anyone"


def _reasons(found: Comparison, state: DriftState, least: int) -> Iterator[Statement]:
    """One sentence for each shift in this state."""
    for column in found.columns:
        yield from _of_column(column, state, least)
    if found.segments_state == state:
        most = max(found.segments, key=lambda each: abs(each.share_after - each.share_before))
        shares = {"before": most.share_before, "after": most.share_after}
        moved = found.segments_moved
        yield say("drift-segments", moved=moved, segment=most.id, name=most.name, **shares)
    for code, shift in (("drift-farther", found.farther), ("drift-unlike", found.unlike_anyone)):
        if shift.state == state:
            yield say(code, before=shift.before, after=shift.after)


def _of_column(column: ColumnShift, state: DriftState, least: int) -> Iterator[Statement]:
    name = column.name
    if column.state == state:
        yield _shifted(column, least)
    if column.missing_state == state:
        shares = {"before": column.missing_before, "after": column.missing_after}
        yield say("drift-missing", column=name, **shares)
    if column.words_state == state:
        share = column.new_word_share
        yield say("drift-new-words", column=name, share=share, words=column.new_words, least=least)


def _shifted(column: ColumnShift, least: int) -> Statement:
    if column.psi is None:
        return say("drift-few", column=column.name, least=least)
    index = {"psi": column.psi, "psi_usual": column.usual.psi}
    if column.wasserstein is None:
        return say("drift-words", column=column.name, **index)
    return say(
        "drift-numbers",
        column=column.name,
        moved=column.wasserstein,
        moved_usual=column.usual.wasserstein,
        before=column.mean_before,
        after=column.mean_after,
        times=column.times,
        **index,
    )
