"""Guessing what each column is for, from its name and its values.

A guess always comes with its reason.
"""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from shoal.errors import OptionError, did_you_mean
from shoal.options import RoleOverrides
from shoal.sentences import say
from shoal.text.headers import tokens
from shoal.text.options import option
from shoal.types import Column, Role, Statement

_WORDS = {
    kind: frozenset(words)
    for kind, words in tomllib.loads(
        (Path(__file__).parent / "words.toml").read_text("utf-8")
    ).items()
}


_FEW_OUTCOMES = 10  # what has more values is a measure, whatever it is called
_MOSTLY_MISSING = 0.6
_TOTALS = {"total", "revenue", "monetary", "clv", "ltv", "umsatz", "turnover", "sales"}
_Guess = tuple[Role, Statement]


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


@dataclass(frozen=True)
class _Named:
    """A column whose role is to be guessed, with what its name and its place say."""

    column: Column
    words: frozenset[str]
    bare: str  # the name as one word
    id_column: str | None  # known so far
    first: bool  # in the table

    def says(self, kind: str) -> bool:
        """Whether a word of its name is of this kind."""
        return not _WORDS[kind].isdisjoint(self.words)

    def is_called(self, kind: str) -> bool:
        """The same, also where the name is one word."""
        return self.says(kind) or self.bare in _WORDS[kind]

    @property
    def unique(self) -> bool:
        """Whether its values tell customers apart, but for a few."""
        c = self.column
        known = c.rows - c.missing
        return c.rows > 1 and c.distinct >= 0.98 * known and c.missing < 0.1 * c.rows

    @property
    def is_row_number(self) -> bool:
        """Whether it counts the rows, from 0 or from 1."""
        c = self.column
        if c.type != "int64" or c.rows <= 9 or c.missing or c.distinct != c.rows:
            return False
        low, high = c.min, c.max
        if not isinstance(low, float) or not isinstance(high, float):
            return False
        return low in (0.0, 1.0) and high - low + 1 == c.rows


def _guess(c: Column, id_column: str | None, first: bool) -> _Guess:
    """The role of a column and the reason for it: the first of the rules that fits."""
    words = tokens(c.name)
    named = _Named(c, frozenset(words), "".join(words), id_column, first)
    rules = (_if_empty, _if_id, _if_label, _if_text, _if_it_describes, _if_in_front)
    guesses = (rule(named) for rule in rules)
    return next((g for g in guesses if g is not None), ("basis", say("role-measure")))


def _if_empty(named: _Named) -> _Guess | None:
    c = named.column
    if c.rows and c.missing == c.rows:
        return "ignore", say("role-empty")
    if c.distinct <= 1 and c.missing < c.rows:
        value = c.min
        if value is None:
            value = c.top[0][0] if c.top else ""
        return "ignore", say("role-constant", value=value)
    if c.rows and c.missing > _MOSTLY_MISSING * c.rows:
        return "ignore", say("role-missing", share=c.missing / c.rows)
    return None


def _if_id(named: _Named) -> _Guess | None:
    if named.column.name == named.id_column:
        return "id", say("role-id-by-name", unique=named.unique)
    return None


def _if_label(named: _Named) -> _Guess | None:
    """What labels rows, and says nothing of customers."""
    c = named.column
    if named.says("old_result") and _could_be_labels(named):
        return "ignore", say("role-earlier-result")
    if c.kind == "date":
        return "date", say("role-date")
    if named.is_row_number:
        reason = say("role-numbers-rows" if named.first else "role-counts-rows")
        return "ignore" if named.id_column else "id", reason
    if names_an_id(c.name) and (c.distinct > 50 or named.unique):
        return "ignore", say("role-identifier")
    if named.is_called("private"):
        return "ignore", say("role-private")
    if named.says("code") and c.distinct > 10:
        return "ignore", say("role-code")
    return None


def _could_be_labels(named: _Named) -> bool:
    c = named.column
    counts_customers = "customer" in named.words and c.kind == "number" and c.distinct > 15
    return c.kind in ("number", "flag", "category") and c.distinct <= 30 and not counts_customers


def _if_text(named: _Named) -> _Guess | None:
    c = named.column
    if c.kind != "text":
        return None
    if named.unique and named.first and not named.id_column:
        return "id", say("role-id-by-values")
    return "ignore", say("role-free-text", distinct=c.distinct)


def _if_it_describes(named: _Named) -> _Guess | None:
    c = named.column
    if named.is_called("demographic"):
        return "describe", say("role-demographic")
    is_outcome = named.says("outcome") or named.bare in _WORDS["outcome_alone"]
    if is_outcome and c.distinct <= _FEW_OUTCOMES:
        return "describe", say("role-outcome")
    if c.kind == "category":
        return "describe", say("role-category", distinct=c.distinct)
    if c.kind == "flag":
        return "describe", say("role-flag")
    is_class = named.is_called("class") and not named.says("counted")
    if is_class and c.distinct <= 60 and c.type == "int64":
        return "describe", say("role-class")
    return None


