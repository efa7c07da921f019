"""Guessing what each column is for, from its name and its values. A guess always comes with its reason."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from shoal.errors import OptionError, did_you_mean
from shoal.options import RoleOverrides
from shoal.text.headers import tokens
from shoal.text.options import option
from shoal.types import Column, Role

_WORDS = {
    kind: frozenset(words)
    for kind, words in tomllib.loads(
        (Path(__file__).parent / "words.toml").read_text("utf-8")
    ).items()
}


_FEW_OUTCOMES = (
    10  # an outcome is one of a few; what has more values is a measure, whatever it is called
)


def names_an_id(name: str) -> bool:
    """Whether a name alone says: this tells customers apart."""
    words = tokens(name)
    bare = "".join(words)
    if bare in _WORDS["id"]:
        return True
    return bool(set(words) & _WORDS["who"] and set(words) & _WORDS["numbered"]) or (
        "id" in words and len(words) == 2 and words[-1] == "id"
    )


def guess_id(names: Sequence[str]) -> str | None:
    """The column whose name says it is the customer's id, a customer's before any other."""
    ids = [n for n in names if names_an_id(n)]
    who = [n for n in ids if set(tokens(n)) & _WORDS["who"]]
    plain = [n for n in ids if "".join(tokens(n)) in _WORDS["id"]]
    return next(iter(who or plain or ids), None)


def _nothing_in_it(c: Column) -> str | None:
    if c.rows and c.missing == c.rows:
        return "it is empty"
    if c.distinct <= 1 and c.missing < c.rows:
        return f"it is constant ({c.min if c.min is not None else c.top[0][0] if c.top else ''})"
    if c.rows and c.missing > 0.6 * c.rows:
        return f"{c.missing / c.rows:.0%} of it is missing"
    return None


def _is_row_number(c: Column) -> bool:
    consecutive = (
        isinstance(c.min, float)
        and isinstance(c.max, float)
        and c.max - c.min + 1 == c.rows
        and c.min in (0.0, 1.0)
    )
    return (
        c.type == "int64" and c.rows > 9 and c.missing == 0 and c.distinct == c.rows and consecutive
    )


def _guess(c: Column, id_column: str | None, first: bool) -> tuple[Role, str]:
    words = set(tokens(c.name))
    bare = "".join(tokens(c.name))
    unique = c.rows > 1 and c.distinct >= 0.98 * (c.rows - c.missing) and c.missing < 0.1 * c.rows
    if why := _nothing_in_it(c):
        return "ignore", why
    if c.name == id_column:
        return "id", "its name says that it tells customers apart" + (
            "" if unique else ", although values repeat"
        )
    if (
        words & _WORDS["old_result"]
        and c.distinct <= 30
        and (c.kind in ("number", "flag", "category"))
        and not (words & {"customer"} and c.kind == "number" and c.distinct > 15)
    ):
        return "ignore", "it looks like the result of an earlier segmentation"
    if c.kind == "date":
        return "date", "its values are dates"
    if _is_row_number(c):
        return (
            "ignore" if id_column else "id",
            "it counts the rows" if not first else "it numbers the rows, one by one",
        )
    if names_an_id(c.name) and (c.distinct > 50 or unique):
        return "ignore", "its name says that it is an identifier"
    if words & _WORDS["private"] or bare in _WORDS["private"]:
        return "ignore", "it names a person or how to reach one"
    if words & _WORDS["code"] and c.distinct > 10:
        return "ignore", "it is a code, not a measure"
    if c.kind == "text":
        return (
            ("id", "every value is different")
            if unique and not id_column and first
            else ("ignore", f"it is free text ({c.distinct} different values)")
        )
    if words & _WORDS["demographic"] or bare in _WORDS["demographic"]:
        return "describe", "who customers are describes segments, it does not form them"
    if (
        words & _WORDS["outcome"] or bare in _WORDS["outcome_alone"]
    ) and c.distinct <= _FEW_OUTCOMES:
        return "describe", "an outcome describes segments, it does not form them"
    if c.kind == "category":
        return "describe", f"a category of {c.distinct} words describes segments"
    if c.kind == "flag":
        return "describe", "a yes-or-no describes segments"
    counted = words & _WORDS["counted"]
    if (
        not counted
        and (words & _WORDS["class"] or bare in _WORDS["class"])
        and c.distinct <= 60
        and c.type == "int64"
    ):
        return "describe", "its numbers are codes of a class, not amounts"
    if (
        c.rows >= 100
        and c.distinct == c.rows
        and first
        and c.type == "int64"
        and not id_column
        and not words & _WORDS["amount"]
    ):
        return "id", "every value is a different whole number, in the first column"
    return "basis", "a number that says what customers do or have"


def _money(columns: Sequence[Column]) -> str | None:
    """The one column that says in money what a customer is worth, when there is exactly one."""
    found = [
        c
        for c in columns
        if c.role == "basis"
        and set(tokens(c.name)) & _WORDS["money"]
        and not set(tokens(c.name)) & _WORDS["not_money"]
        and c.negatives <= 0.02 * c.rows
    ]
    total = [
        c
        for c in found
        if set(tokens(c.name))
        & {"total", "revenue", "monetary", "clv", "ltv", "umsatz", "turnover", "sales"}
    ]
    best = found if len(found) == 1 else total
    return best[0].name if len(best) == 1 else None


def guess_roles(columns: Sequence[Column], id_column: str | None) -> tuple[Column, ...]:
    """Every column with its role and the reason for it."""
    guessed = []
    for place, column in enumerate(columns):
        role, reason = _guess(column, id_column, place == 0)
        if role == "id":
            id_column = column.name
        guessed.append(replace(column, role=role, role_reason=reason))
    if sum(c.role == "basis" for c in guessed) < 2:
        guessed = _let_flags_form(guessed)
    money = _money(guessed)
    note = "money: it forms segments, and shares of value are computed on it"
    return tuple(
        replace(c, role="value", role_reason=note) if c.name == money else c for c in guessed
    )


def _let_flags_form(columns: Sequence[Column]) -> list[Column]:
    """A survey of yes-or-no questions has no amounts: then its answers are what customers say and do."""
    reason = "a yes-or-no forms segments here, since the table has hardly any amounts"
    able = [
        c.name
        for c in columns
        if c.kind == "flag" and c.role_reason == "a yes-or-no describes segments"
    ]
    if len(able) < 2:
        return list(columns)
    return [replace(c, role="basis", role_reason=reason) if c.name in able else c for c in columns]


def set_roles(
    columns: Sequence[Column], wishes: RoleOverrides
) -> tuple[tuple[Column, ...], tuple[str, ...]]:
    """The columns with the roles a person asked for, and the names of those that form segments, in table order.

    Raises OptionError for an unknown column, or one that is asked to be two things.
    """
    id, by, value = wishes.id, wishes.by, wishes.value
    asked: dict[str, Role] = {}
    known = [c.name for c in columns]
    settings: list[tuple[Role, str, Sequence[str]]] = [
        ("basis", "by", by),
        ("describe", "describe", wishes.describe),
        ("ignore", "ignore", wishes.ignore),
        ("id", "id", [id] if id else []),
    ]
    for role, argument, names in settings:
        for name in names:
            if name not in known:
                raise OptionError(
                    f'{option(argument)} names "{name}", but the table has no such column. '
                    f"{did_you_mean(name, known)}"
                )
            if asked.setdefault(name, role) != role:
                raise OptionError(
                    f'"{name}" was asked to be both {asked[name]} and {role}. Name it once.'
                )
    if value is not None and value not in known:
        raise OptionError(
            f'{option("value")} names "{value}", but the table has no such column. '
            f"{did_you_mean(value, known)}"
        )
    if value is not None and next(c for c in columns if c.name == value).type not in (
        "int64",
        "double",
    ):
        raise OptionError(
            f"{option('value', value)} is no number. "
            "Name a column that holds money, such as revenue."
        )
    changed = tuple(_with_role(c, asked.get(c.name), id, bool(by), value) for c in columns)
    forming = (
        tuple(c.name for c in changed if c.name in by)
        if by
        else tuple(c.name for c in changed if c.role in ("basis", "value"))
    )
    if value is not None and not by:
        # A value column that was named forms segments only if it would have done so without being named.
        guessed = {c.name: c.role for c in columns}
        forming = tuple(n for n in forming if n != value or guessed[n] in ("basis", "value"))
    return changed, forming


def _with_role(
    column: Column, asked: Role | None, id: str | None, by_given: bool, value: str | None
) -> Column:
    if column.name == value:
        return replace(
            column, role="value", role_reason="set by you: shares of value are computed on it"
        )
    if asked == "basis" and column.role == "value" and value is None:
        return replace(
            column,
            role_reason="set by you to form segments; as money, shares of value are computed on it",
        )
    if asked is not None:
        return replace(column, role=asked, role_reason="set by you")
    if id is not None and column.role == "id":
        return replace(column, role="ignore", role_reason="another column was set as the id")
    if column.role == "value" and value is not None:
        return replace(
            column,
            role="describe" if by_given else "basis",
            role_reason="another column was set as the value",
        )
    if by_given and column.role == "basis":
        return replace(column, role="describe", role_reason="it was not asked to form segments")
    return column
