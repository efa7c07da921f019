"""The playbook: which play fits which segment, in which words, under which assumptions.

A readable file that people can replace.
"""

from __future__ import annotations

import operator
import re
import tomllib
from collections.abc import Mapping
from importlib import resources
from pathlib import Path
from string import Formatter
from typing import Annotated, Any, Literal, get_args

import msgspec
from msgspec import Meta, Struct

from shoal.errors import OptionError, did_you_mean
from shoal.text.options import option

Level = Literal["very low", "low", "middle", "high", "very high"]
Stake = Literal["keep", "raise", "none"]
Share = Annotated[float, Meta(gt=0, lt=1)]

# What columns stand for, compared with everybody; docs/playbook.md says which columns count.
TOPICS = (
    "means",
    "debt",
    "activity",
    "quantity",
    "recency",
    "tenure",
    "trouble",
    "since_trouble",
    "money_out",
    "opinion",
    "share",
    "trend",
)
# Columns in which a segment differs: a play may ask whether there are any, and name them.
LISTS = ("apart", "parts_high", "parts_low")
# Numbers of a segment; a play may compare them, and say them.
FIGURES = (
    "size",
    "customers",
    "value_share",
    "value_index",
    "value_mean",
    "value_everybody",
    "value_median",
    "value_rank",
    "trouble_times",
    "late",
    "late_after",
    "in_time",
    "new",
    "new_days",
    "bad_outcome_rate",
    "bad_outcome_everybody",
    "bad_outcome_index",
    "good_outcome_rate",
    "good_outcome_everybody",
    "good_outcome_index",
    "known_columns",
)
NAMES = ("value", "bad_outcome", "good_outcome")  # of columns, to be said
_SIGNS = {">=": operator.ge, "<=": operator.le, ">": operator.gt, "<": operator.lt}
_COMPARED = re.compile(r"(>=|<=|>|<)\s*(-?\d+(?:\.\d+)?)")


class Bounds(Struct, frozen=True):
    """Comparisons that a number must meet, all of them: such as (">=", 0.5)."""

    each: tuple[tuple[str, float], ...]

    def hold(self, value: float) -> bool:
        """Whether the number meets them.

        >>> Bounds(((">=", 80.0), ("<", 120.0))).hold(100)
        True
        """
        return all(_SIGNS[sign](value, limit) for sign, limit in self.each)


# A topic's levels, any of which fits; bounds of a figure; "known" of a list of columns.
Wanted = tuple[Level, ...] | Bounds | Literal["known"]
Condition = Mapping[str, Wanted]  # all of them must hold


class Said(Struct, frozen=True):
    """One sentence of a play, with a condition of its own; a template."""

    say: str
    when: Condition = {}

    @property
    def words(self) -> tuple[str, ...]:
        """The words that stand for numbers of the segment."""
        return words_of(self.say)


class Play(Struct, frozen=True):
    """One thing to do, and when."""

    key: str
    title: str
    text: tuple[Said, ...]
    when: tuple[Condition, ...]  # any of these
    stake: Stake = "none"


class Assumptions(Struct, frozen=True, forbid_unknown_fields=True):
    """What is assumed where a scenario is reckoned, a word is drawn, or a test is planned."""

    lost: Share = 0.1  # share of a segment's customers that a scenario loses …
    raised: Share = 0.1  # … or moves up to the next better segment's median
    late_after: Annotated[float, Meta(gt=0)] = 2.0  # times a customer's own days between orders
    new_days: Annotated[float, Meta(gt=0)] = (
        90.0  # days since the first order, up to which one is new
    )
    hold_out: Share = 0.1  # smallest share of a segment that a test leaves out
    lift: Share = 0.2  # relative change of a rate that a test shall find …
    lift_of_value: Share = 0.1  # … and of the mean value
    base_rate: Share = 0.05  # of a reaction, where no outcome is known
    power: Share = 0.8  # share of such tests that find it


class Playbook(Struct, frozen=True):
    """Plays in order of precedence."""

    assumptions: Assumptions
    plays: tuple[Play, ...]
    otherwise: Play


def words_of(template: str) -> tuple[str, ...]:
    """The words in braces.

    >>> words_of("{late} of them, {value_share} of {value}")
    ('late', 'value_share', 'value')
    """
    return tuple(name for _, name, _, _ in Formatter().parse(template) if name is not None)


