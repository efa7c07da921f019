"""The short version: the segments' rules, of which the first that holds decides."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import msgspec
from sqlglot import exp

from shoal.errors import InputError
from shoal.scoring_sql.dialects import check_names
from shoal.scoring_sql.expressions import (
    Sql,
    chosen,
    compare,
    every,
    name,
    named,
    number,
    whole,
)
from shoal.scoring_sql.statement import Scoring, number_of_column
from shoal.sentences import say
from shoal.types import Condition, Feature, Statement

TESTS: dict[str, Callable[..., Sql]] = {">=": exp.GTE, "<=": exp.LTE, "==": exp.EQ, "!=": exp.NEQ}


class OneRule(msgspec.Struct, frozen=True):
    """Who is in a segment, by its number."""

    segment: int
    conditions: tuple[Condition, ...]


class RuleList(msgspec.Struct, frozen=True):
    """The rules in the order in which they decide, and how they did on customers."""

    order: tuple[OneRule, ...]
    customers: int
    held_out: bool
    agree: float
    none: float

    @property
    def measured(self) -> Statement:
        """How far they do what `assign` does, in words."""
        return say(
            "rules-agree",
            agree=self.agree,
            none=self.none,
            customers=self.customers,
            held_out=self.held_out,
        )


def rules_of(about: Mapping[str, Any]) -> RuleList:
    """What a model has noted of its rules. Raises InputError where there are none."""
    if "rules" not in about:
        raise InputError(
            "The model holds no rules: an older shoal wrote it. Segment again to have them."
        )
    try:
        return msgspec.convert(about["rules"], RuleList)
    except msgspec.ValidationError as error:
        raise InputError(f"The rules in the model are damaged ({error}). Segment again.") from None


def select_by_rules(scoring: Scoring, rules: RuleList) -> exp.Select:
    """Key, segment and name of each row; neither where no rule holds."""
    read = [c.column for rule in rules.order for c in rule.conditions]
    check_names(scoring.dialect, [*dict.fromkeys(read)])
    segment = chosen([(_all(scoring, rule), whole(rule.segment)) for rule in rules.order])
    keys = [named(name(column), called) for column, called in scoring.keys.items()]
    by_rules = {"shoal_rules": [*keys, named(segment, "segment")]}
    names = dict(zip(scoring.model.ids, scoring.model.names, strict=True))
    ways = [(whole(i), scoring.dialect.shown(called)) for i, called in names.items()]
    told = chosen(ways, scoring.dialect.shown(""), of=name("segment"))
    shown = [*(name(called) for called in scoring.keys.values()), name("segment")]
    return scoring.dialect.in_layers(scoring.table, by_rules, [*shown, named(told, "name")])


def _all(scoring: Scoring, rule: OneRule) -> Sql:
    if not rule.conditions:
        return compare(exp.EQ, whole(1), whole(1))
    return every(_test(scoring, condition) for condition in rule.conditions)


def _test(scoring: Scoring, condition: Condition) -> Sql:
    dialect, value = scoring.dialect, condition.value
    if isinstance(value, str):
        column = dialect.word_of(name(condition.column))
        return compare(TESTS[condition.op], column, dialect.text(value))
    feature = _feature(scoring, condition.column)
    x = number_of_column(scoring, feature)
    known = x if feature.never is None else exp.Nullif(this=x, expression=number(feature.never))
    return compare(TESTS[condition.op], known, number(value))


def _feature(scoring: Scoring, column: str) -> Feature:
    features = {each.column: each for each in scoring.model.recipe.features}
    return features.get(column) or Feature(column=column, kind="number", fill=0.0)
