"""The few shapes of SQL that scoring is made of, as expressions of sqlglot."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import reduce
from typing import Any

from sqlglot import exp

Sql = exp.Expression


def name(text: str) -> exp.Column:
    """A column by its name, which is always quoted."""
    return exp.Column(this=exp.to_identifier(text, quoted=True))


def number(value: float) -> Sql:
    """A double, with all its digits, that no dialect takes for a decimal.

    >>> number(0.1).sql(), number(-2.0).sql(), number(1e-7).sql()
    ('0.1e0', '-2.0e0', '1e-07')
    """
    digits = repr(abs(float(value)))
    literal = exp.Literal.number(digits if "e" in digits else f"{digits}e0")
    return exp.Neg(this=literal) if value < 0 else literal


def whole(value: int) -> Sql:
    """A whole number."""
    return exp.Literal.number(value)


def shifted(left: Sql, by: float) -> Sql:
    """left + by, as short as it can be written without another result.

    >>> shifted(name("x"), -2.5).sql(), shifted(name("x"), 0.0).sql()
    ('"x" - 2.5e0', '"x"')
    """
    if by == 0:
        return left
    kind = exp.Add if by > 0 else exp.Sub
    return kind(this=left, expression=number(abs(by)))


def scaled(left: Sql, by: float) -> Sql:
    """left * by, of a sum or a column."""
    return left if by == 1 else exp.Mul(this=bracketed(left), expression=number(by))


def bracketed(inside: Sql) -> Sql:
    """In brackets, where it is no plain name or call."""
    return exp.Paren(this=inside) if isinstance(inside, exp.Binary | exp.Neg) else inside


def product(left: Sql, right: Sql) -> Sql:
    """left * right."""
    return exp.Mul(this=bracketed(left), expression=bracketed(right))


def quotient(left: Sql, right: Sql) -> Sql:
    """left / right, of which one must be a double: some dialects divide whole numbers otherwise."""
    return exp.Div(this=bracketed(left), expression=bracketed(right))


def floor(inside: Sql) -> Sql:
    """The next lower whole number."""
    return exp.Floor(this=inside)


def total(parts: Sequence[Sql]) -> Sql:
    """The sum from left to right, as doubles are added up elsewhere."""
    return reduce(lambda left, right: exp.Add(this=left, expression=right), parts)


def difference(left: Sql, right: Sql) -> Sql:
    """left - right."""
    return exp.Sub(this=left, expression=bracketed(right))


def compare(kind: Callable[..., Sql], left: Sql, right: Sql) -> Sql:
    """A comparison, such as `compare(exp.LT, a, b)`."""
    return kind(this=left, expression=right)


def is_known(inside: Sql) -> Sql:
    """Whether there is a value."""
    return exp.Not(this=exp.Is(this=inside, expression=exp.Null()))


def every(conditions: Iterable[Sql]) -> Sql:
    """All of them; there is one at least."""
    return reduce(lambda left, right: exp.And(this=left, expression=right), conditions)


def either(conditions: Iterable[Sql]) -> Sql:
    """One of them; there is one at least."""
    return reduce(lambda left, right: exp.Or(this=left, expression=right), conditions)


def chosen(
    ways: Iterable[tuple[Sql, Sql]], otherwise: Sql | None = None, of: Sql | None = None
) -> Sql:
    """CASE (of) WHEN … THEN … for each way, ELSE otherwise (nothing: NULL)."""
    whens = [exp.If(this=when, true=then) for when, then in ways]
    return exp.Case(this=of, ifs=whens, default=otherwise)


def by_number(of: Sql, ways: Iterable[Sql]) -> Sql:
    """The first way where `of` is 1, the second where it is 2 …"""
    return chosen(((whole(i), way) for i, way in enumerate(ways, 1)), of=of)


def yes_no(condition: Sql) -> Sql:
    """1 where a condition holds, else 0."""
    return chosen([(condition, whole(1))], whole(0))


def between(low: float, x: Sql, high: float) -> Sql:
    """low <= x <= high."""
    return every([compare(exp.GTE, x, number(low)), compare(exp.LTE, x.copy(), number(high))])


def lowest(count: int, of: Callable[[int], Sql]) -> Sql:
    """Which of these, counted from 1, is lowest; of equal ones the first."""
    ways = [
        (every(compare(exp.LTE, of(i), of(j)) for j in range(i + 1, count + 1)), whole(i))
        for i in range(1, count)
    ]
    return chosen(ways, whole(count)) if ways else whole(1)


def named(inside: Sql, alias: str) -> exp.Alias:
    """An expression under a name, which is always quoted."""
    return exp.Alias(this=inside, alias=exp.to_identifier(alias, quoted=True))


def function(called: str, *arguments: Any) -> Sql:
    """A call that sqlglot has no word of its own for."""
    return exp.Anonymous(this=called, expressions=list(arguments))
