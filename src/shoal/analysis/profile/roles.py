"""What each column is for: told by what it stands for, or set by a person.

A guess always comes with its reason.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from shoal.analysis.meaning.header import read_header
from shoal.analysis.meaning.persons import is_private
from shoal.analysis.profile.findings import is_total
from shoal.errors import OptionError, no_such_column
from shoal.options import RoleOverrides, RolesOfOrders
from shoal.sentences import say
from shoal.text.options import option
from shoal.types import Column, Role, Statement

_MOSTLY_MISSING = 0.6
_FEW_PLACES = 10  # places whose codes describe; of more codes nothing can be said
_Guess = tuple[Role, Statement]
# Meanings whose columns neither form segments nor describe them, with the reason.
_LEFT_OUT = {
    "row_number": "role-numbers-rows",
    "order_id": "role-identifier",
    "contact": "role-private",
    "old_label": "role-earlier-result",
    "leak": "role-leak",
}
_DESCRIBING = {
    "who": "role-demographic",
    "outcome": "role-outcome",
    "code": "role-class",
    "product_category": "role-class",
}
_NO_ANSWERS = ("outcome", "who")  # yes-or-no columns that never form segments


def guess_roles(columns: Sequence[Column], id_column: str | None) -> tuple[Column, ...]:
    """Every column with its role and the reason for it; the first id is the id."""
    guessed = []
    for column in columns:
        role, reason = _guess(column, id_column)
        if role == "id":
            id_column = column.name
        guessed.append(replace(column, role=role, reason=reason))
    if sum(c.role == "basis" for c in guessed) < 2:
        guessed = _let_flags_form(guessed)
    return tuple(guessed)


def _guess(c: Column, id_column: str | None) -> _Guess:
    """The first of these that says something."""
    steps = (_if_empty, _if_id, _if_left_out, _if_text, _if_it_describes)
    guesses = (step(c, id_column) for step in steps)
    return next((g for g in guesses if g is not None), ("basis", say("role-measure")))


def _if_empty(c: Column, id_column: str | None) -> _Guess | None:
    if c.rows and c.missing == c.rows:
        return "ignore", say("role-empty")
    if c.distinct <= 1 and c.missing < c.rows:
        return "ignore", _why_constant(c)
    if c.rows and c.missing > _MOSTLY_MISSING * c.rows:
        return "ignore", say("role-missing", share=c.missing / c.rows)
    return None


def _why_constant(c: Column) -> Statement:
    if is_private(c):
        return say("meaning-constant")
    value = c.min
    if value is None:
        value = c.top[0][0] if c.top else ""
    return say("role-constant", value=value)


def _if_id(c: Column, id_column: str | None) -> _Guess | None:
    if c.meaning != "id":
        return None
    if id_column in (None, c.name):
        return "id", c.meaning_reason
    return "ignore", say("role-identifier")


def _if_left_out(c: Column, id_column: str | None) -> _Guess | None:
    if c.meaning in _LEFT_OUT:
        return "ignore", say(_LEFT_OUT[c.meaning])
    if c.kind == "date":
        return "date", say("role-date")
    if c.meaning in ("date", "order_date"):
        return "date", say("role-date-as-number")
    is_place = read_header(c.name).says("place_code")
    if is_place and c.kind == "number" and c.distinct > _FEW_PLACES:
        return "ignore", say("role-code")
    return None


def _if_text(c: Column, id_column: str | None) -> _Guess | None:
    if c.kind != "text":
        return None
    return "ignore", say("role-free-text", distinct=c.distinct)


def _if_it_describes(c: Column, id_column: str | None) -> _Guess | None:
    if c.meaning in ("who", "outcome"):
        return "describe", say(_DESCRIBING[c.meaning])
    if c.kind == "category":
        return "describe", say("role-category", distinct=c.distinct)
    if c.kind == "flag":
        return "describe", say("role-flag")
    if c.meaning in _DESCRIBING:
        return "describe", say(_DESCRIBING[c.meaning])
    return None


def _let_flags_form(columns: Sequence[Column]) -> list[Column]:
    """A survey of yes-or-no questions has no amounts: then its answers are what customers say and
    do.
    """
    able = {c.name for c in columns if _answers(c)}
    if len(able) < 2:
        return list(columns)
    reason = say("role-flag-forms")
    return [replace(c, role="basis", reason=reason) if c.name in able else c for c in columns]


def _answers(c: Column) -> bool:
    return c.role == "describe" and c.kind == "flag" and c.meaning not in _NO_ANSWERS


def with_value(columns: Sequence[Column], value: str | None) -> tuple[Column, ...]:
    """The columns, with the one that says in money what customers bring."""
    return tuple(
        replace(c, role="value", reason=_why_value(c)) if c.name == value else c for c in columns
    )


def _why_value(column: Column) -> Statement:
    if column.made is not None:
        return say("role-money-made", parts=column.made.columns)
    return say("role-money", aspect=column.aspect)


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
    forming = [c.name for c in changed if c.role in ("basis", "value") and not is_total(c)]
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
                raise no_such_column(option(name_of_option), name, "the table", known)
            _refuse_persons(columns[known.index(name)], name_of_option)
            if asked.setdefault(name, role) != role:
                raise OptionError(
                    f'"{name}" was asked to be both {asked[name]} and {role}. Name it once.'
                )
    return asked


def _refuse_persons(column: Column, name_of_option: str) -> None:
    """Raise OptionError where cells that name persons would stand in everything that is written."""
    if name_of_option in ("by", "describe") and column.meaning == "contact":
        raise OptionError(
            f'{option(name_of_option)} names "{column.name}", whose cells name persons or tell how '
            "to reach them: they would stand in the report and in the model. If they do not, say "
            f'what they are in a file, such as meaning = "code", and give it with '
            f"{option('columns', 'columns.toml')}."
        )


def _check_value(columns: Sequence[Column], value: str) -> None:
    types = {c.name: c.type for c in columns}
    if value not in types:
        raise no_such_column(option("value"), value, "the table", types)
    if types[value] not in ("int64", "double"):
        raise OptionError(
            f"{option('value', value)} is no number. "
            "Name a column that holds money, such as revenue."
        )


def _with_role(c: Column, asked: Role | None, overrides: RoleOverrides) -> Column:
    value, by = overrides.value, overrides.by
    follows = isinstance(overrides, RolesOfOrders) and c.name in overrides.follow
    who = "orders" if follows else "set"
    if c.name == value:
        return replace(c, role="value", reason=say(f"{who}-value"))
    if asked == "basis" and c.role == "value" and value is None:
        return replace(c, reason=say("set-basis-money"))
    if asked is not None:
        return replace(c, role=asked, reason=say(f"{who}-role"))
    if overrides.id is not None and c.role == "id":
        return replace(c, role="ignore", reason=say("set-other-id"))
    if c.role == "value" and value is not None:
        return replace(c, role="describe" if by else "basis", reason=say("set-other-value"))
    if by and c.role == "basis":
        return replace(c, role="describe", reason=say("set-other-basis"))
    return c