def _if_in_front(named: _Named) -> _Guess | None:
    """A first column of different whole numbers tells customers apart, unless it is called an
    amount.
    """
    c = named.column
    different = c.type == "int64" and c.rows >= 100 and c.distinct == c.rows
    if different and named.first and not named.id_column and not named.says("amount"):
        return "id", say("role-id-in-front")
    return None


def _money(columns: Sequence[Column]) -> str | None:
    """The one column that says in money what a customer is worth, when there is exactly one."""
    found = [c for c in columns if c.role == "basis" and _is_money(c)]
    total = [c for c in found if not _TOTALS.isdisjoint(tokens(c.name))]
    best = found if len(found) == 1 else total
    return best[0].name if len(best) == 1 else None


def _is_money(c: Column) -> bool:
    words = tokens(c.name)
    named = not _WORDS["money"].isdisjoint(words) and _WORDS["not_money"].isdisjoint(words)
    return named and c.negatives <= 0.02 * c.rows


def guess_roles(columns: Sequence[Column], id_column: str | None) -> tuple[Column, ...]:
    """Every column with its role and the reason for it."""
    guessed = []
    for place, column in enumerate(columns):
        role, reason = _guess(column, id_column, place == 0)
        if role == "id":
            id_column = column.name
        guessed.append(replace(column, role=role, reason=reason))
    if sum(c.role == "basis" for c in guessed) < 2:
        guessed = _let_flags_form(guessed)
    money = _money(guessed)
    return tuple(
        replace(c, role="value", reason=say("role-money")) if c.name == money else c
        for c in guessed
    )


def _let_flags_form(columns: Sequence[Column]) -> list[Column]:
    """A survey of yes-or-no questions has no amounts: then its answers are what customers say and
    do.
    """
    able = {c.name for c in columns if c.reason.code == "role-flag"}
    if len(able) < 2:
        return list(columns)
    reason = say("role-flag-forms")
    return [replace(c, role="basis", reason=reason) if c.name in able else c for c in columns]


def set_roles(
    columns: Sequence[Column], overrides: RoleOverrides
) -> tuple[tuple[Column, ...], tuple[str, ...]]:
    """The columns with the roles a person asked for, and the names of those that form segments, in
    table order.

    Raises OptionError for an unknown column, or one that is asked to be two things.
    """
    asked = _asked(columns, overrides)
    if overrides.value is not None:
        _check_value(columns, overrides.value)
    changed = tuple(_with_role(c, asked.get(c.name), overrides) for c in columns)
    if overrides.by:
        return changed, tuple(c.name for c in changed if c.name in overrides.by)
    forming = [c.name for c in changed if c.role in ("basis", "value")]
    # A value column that was named forms segments only where it would have without being named.
    able = {c.name for c in columns if c.role in ("basis", "value")}
    return changed, tuple(n for n in forming if n != overrides.value or n in able)


def _asked(columns: Sequence[Column], overrides: RoleOverrides) -> dict[str, Role]:
    """The role that was asked for, by column."""
    known = [c.name for c in columns]
    settings: list[tuple[Role, str, Sequence[str]]] = [
        ("basis", "by", overrides.by),
        ("describe", "describe", overrides.describe),
        ("ignore", "ignore", overrides.ignore),
        ("id", "id", [overrides.id] if overrides.id else []),
    ]
    asked: dict[str, Role] = {}
    for role, name_of_option, names in settings:
        for name in names:
            if name not in known:
                raise _unknown(name_of_option, name, known)
            if asked.setdefault(name, role) != role:
                raise OptionError(
                    f'"{name}" was asked to be both {asked[name]} and {role}. Name it once.'
                )
    return asked


def _check_value(columns: Sequence[Column], value: str) -> None:
    types = {c.name: c.type for c in columns}
    if value not in types:
        raise _unknown("value", value, list(types))
    if types[value] not in ("int64", "double"):
        raise OptionError(
            f"{option('value', value)} is no number. "
            "Name a column that holds money, such as revenue."
        )


def _unknown(name_of_option: str, name: str, known: Sequence[str]) -> OptionError:
    return OptionError(
        f'{option(name_of_option)} names "{name}", but the table has no such column. '
        f"{did_you_mean(name, known)}"
    )


def _with_role(c: Column, asked: Role | None, overrides: RoleOverrides) -> Column:
    value, by = overrides.value, overrides.by
    if c.name == value:
        return replace(c, role="value", reason=say("set-value"))
    if asked == "basis" and c.role == "value" and value is None:
        return replace(c, reason=say("set-basis-money"))
    if asked is not None:
        return replace(c, role=asked, reason=say("set-role"))
    if overrides.id is not None and c.role == "id":
        return replace(c, role="ignore", reason=say("set-other-id"))
    if c.role == "value" and value is not None:
        return replace(c, role="describe" if by else "basis", reason=say("set-other-value"))
    if by and c.role == "basis":
        return replace(c, role="describe", reason=say("set-other-basis"))
    return c
