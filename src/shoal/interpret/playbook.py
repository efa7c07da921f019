"""The playbook: what columns mean, and which play fits which levels. A readable file that people can replace."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from importlib import resources
from pathlib import Path
from typing import Any

from shoal.errors import OptionError, did_you_mean
from shoal.text.headers import plain, words

LEVELS = ("very low", "low", "middle", "high", "very high")
STAKES = ("keep", "raise", "none")
BUILT_IN_MEANINGS = (
    "value",
)  # known without a column name: the column that shares of value are computed on


@dataclass(frozen=True)
class Play:
    """One thing to do, and when."""

    key: str
    title: str
    text: str
    when: tuple[Mapping[str, tuple[str, ...]], ...]  # any of these: meaning → levels that fit
    stake: str  # one of STAKES


@dataclass(frozen=True)
class Playbook:
    """Plays in order of precedence, and the words by which the meaning of a column is known."""

    meanings: Mapping[
        str, tuple[tuple[str, ...], ...]
    ]  # meaning → phrases, each a tuple of patterns
    plays: tuple[Play, ...]
    otherwise: Play

    def meaning_of(self, header: str) -> str:
        """The first meaning one of whose phrases stands in the header; "" when unknown.

        >>> load(None).meaning_of("Ingreso_anual"), load(None).meaning_of("Days_since_enroll"), load(None).meaning_of("x7")
        ('potential', 'tenure', '')
        """
        told = tuple(plain(w) for w in words(header))
        for meaning, phrases in self.meanings.items():
            if any(_holds(told, phrase) for phrase in phrases):
                return meaning
        return ""


def _holds(told: tuple[str, ...], phrase: tuple[str, ...]) -> bool:
    spots = range(len(told) - len(phrase) + 1)
    return any(
        all(fnmatchcase(told[i + j], pattern) for j, pattern in enumerate(phrase)) for i in spots
    )


def load(path: Path | None) -> Playbook:
    """The playbook of this file; parts that it leaves out (`meanings`, `plays`, `otherwise`) are the built-in ones.

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
            f'The playbook "{path}" is not valid TOML: {error}. Correct that line, or start again from docs/playbook.md.'
        ) from error
    for key in found:
        if key not in ("meanings", "plays", "otherwise"):
            hint = did_you_mean(key, ("meanings", "plays", "otherwise"))
            raise OptionError(f'The playbook "{path}" has a part "{key}" that is not known. {hint}')
    return found


def _playbook(found: Mapping[str, Any], source: str) -> Playbook:
    table = found["meanings"]
    if not isinstance(table, dict):
        raise _wrong(
            source, "[meanings]", f"is {table!r}", 'lines such as income = ["income", "salary"]'
        )
    meanings = {name: _phrases(name, phrases, source) for name, phrases in table.items()}
    plays = found["plays"]
    if not isinstance(plays, list) or not all(isinstance(p, dict) for p in plays):
        raise _wrong(
            source, "plays", "is not a list of tables", "each play begins with a line [[plays]]"
        )
    if not isinstance(found["otherwise"], dict):
        raise _wrong(
            source, "otherwise", "is not a table", "a line [otherwise], then title and text"
        )
    known = (*meanings, *(b for b in BUILT_IN_MEANINGS if b not in meanings))
    read = tuple(_play(p, i + 1, known, source) for i, p in enumerate(plays))
    return Playbook(
        meanings,
        read,
        _play({"key": "otherwise", **found["otherwise"], "when": []}, 0, known, source),
    )


def _phrases(name: str, phrases: Any, source: str) -> tuple[tuple[str, ...], ...]:
    if not isinstance(phrases, list) or not all(isinstance(p, str) and p.strip() for p in phrases):
        raise _wrong(
            source,
            f'the meaning "{name}"',
            f"is {phrases!r}",
            'a list of words, such as ["income", "salary"]',
        )
    return tuple(tuple(plain(p).split()) for p in phrases)


def _play(found: Mapping[str, Any], number: int, known: tuple[str, ...], source: str) -> Play:
    where = (
        f"play {number}" + (f' ("{found["title"]}")' if "title" in found else "")
        if number
        else "[otherwise]"
    )
    for key in ("key", "title", "text", "when"):
        if key not in found:
            raise _wrong(source, where, f'has no "{key}"', "key, title, text and when")
        if key != "when" and not isinstance(found[key], str):
            raise _wrong(source, where, f"has {key} = {found[key]!r}", f"{key} in quotes")
    for key in found:
        if key not in ("key", "title", "text", "when", "stake"):
            raise _wrong(source, where, f'has "{key}"', "key, title, text, when and stake only")
    stake = found.get("stake", "none")
    if stake not in STAKES:
        raise _wrong(source, where, f"has stake = {stake!r}", " or ".join(f'"{s}"' for s in STAKES))
    options = found["when"] if isinstance(found["when"], list) else [found["when"]]
    when = tuple(_when(option, where, known, source) for option in options)
    return Play(found["key"], found["title"], " ".join(found["text"].split()), when, stake)


def _when(
    option: Any, where: str, known: tuple[str, ...], source: str
) -> dict[str, tuple[str, ...]]:
    if not isinstance(option, dict) or not option:
        raise _wrong(source, where, f"has when = {option!r}", 'when = { spending = "high" }')
    made = {}
    for meaning, levels in option.items():
        if meaning not in known:
            raise _wrong(
                source,
                where,
                f'asks for the meaning "{meaning}"',
                f"one of [meanings]. {did_you_mean(meaning, known)}",
            )
        wanted = levels if isinstance(levels, list) else [levels]
        for level in wanted:
            if level not in LEVELS:
                raise _wrong(
                    source,
                    where,
                    f"asks for {meaning} = {level!r}",
                    ", ".join(f'"{w}"' for w in LEVELS),
                )
        made[meaning] = tuple(wanted)
    return made


def _wrong(source: str, where: str, what: str, right: str) -> OptionError:
    stop = "" if right.endswith((".", "?")) else "."
    return OptionError(
        f"In {source}, {where} {what}. Right would be: {right}{stop} See docs/playbook.md."
    )


def fits(level: str, wanted: tuple[str, ...]) -> bool:
    """Whether a level is among those wanted; "high" takes in "very high", "low" takes in "very low".

    >>> fits("very high", ("high",)), fits("high", ("very high",))
    (True, False)
    """
    return level in wanted or level.removeprefix("very ") in wanted
