"""The questions of a typing tool as one SQL statement."""

from __future__ import annotations

from typing import Protocol

from sqlglot import exp

from shoal.engine.made import own_columns
from shoal.scoring_sql.dialects import Dialect, check_names, dialect_of
from shoal.scoring_sql.expressions import (
    Sql,
    chosen,
    compare,
    every,
    lowest,
    name,
    named,
    number,
    total,
    whole,
)
from shoal.scoring_sql.made import known_number
from shoal.scoring_sql.questions import Question
from shoal.scoring_sql.written import rendered, table_of
from shoal.types import MadeColumn


class Tool(Protocol):
    """What a statement is made from: a TypingTool."""

    @property
    def segments(self) -> tuple[tuple[int, str], ...]:
        """Numbers and names."""

    @property
    def start(self) -> tuple[int, ...]:
        """Points beforehand."""

    @property
    def questions(self) -> tuple[Question, ...]:
        """What is asked."""

    @property
    def lead(self) -> int:
        """Points by which a segment must lead."""

    @property
    def made(self) -> tuple[MadeColumn, ...]:
        """Columns asked for that are made of others."""


def statement(tool: Tool, dialect: str, table: str, id_column: str | None) -> str:
    """Points of each answer, their sums, and the segment with the most where it leads enough."""
    spoken = dialect_of(dialect)
    read = own_columns((question.column for question in tool.questions), tool.made)
    keys = [id_column] if id_column else read
    check_names(spoken, [*dict.fromkeys([*keys, *read])])
    kept = [name(f"key{i}") for i in range(1, len(keys) + 1)]
    layers = {
        "shoal_answers": [named(name(key), f"key{i}") for i, key in enumerate(keys, 1)]
        + _answers(tool, spoken),
        "shoal_points": [*kept, *_points(tool)],
        "shoal_most": [*kept, *_most(len(tool.segments))],
    }
    shown = [named(each.copy(), key) for each, key in zip(kept, keys, strict=True)]
    source = table_of(table, spoken, "table")
    return rendered(spoken.in_layers(source, layers, [*shown, *_told(tool, spoken)]), spoken)


def _most(k: int) -> list[Sql]:
    """The sums, and which of them is lowest."""
    sums = [name(f"p{i}") for i in range(1, k + 1)]
    return [*sums, named(lowest(k, lambda i: name(f"p{i}")), "most")]


def _answers(tool: Tool, dialect: Dialect) -> list[Sql]:
    """The number of each answer, 0 for none."""
    return [named(_answer(tool, q, dialect), f"a{i}") for i, q in enumerate(tool.questions, 1)]


def _answer(tool: Tool, question: Question, dialect: Dialect) -> Sql:
    answers = question.answers
    if answers[0].word is not None:
        word = dialect.word_of(name(question.column))
        known = ((dialect.text(a.word or ""), whole(i)) for i, a in enumerate(answers, 1))
        return chosen(known, whole(0), of=word)
    x = known_number(question.column, tool.made, dialect, is_flag=question.yes_no)
    ways = [
        (compare(exp.LTE, x.copy(), number(a.high)), whole(i))
        for i, a in enumerate(answers, 1)
        if a.high is not None
    ]
    last = (compare(exp.GT, x.copy(), number(answers[-1].low or 0.0)), whole(len(answers)))
    return chosen([*ways, last], whole(0))


def _points(tool: Tool) -> list[Sql]:
    """The sum of points of each segment, below zero: the lowest is the one with the most."""
    return [named(_sum(tool, s), f"p{s + 1}") for s in range(len(tool.segments))]


def _sum(tool: Tool, segment: int) -> Sql:
    parts: list[Sql] = [_whole(-tool.start[segment])]
    for i, question in enumerate(tool.questions, 1):
        ways = [
            (whole(n), _whole(-answer.points[segment]))
            for n, answer in enumerate(question.answers, 1)
        ]
        parts.append(chosen(ways, whole(0), of=name(f"a{i}")))
    return total(parts)


def _whole(value: int) -> Sql:
    return whole(value) if value >= 0 else exp.Neg(this=whole(-value))


def _told(tool: Tool, dialect: Dialect) -> list[Sql]:
    numbers = [number for number, _ in tool.segments]
    names = [called for _, called in tool.segments]
    segment = chosen([(_leads(tool, i), whole(number)) for i, number in enumerate(numbers, 1)])
    called = chosen(
        [(_leads(tool, i), dialect.shown(each)) for i, each in enumerate(names, 1)],
        dialect.shown(""),
    )
    return [named(segment, "segment"), named(called, "name")]


def _leads(tool: Tool, i: int) -> Sql:
    """Whether a segment is the one with the most points, by enough."""
    k = len(tool.segments)
    others = [
        compare(
            exp.GTE,
            exp.Sub(this=name(f"p{j}"), expression=name(f"p{i}")),
            whole(tool.lead),
        )
        for j in range(1, k + 1)
        if j != i
    ]
    return every([compare(exp.EQ, name("most"), whole(i)), *others])