def load(path: Path | None) -> Playbook:
    """The playbook of this file.

    Parts that it leaves out (`assumptions`, `plays`, `otherwise`) are the built-in ones.

    Raises OptionError when the file cannot be read or says something that is not understood.

    >>> load(None).plays[0].title
    'Save them'
    """
    built_in = tomllib.loads(
        resources.files("shoal.interpret").joinpath("playbook.toml").read_text("utf-8")
    )
    if path is None:
        return _playbook(built_in, "the built-in playbook")
    return _playbook({**built_in, **_toml(path)}, f'playbook "{path}"')


def _toml(path: Path) -> dict[str, Any]:
    try:
        found = tomllib.loads(path.read_text("utf-8-sig"))
    except OSError as error:
        raise OptionError(
            f'The playbook "{path}" cannot be read: {error.strerror}. Give the path of a TOML file.'
        ) from error
    except ValueError as error:  # of the path as well: a NUL, half of a character
        raise OptionError(
            f'The playbook "{path}" is not valid TOML: {error}. '
            "Correct that line, or start again from docs/playbook.md."
        ) from error
    if "meanings" in found:
        raise OptionError(_no_meanings(path, found["meanings"]))
    parts = Playbook.__struct_fields__
    for key in found:
        if key not in parts:
            hint = did_you_mean(key, parts)
            raise OptionError(f'The playbook "{path}" has a part "{key}" that is not known. {hint}')
    return found


def _no_meanings(path: Path, meanings: Any) -> str:
    """What to do about a playbook that still says what columns mean."""
    told = ", ".join(f'"{name}"' for name in meanings) if isinstance(meanings, dict) else ""
    named = f" ({told})" if told else ""
    return (
        f'The playbook "{path}" has a part [meanings]{named}: what a column stands for is not said '
        "there any more. Take it out, and say it of the column itself in a columns.toml, such as "
        'meaning = "means", direction = "good"; give that by '
        f"{option('columns', 'columns.toml')}. "
        "Plays ask for these meanings: " + ", ".join(TOPICS) + ". See docs/playbook.md."
    )


def _playbook(found: Mapping[str, Any], source: str) -> Playbook:
    here = _Place(source, "plays")
    tables = here.checked(found["plays"], list[dict[str, Any]], "is not a list of tables", _PLAYS)
    here = _Place(source, "otherwise")
    last = here.checked(found["otherwise"], dict[str, Any], "is not a table", _OTHERWISE)
    plays = tuple(_play(each, _place_of(each, i, source)) for i, each in enumerate(tables, 1))
    otherwise = _play({"key": "otherwise", **last, "when": []}, _Place(source, "[otherwise]"))
    return Playbook(_assumptions(found["assumptions"], source), plays, otherwise)


_PLAYS = "each play begins with a line [[plays]]"
_OTHERWISE = "a line [otherwise], then title and text"
_TEXT = 'text in quotes, or a list of sentences, each in quotes or { say = "…", when = { … } }'


def _assumptions(found: Any, source: str) -> Assumptions:
    here = _Place(source, "[assumptions]")
    named = here.checked(
        found, dict[str, Any], "is not a table", "a line [assumptions], lost = 0.1"
    )
    known = Assumptions.__struct_fields__
    for name in named:
        if name not in known:
            raise here.wrong(f'has "{name}"', f"{', '.join(known)}. {did_you_mean(name, known)}")
    try:
        return msgspec.convert(named, Assumptions, strict=False)
    except msgspec.ValidationError as error:
        raise here.wrong(f"is not understood: {error}", "such as lost = 0.1") from None


def _place_of(play: Mapping[str, Any], number: int, source: str) -> _Place:
    named = f' ("{play["title"]}")' if "title" in play else ""
    return _Place(source, f"play {number}{named}")


def _play(found: Mapping[str, Any], here: _Place) -> Play:
    fields = {field.name: field for field in msgspec.structs.fields(Play)}
    for name in found:
        if name not in fields:
            right = f"key, title, text, when and stake only. {did_you_mean(name, fields)}"
            raise here.wrong(f'has "{name}"', right)
    for name, field in fields.items():
        if field.required and name not in found:
            raise here.wrong(f'has no "{name}"', "key, title, text and when")
    plain = {
        name: here.checked(found[name], str, f"has {name} = {found[name]!r}", f"{name} in quotes")
        for name in ("key", "title")
    }
    stake = found.get("stake", "none")
    words = " or ".join(f'"{word}"' for word in get_args(Stake))
    return Play(
        **plain,
        text=_text(found["text"], here),
        when=_when(found["when"], here),
        stake=here.checked(stake, Stake, f"has stake = {stake!r}", words),
    )


