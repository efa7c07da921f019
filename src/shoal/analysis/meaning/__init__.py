"""What every column stands for: from its header, its values and the columns beside it.

What is not certain is unknown: it is never sorted into money, a direction or an id.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from shoal.analysis.meaning.header import Header, read_header
from shoal.analysis.meaning.ids import Place, guess_id, identity, names_an_id
from shoal.analysis.meaning.neighbours import beside_each_other
from shoal.analysis.meaning.persons import beside_names, names_persons
from shoal.analysis.meaning.rules import rule_for, words_that_led
from shoal.sentences import say
from shoal.types import Column, Confidence, Meaning, Sample, Statement

__all__ = ["guess_id", "names_an_id", "with_meanings"]

_NO_DIRECTION = ("id", "order_id", "row_number", "contact", "text", "old_label", "date", "code")


def with_meanings(
    columns: Sequence[Column], sample: Sample, id_column: str | None
) -> tuple[Column, ...]:
    """The columns with meaning, aspect, direction, confidence and the reason for them.

    `id_column` is the one whose name says that it tells customers apart, if there is one.
    """
    known = []
    for place, column in enumerate(columns):
        found = _by_itself(column, read_header(column.name), id_column, place == 0)
        if found.meaning == "id" and id_column is None:
            id_column = column.name
        known.append(found)
    with_neighbours = beside_names(beside_each_other(tuple(known), sample), sample)
    return tuple(map(_settled, with_neighbours))


def _by_itself(column: Column, header: Header, id_column: str | None, first: bool) -> Column:
    if column.distinct <= 1:
        return _with(column, "constant", "sure", say("meaning-constant"))
    found = identity(Place(column, header, id_column, first))
    if found is not None:
        return _with(column, found[0], "sure", found[1])
    if names_persons(column, header):
        return _with(column, "contact", "sure", say("meaning-persons"))
    rule = rule_for(header, column)
    if rule is None:
        return replace(column, meaning_reason=say("meaning-unknown"))
    led = words_that_led(rule, header)
    code = "meaning-by-name" if led else "meaning-by-cells"
    return replace(
        column,
        meaning=rule.meaning,
        aspect=rule.aspect,
        direction=rule.direction,
        confidence="sure" if rule.sure else "likely",
        meaning_reason=say(code, meaning=rule.meaning, aspect=rule.aspect, words=led),
    )


def _with(column: Column, meaning: Meaning, confidence: Confidence, reason: Statement) -> Column:
    return replace(column, meaning=meaning, confidence=confidence, meaning_reason=reason)


def _settled(column: Column) -> Column:
    """A column of which nothing can be good or bad has no direction."""
    if column.direction == "unknown" and column.meaning in _NO_DIRECTION:
        return replace(column, direction="none")
    return column
