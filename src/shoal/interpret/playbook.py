"""The playbook: what columns mean, and which play fits which levels.

A readable file that people can replace.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from fnmatch import fnmatchcase
from importlib import resources
from pathlib import Path
from typing import Any, Literal, get_args

import msgspec
from msgspec import Struct
from msgspec.structs import FieldInfo

from shoal.errors import OptionError, did_you_mean
from shoal.text.headers import plain, words

Level = Literal["very low", "low", "middle", "high", "very high"]
Stake = Literal["keep", "raise", "none"]
Condition = Mapping[str, tuple[Level, ...]]  # meaning → levels that fit; all of them must hold
VALUE = "value"  # a meaning without words: the column that shares of value are computed on


class Play(Struct, frozen=True):
    """One thing to do, and when."""

    key: str
    title: str
    text: str
    when: tuple[Condition, ...]  # any of these
    stake: Stake = "none"


class Playbook(Struct, frozen=True):
    """Plays in order of precedence, and the words by which the meaning of a column is known."""

    meanings: Mapping[str, tuple[tuple[str, ...], ...]]  # → phrases, each a tuple of patterns
    plays: tuple[Play, ...]
    otherwise: Play

    def meaning_of(self, header: str) -> str:
        """The first meaning one of whose phrases stands in the header; "" when unknown.

        >>> [load(None).meaning_of(h) for h in ("Ingreso_anual", "Days_since_enroll", "x7")]
        ['potential', 'tenure', '']
        """
        told = tuple(plain(w) for w in words(header))
        for meaning, phrases in self.meanings.items():
            if any(_holds(told, phrase) for phrase in phrases):
                return meaning
        return ""


def _holds(told: tuple[str, ...], phrase: tuple[str, ...]) -> bool:
    """Whether the patterns of a phrase stand side by side among the words of a header."""
    starts = range(len(told) - len(phrase) + 1)
    return any(all(map(fnmatchcase, told[i:], phrase)) for i in starts)


def load(path: Path | None) -> Playbook:
    """The playbook of this file.

    Parts that it leaves out (`meanings`, `plays`, `otherwise`) are the built-in ones.

    Raises OptionError when the file cannot be read or says something that is not understood.

    >>> load(None).plays[0].title
    'Make it right'
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
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise OptionError(
            f'The playbook "{path}" is not valid TOML: {error}. '
            "Correct that line, or start again from docs/playbook.md."
        ) from error
    parts = Playbook.__struct_fields__
    for key in found:
        if key not in parts:
            hint = did_you_mean(key, parts)
            raise OptionError(f'The playbook "{path}" has a part "{key}" that is not known. {hint}')
    return found


def _playbook(found: Mapping[str, Any], source: str) -> Playbook:
    here = _Place(source, "[meanings]")
    table = here.checked(found["meanings"], dict[str, Any], None, _MEANINGS)
    meanings = {name: _phrases(name, phrases, source) for name, phrases in table.items()}
    here = _Place(source, "plays")
    tables = here.checked(found["plays"], list[dict[str, Any]], "is not a list of tables", _PLAYS)
    here = _Place(source, "otherwise")
    last = here.checked(found["otherwise"], dict[str, Any], "is not a table", _OTHERWISE)
    known = (*meanings, *({VALUE} - meanings.keys()))
    plays = tuple(
        _play(each, _place_of(each, i, source), known) for i, each in enumerate(tables, 1)
    )
    otherwise = {"key": "otherwise", **last, "when": []}
    return Playbook(meanings, plays, _play(otherwise, _Place(source, "[otherwise]"), known))


_MEANINGS = 'lines such as income = ["income", "salary"]'
_PLAYS = "each play begins with a line [[plays]]"
_OTHERWISE = "a line [otherwise], then title and text"
_PHRASES = 'a list of words, such as ["income", "salary"]'


def _phrases(name: str, phrases: Any, source: str) -> tuple[tuple[str, ...], ...]:
    here = _Place(source, f'the meaning "{name}"')
    found = here.checked(phrases, list[str], None, _PHRASES)
    if not all(phrase.strip() for phrase in found):
        raise here.wrong(f"is {phrases!r}", _PHRASES)
    return tuple(tuple(plain(phrase).split()) for phrase in found)


def _place_of(play: Mapping[str, Any], number: int, source: str) -> _Place:
    named = f' ("{play["title"]}")' if "title" in play else ""
    return _Place(source, f"play {number}{named}")


def _play(found: Mapping[str, Any], here: _Place, known: tuple[str, ...]) -> Play:
    fields = {field.name: field for field in msgspec.structs.fields(Play)}
    for name in found:
        if name not in fields:
            right = f"key, title, text, when and stake only. {did_you_mean(name, fields)}"
            raise here.wrong(f'has "{name}"', right)
    for name, field in fields.items():
        if field.required and name not in found:
            raise here.wrong(f'has no "{name}"', "key, title, text and when")
    values = {name: _field(fields[name], found[name], here) for name in found if name != "when"}
    values["text"] = " ".join(values["text"].split())
    return Play(**values, when=_when(found["when"], here, known))


def _field(field: FieldInfo, value: Any, here: _Place) -> Any:
    words = " or ".join(f'"{word}"' for word in get_args(field.type))
    right = words or f"{field.name} in quotes"
    return here.checked(value, field.type, f"has {field.name} = {value!r}", right)


def _when(when: Any, here: _Place, known: tuple[str, ...]) -> tuple[Condition, ...]:
    options = when if isinstance(when, list) else [when]
    return tuple(_condition(option, here, known) for option in options)


def _condition(option: Any, here: _Place, known: tuple[str, ...]) -> Condition:
    what, right = f"has when = {option!r}", 'when = { spending = "high" }'
    wanted = here.checked(option, dict[str, Any], what, right)
    if not wanted:
        raise here.wrong(what, right)
    for meaning in wanted:
        if meaning not in known:
            right = f"one of [meanings]. {did_you_mean(meaning, known)}"
            raise here.wrong(f'asks for the meaning "{meaning}"', right)
    return {meaning: _levels(meaning, levels, here) for meaning, levels in wanted.items()}


def _levels(meaning: str, levels: Any, here: _Place) -> tuple[Level, ...]:
    right = ", ".join(f'"{level}"' for level in get_args(Level))
    each = levels if isinstance(levels, list) else [levels]
    return tuple(
        here.checked(level, Level, f"asks for {meaning} = {level!r}", right) for level in each
    )


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