# --- sentences ------------------------------------------------------------------------------------


def _text(text: Any, here: _Place) -> tuple[Said, ...]:
    each = text if isinstance(text, list) else [text]
    return tuple(_said(one, here) for one in each)


def _said(one: Any, here: _Place) -> Said:
    table = {"say": one} if isinstance(one, str) else one
    what = f"has the sentence {one!r}"
    said = here.checked(table, dict[str, Any], what, _TEXT)
    if not {"say"} <= said.keys() <= {"say", "when"} or not isinstance(said["say"], str):
        raise here.wrong(what, _TEXT)
    template = " ".join(said["say"].split())
    _check_words(template, here)
    when = _condition(said["when"], here) if "when" in said else {}
    return Said(template, when)


def _check_words(template: str, here: _Place) -> None:
    known = (*TOPICS, *LISTS, *FIGURES, *NAMES)
    try:
        words = words_of(template)
    except ValueError:
        raise here.wrong(f"has the sentence {template!r}", "each { with its }") from None
    for word in words:
        if word not in known:
            right = f"one of {', '.join(known)}. {did_you_mean(word, known)}"
            raise here.wrong(f'says "{{{word}}}"', right)


# --- conditions -----------------------------------------------------------------------------------


def _when(when: Any, here: _Place) -> tuple[Condition, ...]:
    options = when if isinstance(when, list) else [when]
    return tuple(_condition(option, here) for option in options)


def _condition(option: Any, here: _Place) -> Condition:
    what, right = f"has when = {option!r}", 'when = { means = "high" }'
    wanted = here.checked(option, dict[str, Any], what, right)
    if not wanted:
        raise here.wrong(what, right)
    return {name: _wanted(name, each, here) for name, each in wanted.items()}


def _wanted(name: str, wanted: Any, here: _Place) -> Wanted:
    if name in FIGURES:
        return _bounds(name, wanted, here)
    if name in LISTS:
        here.checked(wanted, Literal["known"], f"asks for {name} = {wanted!r}", '"known"')
        return "known"
    if name in TOPICS:
        return _levels(name, wanted, here)
    known = (*TOPICS, *FIGURES, *LISTS)
    right = f"one of {', '.join(known)}. {did_you_mean(name, known)}"
    raise here.wrong(f'asks for "{name}"', right)


def _levels(name: str, levels: Any, here: _Place) -> tuple[Level, ...]:
    right = ", ".join(f'"{level}"' for level in get_args(Level))
    each = levels if isinstance(levels, list) else [levels]
    return tuple(
        here.checked(level, Level, f"asks for {name} = {level!r}", right) for level in each
    )


def _bounds(name: str, wanted: Any, here: _Place) -> Bounds:
    what, right = f"asks for {name} = {wanted!r}", f'{name} = ">= 0.5" or ">= 80, < 120"'
    found = [_COMPARED.fullmatch(part.strip()) for part in str(wanted).split(",")]
    if not all(found):
        raise here.wrong(what, right)
    return Bounds(tuple((each[1], float(each[2])) for each in found if each))


class _Place(Struct, frozen=True):
    """Where in which playbook something stands."""

    source: str
    where: str

    def checked(self, value: Any, kind: Any, what: str | None, right: str) -> Any:
        """The value as one of its kind; OptionError says what it is and what would be right."""
        try:
            return msgspec.convert(value, kind)
        except msgspec.ValidationError:
            raise self.wrong(what or f"is {value!r}", right) from None

    def wrong(self, what: str, right: str) -> OptionError:
        """What is wrong here, and what would be right."""
        stop = "" if right.endswith((".", "?")) else "."
        return OptionError(
            f"In {self.source}, {self.where} {what}. Right would be: {right}{stop} "
            "See docs/playbook.md."
        )


def fits(level: str, wanted: tuple[str, ...]) -> bool:
    """Whether a level is among those wanted.

    "high" takes in "very high", "low" takes in "very low".

    >>> fits("very high", ("high",)), fits("high", ("very high",))
    (True, False)
    """
    return level in wanted or level.removeprefix("very ") in wanted
