"""The segments' rules as one list, of which the first that holds decides, beside `assign`."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from shoal.stats.distribution import numbers
from shoal.types import Bools, Condition, Facts, Ints
from shoal.types.plain_json import as_json

NONE = -1  # no rule holds


def rule_list(facts: Facts) -> dict[str, Any]:
    """The rules in the order in which they decide, and how often they say the same as `assign`.

    The order, by the precision of each, is found on the half of the sample that rules are made
    from; the shares are those of the other half.
    """
    labels, rules = facts.labels, [p.rule for p in facts.portraits]
    members = [np.flatnonzero(labels == s) for s in range(len(rules))]
    meets = [_meets(facts, rule.conditions) for rule in rules]
    learn, test = (np.concatenate([rows[start::2] for rows in members]) for start in (0, 1))
    order = sorted(range(len(rules)), key=lambda s: -_precision(meets[s], labels == s, learn))
    told = _first(meets, order)[test]
    known = labels[test]
    return {
        "order": [
            {"segment": facts.segmentation.ids[s], "conditions": as_json(rules[s].conditions)}
            for s in order
        ],
        "customers": len(test),
        "held_out": all(rule.held_out for rule in rules),
        "agree": float((told == known).mean()) if len(test) else 0.0,
        "none": float((told == NONE).mean()) if len(test) else 1.0,
    }


def _precision(meets: Bools, wanted: Bools, rows: Ints) -> float:
    caught = meets[rows]
    return float(wanted[rows][caught].mean()) if caught.any() else 0.0


def _first(meets: list[Bools], order: list[int]) -> Ints:
    told = np.full(len(meets[0]), NONE, dtype=np.int64)
    for s in reversed(order):
        told[meets[s]] = s
    return told


def _meets(facts: Facts, conditions: tuple[Condition, ...]) -> Bools:
    """Which customers of the sample meet all conditions; of a missing value none is met."""
    inside = np.ones(len(facts.labels), dtype=bool)
    for condition in conditions:
        inside &= _met(facts, condition)
    return inside


def _met(facts: Facts, condition: Condition) -> Bools:
    column = facts.sample.rows[condition.column]
    if isinstance(condition.value, str):
        text = column.cast(pa.string())
        test = pc.equal if condition.op == "==" else pc.not_equal
        return np.asarray(test(text, condition.value).fill_null(False))
    never = facts.profile.never.get(condition.column)
    x = numbers(column)
    known = np.isfinite(x) & (True if never is None else x != never)
    tests = {">=": np.greater_equal, "<=": np.less_equal, "==": np.equal, "!=": np.not_equal}
    return np.asarray(known & tests[condition.op](x, condition.value))
