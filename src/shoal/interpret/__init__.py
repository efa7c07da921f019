"""Portraits: what sets each segment apart, its name, its rule, what to do about it and what is at stake."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from shoal.engine.worker import Each, in_turn
from shoal.interpret.actions import Meaning, Money, action, meanings, money
from shoal.interpret.context import Context, make_views
from shoal.interpret.effects import Contrast, contrasts, traits
from shoal.interpret.insights import insights
from shoal.interpret.names import names
from shoal.interpret.playbook import load
from shoal.interpret.rules import rules
from shoal.types import (
    Floats,
    Ints,
    Profile,
    Rule,
    Sample,
    Segmentation,
    SegmentProfile,
    SegmentTotals,
    Trust,
)

__all__ = ["interpret"]

TYPICAL = 3


def interpret(
    *,
    segmentation: Segmentation,
    groups: SegmentTotals,
    sample: Sample,
    labels: Ints,
    distances: Floats,
    trust: Trust,
    profile: Profile,
    value: str | None,
    playbook: Path | None = None,
    each: Each = in_turn,
) -> tuple[SegmentProfile, ...]:
    """A portrait of each segment, in id order.

    Sizes, value and shares of flags and categories are those of all customers (`groups`); medians, quartiles, rules and
    typical customers are those of the sample, whose `labels` (m,) count segments from 0 and whose `distances` (m,) are to the
    own centre. `value` is the money column, if there is one; `playbook` a file that replaces the built-in plays; `each`
    shares the rules out, where there is somebody to share them with. Customers unlike anyone are counted where all are placed, not here.

    Nothing is left to chance: the halves that rules are made and measured on follow the order of the sample.

    Raises OptionError when the playbook cannot be read or understood.
    """
    book = load(playbook)
    views = make_views(profile, sample, segmentation, book, value)
    scene = Context(views, np.asarray(labels), groups, sample, segmentation, book, value)
    found = contrasts(scene)
    named = names(found)
    ruled = rules(scene, each)
    worth, known = money(scene), meanings(scene, found)
    return tuple(
        _portrait(scene, found, named[s], ruled[s], worth, known, trust, distances, s)
        for s in range(scene.k)
    )


def _portrait(
    scene: Context,
    found: tuple[Contrast, ...],
    named: tuple[str, tuple[str, ...]],
    rule: Rule,
    worth: Money | None,
    known: dict[str, Meaning],
    trust: Trust,
    distances: Floats,
    s: int,
) -> SegmentProfile:
    rows = scene.members[s]
    nearest = rows[np.argsort(distances[rows], kind="stable")[:TYPICAL]]
    return SegmentProfile(
        segment=s + 1,
        name=named[0],
        size=int(scene.groups.sizes[s]),
        share=float(scene.groups.sizes[s] / max(int(scene.groups.sizes.sum()), 1)),
        value_sum=float(worth.sums[s]) if worth else None,
        value_share=float(worth.shares[s]) if worth and worth.shares is not None else None,
        value_mean=float(worth.means[s]) if worth else None,
        traits=traits(found, s),
        name_evidence=named[1],
        rule=rule,
        typical=tuple(int(r) for r in nearest),
        typical_ids=_ids(scene, nearest),
        insights=insights(scene, found, worth, trust, s),
        action=action(scene, known, worth, trust, s),
    )


def _ids(scene: Context, rows: Ints) -> tuple[str, ...]:
    column = scene.segmentation.id_column
    if column is None or column not in scene.sample.rows.column_names:
        return ()
    return tuple(str(x) for x in scene.sample.rows[column].take(rows).to_pylist())
